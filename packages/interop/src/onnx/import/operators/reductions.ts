// Reductions over axes. Before version 18 (13 for sums) the axes are an attribute, from then on an input.

import { full, type Tensor } from "@adjoint/autograd";
import { Datum, mapWhole } from "../datum.ts";
import { isFloatType, isWide } from "../element-types.ts";
import type { NodeReader } from "../node-reader.ts";
import { axesOf, type Operator, type Operators } from "./operator.ts";
import { checkedInt32, larger, narrowed, smaller } from "./whole.ts";

interface Over {
  readonly axis: readonly number[];
  readonly keepDims: true;
}

interface ReductionOf {
  /** The reduction of floats. */
  readonly float: (x: Tensor, over: Over) => Tensor;
  /** What nothing is reduced to; null where that is an error. */
  readonly empty: number | null;
  /** Whether whole numbers are reduced as they are; else as float64, and what follows drops the fraction. */
  readonly keepsWhole?: boolean;
  /** Two known whole numbers in one, for shapes. */
  readonly fold?: (a: bigint, b: bigint) => bigint;
}

/** Over which axes a node reduces, at each call; null for none at all. */
function axesReader(
  node: NodeReader,
  inputFrom: number,
): (x: Datum, axes: Datum | undefined) => number[] | null {
  if (node.opset < inputFrom) {
    if (node.inputs > 1) node.refuse(`its axes are an attribute before version ${inputFrom}`);
    const axes = node.ints("axes");
    return (x) => axesOf(node, axes ?? x.shape.map((_, axis) => axis), x.rank);
  }
  const isNoop = node.flag("noop_with_empty_axes");
  return (x, axes) => {
    const given = axes?.numbers("the axes of a reduction") ?? [];
    if (given.length > 0) return axesOf(node, given, x.rank);
    return isNoop ? null : x.shape.map((_, axis) => axis);
  };
}

function foldWhole(x: Datum, axes: readonly number[], fold: (a: bigint, b: bigint) => bigint): Datum {
  const kept = x.shape.map((n, axis) => (axes.includes(axis) ? 1 : n));
  let steps = 1;
  const strides = kept.map(() => 0);
  for (let axis = kept.length - 1; axis >= 0; axis--) {
    strides[axis] = kept[axis] === 1 ? 0 : steps;
    steps *= kept[axis]!;
  }
  const sums = new Array<bigint | undefined>(steps);
  const place = x.shape.map(() => 0);
  for (const value of x.whole!) {
    const at = place.reduce((sum, i, axis) => sum + i * strides[axis]!, 0);
    const before = sums[at];
    sums[at] = before === undefined ? value : fold(before, value);
    for (let axis = place.length - 1; axis >= 0; axis--) {
      if (++place[axis]! < x.shape[axis]!) break;
      place[axis] = 0;
    }
  }
  return mapWhole(
    x.type,
    [
      Datum.ofWhole(
        x.type,
        kept,
        sums.map((sum) => sum!),
      ),
    ],
    (sum) => sum!,
  );
}

function reduced(x: Datum, axes: readonly number[], f: ReductionOf, node: NodeReader): Datum {
  const over: Over = { axis: axes, keepDims: true };
  const kept = x.shape.map((n, axis) => (axes.includes(axis) ? 1 : n));
  if (axes.some((axis) => x.shape[axis] === 0)) {
    if (f.empty === null) node.refuse("nothing is reduced: an axis has size 0");
    return x.with(full(kept, f.empty, { dtype: x.tensor.dtype }));
  }
  if (axes.length === 0 && f.keepsWhole === true) return x;
  if (isFloatType(x.type) || x.type === "bool") return x.with(f.float(x.tensor, over));
  if (x.whole !== null && f.fold !== undefined) return foldWhole(x, axes, f.fold);
  if (f.keepsWhole === true && !isWide(x.type)) return x.with(narrowed(f.float(x.tensor, over), x.type));
  return x.with(checkedInt32(f.float(x.tensor.cast("float64"), over).trunc(), x.type));
}

const without = (x: Datum, axes: readonly number[]): Datum => {
  const rest = x.shape.filter((_, axis) => !axes.includes(axis));
  return x.whole === null ? x.with(x.tensor.reshape(rest)) : Datum.ofWhole(x.type, rest, x.whole);
};

const reduction = (f: ReductionOf, inputFrom = 18, noop: (x: Tensor) => Tensor = (x) => x): Operator => ({
  since: 1,
  inputs: [1, 2],
  settings: [1],
  prepare(node) {
    const keepDims = node.flag("keepdims", true);
    const read = axesReader(node, inputFrom);
    return ([x, given]) => {
      const axes = read(x!, given);
      // Without axes nothing is summed, and what is done to each element is done.
      if (axes === null) return isFloatType(x!.type) ? x!.with(noop(x!.tensor)) : x!;
      const result = reduced(x!, axes, f, node);
      return keepDims ? result : without(result, axes);
    };
  },
});

const absolute = (x: Tensor): Tensor => x.abs();

/** The place of the greatest or least element along one axis. */
const argument = (find: (x: Tensor, axis: number) => Tensor): Operator => ({
  since: 1,
  inputs: [1, 1],
  prepare(node) {
    const [axis, keepDims] = [node.int("axis", 0), node.flag("keepdims", true)];
    const isLast = node.opset >= 12 && node.flag("select_last_index");
    return ([x]) => {
      const [at] = axesOf(node, [axis], x!.rank) as [number];
      const own = x!.tensor;
      const place = isLast
        ? find(own.flip({ axis: at }), at)
            .mul(-1)
            .add(x!.shape[at]! - 1)
        : find(own, at);
      return Datum.of(keepDims ? place.expandDims(at) : place, "int64");
    };
  },
});

/** Running sums or products along an axis. */
const running = (
  since: number,
  start: number,
  run: (x: Tensor, along: { readonly axis: number; readonly reverse: boolean }) => Tensor,
): Operator => ({
  since,
  inputs: [2, 2],
  settings: [1],
  prepare(node) {
    const [exclusive, reverse] = [node.flag("exclusive"), node.flag("reverse")];
    return ([x, along]) => {
      const [axis] = axesOf(node, [along!.number("the axis")], x!.rank) as [number];
      const total = (own: Tensor): Tensor => {
        const sums = run(own, { axis, reverse });
        if (!exclusive) return sums;
        const n = own.shape[axis]!;
        const part = sums.slice(
          ...own.shape.map((_, k): readonly [number?, number?] =>
            k !== axis ? [] : reverse ? [1] : [0, n - 1],
          ),
        );
        const widths = own.shape.map((_, k): [number, number] =>
          k !== axis ? [0, 0] : reverse ? [0, 1] : [1, 0],
        );
        return part.pad(widths, { value: start });
      };
      const own = x!.tensor;
      if (isFloatType(x!.type)) return x!.with(total(own));
      return x!.with(
        isWide(x!.type) ? checkedInt32(total(own.cast("float64")), x!.type) : narrowed(total(own), x!.type),
      );
    };
  },
});

export const reductions: Operators = {
  ArgMax: argument((x, axis) => x.argmax({ axis })),
  ArgMin: argument((x, axis) => x.argmin({ axis })),
  CumProd: running(26, 1, (x, along) => x.cumprod(along)),
  CumSum: running(11, 0, (x, along) => x.cumsum(along)),
  ReduceL1: reduction({ float: (x, over) => x.abs().sum(over), empty: 0 }, 18, absolute),
  ReduceL2: reduction({ float: (x, over) => x.square().sum(over).sqrt(), empty: 0 }, 18, absolute),
  ReduceLogSum: reduction({ float: (x, over) => x.sum(over).log(), empty: -Infinity }, 18, (x) => x.log()),
  ReduceLogSumExp: reduction({ float: (x, over) => x.logSumExp(over), empty: -Infinity }),
  ReduceMax: reduction({
    float: (x, over) => x.max(over),
    empty: -Infinity,
    keepsWhole: true,
    fold: larger,
  }),
  ReduceMean: reduction({ float: (x, over) => x.mean(over), empty: NaN }),
  ReduceMin: reduction({
    float: (x, over) => x.min(over),
    empty: Infinity,
    keepsWhole: true,
    fold: smaller,
  }),
  ReduceProd: reduction({
    float: (x, over) => x.prod(over),
    empty: 1,
    keepsWhole: true,
    fold: (a, b) => a * b,
  }),
  ReduceSum: reduction(
    { float: (x, over) => x.sum(over), empty: 0, keepsWhole: true, fold: (a, b) => a + b },
    13,
  ),
  ReduceSumSquare: reduction({ float: (x, over) => x.square().sum(over), empty: 0 }, 18, (x) => x.square()),
};
