// Convolutional layers. One code for any number of axes; conv1d and conv2d say how many.

import {
  type Convolved,
  convolution,
  type PaddingMode,
  type PerAxis,
  type Shape,
  type Tensor,
  type Variable,
} from "@adjoint/autograd";
import { checkOptions } from "../arguments.ts";
import type { ForwardOptions } from "../layer.ts";
import { checkPadding, eachAxis } from "./axes.ts";
import { type WeightedLayer, type WindowedOptions, windowed, windowedOptions } from "./windowed.ts";

/** Around the input: a width, one for each axis, [before, after] for each, as much as keeps the size, or nothing. */
export type Padding = "valid" | "same" | PerAxis<number> | readonly (readonly [number, number])[];

/** The options of `conv1d` and `conv2d`. */
export interface ConvolutionLayerOptions<
  Stride extends PerAxis<number> = PerAxis<number>,
  Around extends Padding = Padding,
  Dilation extends PerAxis<number> = PerAxis<number>,
> extends WindowedOptions {
  /** Steps between windows, for all axes or for each; 1 by default. */
  readonly stride?: Stride;
  /** What is added around: "valid" (nothing, the default), "same" (so that stride 1 keeps the size), or widths. */
  readonly padding?: Around;
  /** What the padding holds: zeros (the default), the mirror image, the other end, or the border's elements. */
  readonly paddingMode?: PaddingMode;
  /** How far apart the elements of a window lie; 1 by default. */
  readonly dilation?: Dilation;
}

/** The layer that `conv1d` and `conv2d` make. */
export interface Convolution<Kernel extends Shape, Stride, Around, Dilation> extends WeightedLayer {
  /** [outputs, inputs / groups, ...window]. */
  readonly weight: Variable;
  /** [batch, inputs, ...sizes] → [batch, outputs, ...sizes′]. */
  forward<X extends Shape>(
    x: Tensor<X>,
    options?: ForwardOptions,
  ): Tensor<Convolved<X, Kernel, Stride, Around, Dilation>>;
}

// Its types know the sizes of the result.
function layerOf<Kernel extends Shape, Stride, Around, Dilation>(
  name: string,
  axes: number,
  sizes: readonly [inputs: number, outputs: number, window: PerAxis<number>],
  options: ConvolutionLayerOptions,
): Convolution<Kernel, Stride, Around, Dilation>;
function layerOf(
  name: string,
  axes: number,
  [inputs, outputs, window]: readonly [number, number, PerAxis<number>],
  options: ConvolutionLayerOptions,
): WeightedLayer {
  checkOptions(name, options, ["stride", "padding", "paddingMode", "dilation", ...windowedOptions]);
  const { stride = 1, padding = "valid", paddingMode = "zeros", dilation = 1 } = options;
  checkPadding(name, axes, padding, paddingMode);
  return windowed(name, axes, [inputs, outputs, window], options, (sizes, groups) => {
    const strides = eachAxis(name, "the stride", axes, stride);
    const dilations = eachAxis(name, "the dilation", axes, dilation);
    const size = sizes.reduce((product, n) => product * n, 1);
    return {
      shape: [outputs, inputs / groups, ...sizes],
      fans: { inputs: (inputs / groups) * size, outputs: (outputs / groups) * size },
      compute: (x, weight) => convolution(x, weight, { strides, padding, dilations, groups, paddingMode }),
    };
  });
}

/**
 * A convolution along one axis: [batch, inputs, length] → [batch, outputs, length′], with a window of a size. The
 * kernel is not flipped, as in PyTorch's `Conv1d`, whose weight, [outputs, inputs / groups, size], and conventions
 * these are; first weights are glorotUniform. Throws ShapeError for sizes that don't fit, TypeError for a padding or a
 * mode that is not known, and where random first weights lack a key. LeCun et al. (1989).
 */
export function conv1d<
  const O extends number,
  const Size extends number,
  const Stride extends PerAxis<number> = 1,
  const Around extends Padding = "valid",
  const Dilation extends PerAxis<number> = 1,
>(
  inputs: number,
  outputs: O,
  size: Size,
  options: ConvolutionLayerOptions<Stride, Around, Dilation> = {},
): Convolution<[O, number, Size], Stride, Around, Dilation> {
  return layerOf("conv1d", 1, [inputs, outputs, size], options);
}

/**
 * A convolution along two axes: [batch, inputs, height, width] → [batch, outputs, height′, width′], with a window of a
 * size, or of [height, width]. The kernel is not flipped, as in PyTorch's `Conv2d`, whose weight, [outputs, inputs /
 * groups, height, width], and conventions these are; first weights are glorotUniform. LeCun et al. (1989). Throws
 * ShapeError for sizes that don't fit, TypeError for a padding or a mode that is not known, and where random first
 * weights lack a key.
 */
export function conv2d<
  const O extends number,
  const Window extends number | readonly [number, number],
  const Stride extends PerAxis<number> = 1,
  const Around extends Padding = "valid",
  const Dilation extends PerAxis<number> = 1,
>(
  inputs: number,
  outputs: O,
  window: Window,
  options: ConvolutionLayerOptions<Stride, Around, Dilation> = {},
): Convolution<[O, number, ...TwoAxes<Window>], Stride, Around, Dilation> {
  return layerOf("conv2d", 2, [inputs, outputs, window], options);
}

/** The sizes along two axes. */
export type TwoAxes<Window extends number | readonly [number, number]> = Window extends readonly [
  infer H extends number,
  infer W extends number,
]
  ? [H, W]
  : Window extends number
    ? [Window, Window]
    : [number, number];
