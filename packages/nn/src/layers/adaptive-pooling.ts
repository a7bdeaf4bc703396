// Pooling to a given size, whatever the size of the input. One code for any number of axes.

import { type DType, type PerAxis, ShapeError, type Tensor, tensor } from "@adjoint/autograd";
import { checkTensor } from "../arguments.ts";
import type { Layer } from "../layer.ts";
import { made } from "../made.ts";
import { checkAxes, eachAxis, listText } from "./axes.ts";

/** The windows along one axis of n elements: window i has those from ⌊i·n/m⌋ to below ⌈(i + 1)·n/m⌉. */
interface Windows {
  readonly longest: number;
  /** Which elements, window by window; where a window is shorter than the longest one, its last element again. */
  readonly from: readonly number[];
  /** Which of these belong to their window. */
  readonly isInside: readonly boolean[];
}

function windowsOf(n: number, m: number): Windows {
  const bounds = Array.from({ length: m }, (_, i) => [
    Math.floor((i * n) / m),
    Math.ceil(((i + 1) * n) / m),
  ]) as [number, number][];
  const longest = bounds.reduce((most, [start, end]) => Math.max(most, end - start), 0);
  const places = bounds.flatMap(([start, end]) =>
    Array.from({ length: longest }, (_, k) => [Math.min(start + k, end - 1), start + k < end] as const),
  );
  return { longest, from: places.map(([place]) => place), isInside: places.map(([, inside]) => inside) };
}

/** How the numbers of a window are combined. */
interface Reduction {
  /** What stands in a window of numbers of a type where it is shorter than the longest one. */
  outside(dtype: DType): number;
  /** `counts` gives how many numbers each window has; null where all have as many. */
  reduce(windows: Tensor, axis: readonly number[], counts: (() => Tensor) | null): Tensor;
}

const largest: Reduction = {
  outside: (dtype) => (dtype === "int32" ? -(2 ** 31) : -Infinity),
  reduce: (windows, axis) => windows.max({ axis }),
};

const mean: Reduction = {
  outside: () => 0,
  reduce: (windows, axis, counts) =>
    counts === null ? windows.mean({ axis }) : windows.sum({ axis }).div(counts()),
};

function layerOf(name: string, axes: number, { outside, reduce }: Reduction, size: PerAxis<number>): Layer {
  const sizes = eachAxis(name, "the size", axes, size);
  const layer: Layer = {
    forward(x) {
      checkTensor(name, "the input", x);
      checkAxes(name, x, axes);
      const [batch, channels, ...ins] = x.shape as readonly [number, number, ...number[]];
      if (ins.some((n) => n < 1))
        throw new ShapeError(`${name}: input [${x.shape.join(", ")}] has no elements to pool`);
      const along = sizes.map((m, k) => windowsOf(ins[k]!, m));
      // [batch, channels, m₁, longest₁, m₂, longest₂, …]. Windows of one length that don't overlap are a mere reshape.
      const taken = along.reduce(
        (result: Tensor, { from }, k): Tensor =>
          ins[k]! % sizes[k]! === 0 ? result : result.gather(tensor(Int32Array.from(from)), { axis: 2 + k }),
        x,
      );
      const windows = taken.reshape([
        batch,
        channels,
        ...along.flatMap(({ longest }, k) => [sizes[k]!, longest]),
      ]);
      const within = sizes.map((_, k) => 3 + 2 * k);
      if (along.every(({ isInside }) => isInside.every(Boolean))) return reduce(windows, within, null);
      const isInside = along
        .map(({ isInside, longest }, k): Tensor => {
          const shape = sizes.flatMap((m, other) => (other === k ? [m, longest] : [1, 1]));
          return tensor([...isInside], { shape });
        })
        .reduce((a, b) => a.and(b));
      const counts = (): Tensor => isInside.cast(x.dtype).sum({ axis: within.map((axis) => axis - 2) });
      return reduce(isInside.select(windows, outside(x.dtype)), within, counts);
    },
    toString: () => `${name}(${listText(sizes)})`,
  };
  return made(layer, name, size);
}

/**
 * The largest of each of `size` windows, which cover the axis: [batch, channels, length] → [batch, channels, size]. Window i has
 * the elements from ⌊i·length/size⌋ to below ⌈(i + 1)·length/size⌉. Equal ones share the gradient. PyTorch's
 * `AdaptiveMaxPool1d`. Throws ShapeError for an input that is empty or has other axes.
 */
export const adaptiveMaxPool1d = (size: number): Layer => layerOf("adaptiveMaxPool1d", 1, largest, size);

/**
 * As `adaptiveMaxPool1d`, along two axes: [batch, channels, height, width] → [batch, channels, size, size], or a size for each.
 * PyTorch's `AdaptiveMaxPool2d`. Throws ShapeError for an input that is empty or has other axes.
 */
export const adaptiveMaxPool2d = (size: number | readonly [number, number]): Layer =>
  layerOf("adaptiveMaxPool2d", 2, largest, size);

/**
 * The mean of each of `size` windows, which are those of `adaptiveMaxPool1d`: [batch, channels, length] → [batch, channels,
 * size]. PyTorch's `AdaptiveAvgPool1d`. Throws ShapeError for an input that is empty or has other axes.
 */
export const adaptiveAveragePool1d = (size: number): Layer => layerOf("adaptiveAveragePool1d", 1, mean, size);

/**
 * As `adaptiveAveragePool1d`, along two axes: [batch, channels, height, width] → [batch, channels, size, size], or a size for
 * each; size 1 is the mean of each channel. PyTorch's `AdaptiveAvgPool2d`. Throws as that does.
 */
export const adaptiveAveragePool2d = (size: number | readonly [number, number]): Layer =>
  layerOf("adaptiveAveragePool2d", 2, mean, size);
