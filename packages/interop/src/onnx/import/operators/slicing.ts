// Parts of a tensor along its axes.

import type { Tensor } from "@adjoint/autograd";
import { type Datum, moved } from "../datum.ts";
import type { NodeReader } from "../node-reader.ts";
import { axesOf, axisOf, MANY, type Operators } from "./operator.ts";

/** The indices of a part along an axis as Slice says them: the first, how many, and how far apart. */
interface Taken {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

function sliced(x: Tensor, parts: readonly Taken[]): Tensor {
  let result = x;
  for (const { axis, start, end, step } of parts) {
    const n = result.shape[axis]!;
    const clamp = (i: number, low: number, high: number) => Math.min(Math.max(i < 0 ? i + n : i, low), high);
    const [from, to] =
      step > 0 ? [clamp(start, 0, n), clamp(end, 0, n)] : [clamp(start, 0, n - 1), clamp(end, -1, n - 1)];
    const isBack = step < 0;
    const own = isBack ? result.flip({ axis }) : result;
    const [first, last] = isBack ? [n - 1 - from, n - 1 - to] : [from, to];
    // A step beyond the axis takes the first element only.
    const stride = Math.min(Math.abs(step), Math.max(1, n));
    result = own.slice(
      ...own.shape.map((_, k) => (k === axis ? ([first, Math.max(first, last), stride] as const) : null)),
    );
  }
  return result;
}

function slices(node: NodeReader, x: Datum, lists: readonly (readonly number[] | null)[]): Datum {
  const [starts, ends] = lists as [readonly number[], readonly number[]];
  const axes = axesOf(node, lists[2] ?? starts.map((_, axis) => axis), x.rank);
  const steps = lists[3] ?? starts.map(() => 1);
  if (ends.length !== starts.length || axes.length !== starts.length || steps.length !== starts.length)
    node.refuse("starts, ends, axes and steps differ in length");
  if (steps.includes(0)) node.refuse("a step is 0");
  const parts = axes.map((axis, i) => ({ axis, start: starts[i]!, end: ends[i]!, step: steps[i]! }));
  return moved(x, (own) => sliced(own, parts));
}

/** Into which sizes an axis is split. */
function splitSizes(node: NodeReader, n: number, given: readonly number[] | null): readonly number[] {
  const parts = node.outputs;
  if (given !== null) {
    if (
      given.length !== parts ||
      given.some((size) => size < 0) ||
      given.reduce((a, size) => a + size, 0) !== n
    )
      node.refuse(`an axis of ${n} can't be split into the sizes [${given.join(", ")}] for ${parts} outputs`);
    return given;
  }
  const size = Math.ceil(n / parts);
  if (n % parts !== 0 && (node.opset < 18 || size * (parts - 1) > n))
    node.refuse(`an axis of ${n} can't be split into ${parts} equal parts`);
  return Array.from({ length: parts }, (_, i) => (i < parts - 1 ? size : n - size * (parts - 1)));
}

export const slicing: Operators = {
  Slice: {
    since: 1,
    inputs: [1, 5],
    settings: [1, 2, 3, 4],
    prepare(node) {
      if (node.opset >= 10) {
        if (node.inputs < 3) node.refuse("it has no starts and ends");
        return ([x, ...lists]) =>
          slices(
            node,
            x!,
            [0, 1, 2, 3].map((i) => lists[i]?.numbers("where a slice begins and ends") ?? null),
          );
      }
      if (node.inputs > 1) node.refuse("its starts and ends are attributes before version 10");
      const [starts, ends, axes] = [node.bounds("starts"), node.bounds("ends"), node.ints("axes")];
      if (starts === null || ends === null) node.refuse("it has no starts and ends");
      return ([x]) => slices(node, x!, [starts, ends, axes, null]);
    },
  },
  Split: {
    since: 2,
    inputs: [1, 2],
    outputs: MANY,
    settings: [1],
    prepare(node) {
      const axis = node.int("axis", 0);
      const attribute = node.opset < 13 ? node.ints("split") : null;
      if (node.opset < 13 && node.inputs > 1) node.refuse("its sizes are an attribute before version 13");
      if (node.opset >= 18) {
        const count = node.int("num_outputs", node.outputs);
        if (count !== node.outputs)
          node.refuse(`num_outputs is ${count}, and it has ${node.outputs} outputs`);
      }
      return ([x, given]) => {
        const at = axisOf(node, axis, x!.rank);
        const sizes = splitSizes(node, x!.shape[at]!, given?.numbers("the sizes of a split") ?? attribute);
        let from = 0;
        return sizes.map((size) => {
          const start = from;
          from += size;
          return moved(x!, (own) =>
            own.slice(...own.shape.map((_, k) => (k === at ? ([start, start + size] as const) : null))),
          );
        });
      };
    },
  },
};
