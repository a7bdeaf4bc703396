// Pooling layers: windows of each channel, each reduced to one number. One code for any number of axes.

import {
  averagePool,
  maxPool,
  type PerAxis,
  type Pooled,
  type Shape,
  ShapeError,
  type Tensor,
} from "@adjoint/autograd";
import { checkOptions, checkTensor } from "../arguments.ts";
import type { ForwardOptions, Layer } from "../layer.ts";
import { made } from "../made.ts";
import { checkAxes, eachAxis, listText } from "./axes.ts";
import type { TwoAxes } from "./convolution.ts";

/** The options of pooling layers. */
export interface PoolingOptions<
  Stride extends PerAxis<number> = PerAxis<number>,
  Around extends PerAxis<number> = PerAxis<number>,
> {
  /** Steps between windows, for all axes or for each; the window's size by default. */
  readonly stride?: Stride;
  /** How much is added at both ends, for all axes or for each, half a window at most; 0 by default. */
  readonly padding?: Around;
}

/** The layer that pooling functions make. */
export interface Pooling<Window extends readonly number[], Stride, Around> extends Layer {
  /** [batch, channels, ...sizes] → [batch, channels, ...sizes′]. */
  forward<X extends Shape>(x: Tensor<X>, options?: ForwardOptions): Tensor<Pooled<X, Window, Stride, Around>>;
}

type Pool = (
  x: Tensor,
  sizes: readonly number[],
  options: { readonly strides: readonly number[]; readonly padding: readonly number[] },
) => Tensor;

function layerOf<Window extends readonly number[], Stride, Around>(
  name: string,
  pool: Pool,
  axes: number,
  window: PerAxis<number>,
  options: PoolingOptions,
): Pooling<Window, Stride, Around> {
  checkOptions(name, options, ["stride", "padding"]);
  const sizes = eachAxis(name, "the window", axes, window);
  const strides = eachAxis(name, "the stride", axes, options.stride ?? sizes);
  const padding = eachAxis(name, "the padding", axes, options.padding ?? 0, 0);
  // Wider, and a window may hold padding alone.
  if (padding.some((width, axis) => 2 * width > sizes[axis]!))
    throw new ShapeError(
      `${name}: padding ${listText(padding)} is more than half the window ${listText(sizes)}; make it smaller`,
    );
  function forward<X extends Shape>(x: Tensor<X>): Tensor<Pooled<X, Window, Stride, Around>>;
  function forward(x: Tensor): Tensor {
    checkTensor(name, "the input", x);
    checkAxes(name, x, axes);
    return pool(x, sizes, { strides, padding });
  }
  return made({ forward, toString: () => `${name}(${listText(sizes)})` }, name, window, options);
}

/**
 * The largest of each window along one axis: [batch, channels, length] → [batch, channels, length′]. Equal ones share the
 * gradient. PyTorch's `MaxPool1d`. Throws ShapeError for sizes that don't fit.
 */
export function maxPool1d<
  const Size extends number,
  const Stride extends PerAxis<number> = Size,
  const Around extends PerAxis<number> = 0,
>(size: Size, options: PoolingOptions<Stride, Around> = {}): Pooling<[Size], Stride, Around> {
  return layerOf("maxPool1d", maxPool, 1, size, options);
}

/**
 * The largest of each window along two axes: [batch, channels, height, width] → [batch, channels, height′, width′]. Equal ones
 * share the gradient. PyTorch's `MaxPool2d`. Throws ShapeError for sizes that don't fit.
 */
export function maxPool2d<
  const Window extends number | readonly [number, number],
  const Stride extends PerAxis<number> = Window,
  const Around extends PerAxis<number> = 0,
>(window: Window, options: PoolingOptions<Stride, Around> = {}): Pooling<TwoAxes<Window>, Stride, Around> {
  return layerOf("maxPool2d", maxPool, 2, window, options);
}

/**
 * The mean of each window along one axis: [batch, channels, length] → [batch, channels, length′]; padding counts as zeros.
 * PyTorch's `AvgPool1d`. Throws ShapeError for sizes that don't fit.
 */
export function averagePool1d<
  const Size extends number,
  const Stride extends PerAxis<number> = Size,
  const Around extends PerAxis<number> = 0,
>(size: Size, options: PoolingOptions<Stride, Around> = {}): Pooling<[Size], Stride, Around> {
  return layerOf("averagePool1d", averagePool, 1, size, options);
}

/**
 * The mean of each window along two axes: [batch, channels, height, width] → [batch, channels, height′, width′]; padding counts
 * as zeros. PyTorch's `AvgPool2d`. Throws ShapeError for sizes that don't fit.
 */
export function averagePool2d<
  const Window extends number | readonly [number, number],
  const Stride extends PerAxis<number> = Window,
  const Around extends PerAxis<number> = 0,
>(window: Window, options: PoolingOptions<Stride, Around> = {}): Pooling<TwoAxes<Window>, Stride, Around> {
  return layerOf("averagePool2d", averagePool, 2, window, options);
}
