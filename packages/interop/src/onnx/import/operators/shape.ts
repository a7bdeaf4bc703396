// Shapes: what they are, and elements under other ones. Shapes are whole numbers that are known, so that what is computed from them
// is known too, also while a function is compiled.

import { concat, type Tensor } from "@adjoint/autograd";
import { broadcastShape, Datum, moved, movedTogether } from "../datum.ts";
import type { NodeReader } from "../node-reader.ts";
import { checkedSizes } from "./constants.ts";
import { axesOf, axisOf, MANY, type Operators } from "./operator.ts";

/** Axes that are an attribute before some version, and an input from it on; null where they are not given. */
export function axesSource(
  node: NodeReader,
  inputFrom: number,
): (axes: Datum | undefined) => readonly number[] | null {
  if (node.opset >= inputFrom) return (axes) => axes?.numbers("axes") ?? null;
  if (node.inputs > 1) node.refuse(`its axes are an attribute before version ${inputFrom}`);
  const axes = node.ints("axes");
  return () => axes;
}

/** The shape that a Reshape asks for: 0 keeps a size, and −1 is what is left. */
function reshaped(node: NodeReader, x: Datum, asked: readonly number[], allowZero: boolean): number[] {
  const sizes = asked.map((n, axis) => {
    if (n !== 0 || allowZero) return n;
    return (
      x.shape[axis] ?? node.refuse(`size 0 of axis ${axis} keeps a size that [${x.shape.join(", ")}] has not`)
    );
  });
  const product = sizes.filter((n) => n !== -1).reduce((a, n) => a * n, 1);
  const open = sizes.filter((n) => n === -1).length;
  const fits = open === 0 ? product === x.size : open === 1 && product !== 0 && x.size % product === 0;
  if (!fits || sizes.some((n) => n < -1))
    node.refuse(`[${x.shape.join(", ")}], ${x.size} elements, can't have the shape [${asked.join(", ")}]`);
  return sizes.map((n) => (n === -1 ? x.size / product : n));
}

/** Blocks of depth as squares, and back. */
function depthToSpace(node: NodeReader, x: Tensor, size: number, isColumnFirst: boolean): Tensor {
  const [n, channels, height, width] = x.shape as [number, number, number, number];
  if (x.rank !== 4 || size < 1 || channels % size ** 2 !== 0)
    node.refuse(`[${x.shape.join(", ")}] has no channels that make blocks of ${size} × ${size}`);
  const depth = channels / size ** 2;
  return isColumnFirst
    ? x
        .reshape([n, depth, size, size, height, width])
        .permute([0, 1, 4, 2, 5, 3])
        .reshape([n, depth, height * size, width * size])
    : x
        .reshape([n, size, size, depth, height, width])
        .permute([0, 3, 4, 1, 5, 2])
        .reshape([n, depth, height * size, width * size]);
}

function spaceToDepth(node: NodeReader, x: Tensor, size: number): Tensor {
  const [n, channels, height, width] = x.shape as [number, number, number, number];
  if (x.rank !== 4 || size < 1 || height % size !== 0 || width % size !== 0)
    node.refuse(`[${x.shape.join(", ")}] is not made of blocks of ${size} × ${size}`);
  return x
    .reshape([n, channels, height / size, size, width / size, size])
    .permute([0, 3, 5, 1, 2, 4])
    .reshape([n, channels * size ** 2, height / size, width / size]);
}

/** The part of a shape between two axes. */
function shapePart(shape: readonly number[], start: number, end: number): readonly number[] {
  const bound = (axis: number) => Math.min(Math.max(axis < 0 ? axis + shape.length : axis, 0), shape.length);
  return shape.slice(bound(start), bound(end));
}

export const shapes: Operators = {
  Concat: {
    since: 4,
    inputs: [1, MANY],
    prepare(node) {
      const axis = node.int("axis");
      return (operands) => {
        const all = operands.map((each) => each!);
        const at = axisOf(node, axis, all[0]!.rank);
        return movedTogether(all, (tensors) => concat(tensors, { axis: at }) as Tensor);
      };
    },
  },
  DepthToSpace: {
    since: 1,
    inputs: [1, 1],
    prepare(node) {
      const size = node.int("blocksize");
      const isColumnFirst = node.opset >= 11 && node.oneOf("mode", ["DCR", "CRD"], "DCR") === "CRD";
      return ([x]) => moved(x!, (own) => depthToSpace(node, own, size, isColumnFirst));
    },
  },
  Expand: {
    since: 8,
    inputs: [2, 2],
    settings: [1],
    prepare(node) {
      return ([x, shape]) => {
        const asked = checkedSizes(node, shape!.numbers("a shape"));
        return moved(x!, (own) => own.broadcastTo(broadcastShape([x!.shape, asked])));
      };
    },
  },
  Flatten: {
    since: 1,
    inputs: [1, 1],
    prepare(node) {
      const axis = node.int("axis", 1);
      return ([x]) => {
        const at = axis === x!.rank ? axis : axisOf(node, axis, x!.rank);
        const rows = x!.shape.slice(0, at).reduce((a, n) => a * n, 1);
        const columns = x!.shape.slice(at).reduce((a, n) => a * n, 1);
        return moved(x!, (own) => own.reshape([rows, columns]));
      };
    },
  },
  Identity: {
    since: 1,
    inputs: [1, 1],
    prepare:
      () =>
      ([x]) =>
        x!,
  },
  Reshape: {
    since: 5,
    inputs: [2, 2],
    settings: [1],
    prepare(node) {
      const allowZero = node.opset >= 14 && node.flag("allowzero");
      return ([x, shape]) => {
        const sizes = reshaped(node, x!, shape!.numbers("a shape"), allowZero);
        return moved(x!, (own) => own.reshape(sizes));
      };
    },
  },
  Shape: {
    since: 1,
    inputs: [1, 1],
    prepare(node) {
      const start = node.opset >= 15 ? node.int("start", 0) : 0;
      const end = node.opset >= 15 && node.has("end") ? node.int("end") : Infinity;
      return ([x]) => Datum.vector(shapePart(x!.shape, start, end));
    },
  },
  Size: {
    since: 1,
    inputs: [1, 1],
    prepare:
      () =>
      ([x]) =>
        Datum.ofWhole("int64", [], [BigInt(x!.size)]),
  },
  SpaceToDepth: {
    since: 1,
    inputs: [1, 1],
    prepare(node) {
      const size = node.int("blocksize");
      return ([x]) => moved(x!, (own) => spaceToDepth(node, own, size));
    },
  },
  Squeeze: {
    since: 1,
    inputs: [1, 2],
    settings: [1],
    prepare(node) {
      const source = axesSource(node, 13);
      return ([x, given]) => {
        const axes = source(given);
        return moved(x!, (own) =>
          axes === null ? own.squeeze() : own.squeeze({ axis: axesOf(node, axes, x!.rank) }),
        );
      };
    },
  },
  Tile: {
    since: 6,
    inputs: [2, 2],
    settings: [1],
    prepare(node) {
      return ([x, repeats]) => {
        const times = checkedSizes(node, repeats!.numbers("how often to repeat"));
        if (times.length !== x!.rank) node.refuse(`${times.length} repeats for ${x!.rank} axes`);
        return moved(x!, (own) => own.tile(times));
      };
    },
  },
  Transpose: {
    since: 1,
    inputs: [1, 1],
    prepare(node) {
      const order = node.ints("perm");
      return ([x]) => {
        const axes = order ?? x!.shape.map((_, axis) => x!.rank - 1 - axis);
        if (axes.length !== x!.rank) node.refuse(`perm has ${axes.length} axes, and the input ${x!.rank}`);
        return moved(x!, (own) => own.permute(axesOf(node, axes, x!.rank)));
      };
    },
  },
  Unsqueeze: {
    since: 1,
    inputs: [1, 2],
    settings: [1],
    prepare(node) {
      const source = axesSource(node, 13);
      return ([x, given]) => {
        const axes = source(given) ?? node.refuse("it has no axes");
        const rank = x!.rank + axes.length;
        const added = axesOf(node, axes, rank);
        let next = 0;
        const shape = Array.from({ length: rank }, (_, axis) =>
          added.includes(axis) ? 1 : x!.shape[next++]!,
        );
        return moved(x!, (own) => own.reshape(shape));
      };
    },
  },
};
