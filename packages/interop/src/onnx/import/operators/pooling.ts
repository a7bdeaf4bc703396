// Pooling: the largest, the mean or the norm of each window, or of everything.

import { type Tensor, tensor } from "@adjoint/autograd";
import { Datum, floats } from "../datum.ts";
import { isFloatType, stored } from "../element-types.ts";
import type { NodeReader } from "../node-reader.ts";
import type { Operator, Operators } from "./operator.ts";
import { type WindowSettings, type Windows, windowSettings, windowsOver } from "./windows.ts";

/** The elements of each window as the last axis: [batch, channels, windows…, elements]. */
function elementsOf(
  x: Tensor,
  { sizes, strides, dilations, reach, counts }: Windows,
  outside: number,
): Tensor {
  const around: [number, number][] = reach.map(([before, after]) => [before, after]);
  const padded: Tensor = around.flat().every((n) => n === 0)
    ? x
    : x.pad([[0, 0], [0, 0], ...around], { value: outside });
  const seen: Tensor = padded.windows({ sizes, strides, dilations });
  // There may be room for a window more than there are.
  const counted = seen.slice(null, null, ...counts.map((n) => [0, n] as const));
  return counted.reshape([...x.shape.slice(0, 2), ...counts, sizes.reduce((product, n) => product * n, 1)]);
}

function pooled(node: NodeReader, settings: WindowSettings, x: Datum): Windows {
  if (x.rank < 3) node.refuse(`the input [${x.shape.join(", ")}] has no axes behind batch and channels`);
  const sizes = settings.sizes ?? node.refuse('the attribute "kernel_shape" is missing');
  return windowsOver(node, settings, sizes, x.shape.slice(2));
}

/** How many elements of each window lie in the input, or also in the padding that the node says. */
function countsOf(
  { sizes, strides, dilations, pads, counts }: Windows,
  over: readonly number[],
  withPadding: boolean,
): Tensor {
  const perAxis = over.map((n, axis) => {
    const [before, after] = pads[axis]!;
    const [from, to] = withPadding ? [-before, n + after] : [0, n];
    return Array.from({ length: counts[axis]! }, (_, i) => {
      const start = i * strides[axis]! - before;
      const places = Array.from({ length: sizes[axis]! }, (_, k) => start + k * dilations[axis]!);
      return places.filter((place) => place >= from && place < to).length;
    });
  });
  return perAxis
    .map((list, axis): Tensor => tensor(list, { shape: [list.length, ...over.slice(axis + 1).map(() => 1)] }))
    .reduce((a, b) => a.mul(b));
}

/** For each window, where in its [batch, channels, ...] the element lies that has a place in the window; row- or column-major. */
function placesOf(
  at: Tensor,
  { sizes, strides, dilations, pads, counts }: Windows,
  shape: readonly number[],
  isColumnMajor: boolean,
): Tensor {
  const over = shape.slice(2);
  const axes = over.length;
  const behind = (list: readonly number[], axis: number) =>
    list.slice(axis + 1).reduce((product, n) => product * n, 1);
  const before = (list: readonly number[], axis: number) =>
    list.slice(0, axis).reduce((product, n) => product * n, 1);
  let place: Tensor | null = null;
  for (let axis = 0; axis < axes; axis++) {
    const start = tensor(
      Int32Array.from({ length: counts[axis]! }, (_, i) => i * strides[axis]! - pads[axis]![0]),
      { shape: [counts[axis]!, ...over.slice(axis + 1).map(() => 1)] },
    );
    const inner = behind(sizes, axis);
    // The place within the window along this axis, of a place among all its elements.
    const along = at.sub(at.mod(inner)).cast("float64").div(inner).cast("int32").mod(sizes[axis]!);
    const own = along
      .mul(dilations[axis]!)
      .add(start)
      .mul(isColumnMajor ? before(over, axis) : behind(over, axis));
    place = place === null ? own : place.add(own);
  }
  const [batch, channels] = shape as [number, number];
  const size = over.reduce((product, n) => product * n, 1);
  const first = tensor(
    Int32Array.from({ length: batch * channels }, (_, i) => i * size),
    { shape: [batch, channels, ...over.map(() => 1)] },
  );
  return place!.add(first);
}

const maxPool: Operator = {
  since: 1,
  inputs: [1, 1],
  outputs: 2,
  prepare(node) {
    const settings = windowSettings(node, { dilations: node.opset >= 10, ceil: node.opset >= 10 });
    const isColumnMajor = node.opset >= 8 && node.flag("storage_order");
    return ([x]) => {
      const windows = pooled(node, settings, x!);
      const least = isFloatType(x!.type) ? -Infinity : Number(stored(x!.type).range![0]);
      const elements = elementsOf(x!.tensor, windows, least);
      const largest = x!.with(elements.max({ axis: -1 }));
      if (!node.wants(1)) return largest;
      const at = elements.argmax({ axis: -1 });
      return [largest, Datum.of(placesOf(at, windows, x!.shape, isColumnMajor), "int64")];
    };
  },
};

/** The pth power's mean root, without the mean: (Σ|x|ᵖ)^(1/p). */
const powerNorm = (
  x: Tensor,
  p: number,
  over: { readonly axis: number | readonly number[]; readonly keepDims?: boolean },
): Tensor => {
  const { axis, keepDims = false } = over;
  if (p === 1) return x.abs().sum({ axis, keepDims });
  if (p === 2) return x.square().sum({ axis, keepDims }).sqrt();
  return x
    .abs()
    .pow(p)
    .sum({ axis, keepDims })
    .pow(1 / p);
};

/** A reduction of all that lies behind batch and channels, whose axes stay with size 1. */
const globally = (reduce: (x: Tensor, axis: readonly number[]) => Tensor): Operator => ({
  since: 1,
  inputs: [1, 1],
  prepare:
    () =>
    ([x]) =>
      x!.with(
        reduce(
          floats(x!, "the input"),
          x!.shape.slice(2).map((_, axis) => axis + 2),
        ),
      ),
});

export const pooling: Operators = {
  AveragePool: {
    since: 1,
    inputs: [1, 1],
    prepare(node) {
      const settings = windowSettings(node, { dilations: node.opset >= 19, ceil: node.opset >= 10 });
      const withPadding = node.opset >= 7 && node.flag("count_include_pad");
      return ([x]) => {
        const own = floats(x!, "the input");
        const windows = pooled(node, settings, x!);
        const counts = countsOf(windows, own.shape.slice(2), withPadding).cast(own.dtype);
        return x!.with(elementsOf(own, windows, 0).sum({ axis: -1 }).div(counts));
      };
    },
  },
  GlobalAveragePool: globally((x, axis) => x.mean({ axis, keepDims: true })),
  GlobalLpPool: {
    since: 2,
    inputs: [1, 1],
    prepare(node) {
      const p = node.int("p", 2);
      return ([x]) => {
        const axis = x!.shape.slice(2).map((_, k) => k + 2);
        return x!.with(powerNorm(floats(x!, "the input"), p, { axis, keepDims: true }));
      };
    },
  },
  GlobalMaxPool: globally((x, axis) => x.max({ axis, keepDims: true })),
  LpPool: {
    since: 2,
    inputs: [1, 1],
    prepare(node) {
      const settings = windowSettings(node, { dilations: node.opset >= 18, ceil: node.opset >= 18 });
      const p = node.int("p", 2);
      return ([x]) =>
        x!.with(
          powerNorm(elementsOf(floats(x!, "the input"), pooled(node, settings, x!), 0), p, { axis: -1 }),
        );
    },
  },
  MaxPool: maxPool,
};
