// Convolutional layers. One code for any number of axes; conv1d and conv2d say how many.

import {
  type Convolved,
  convolution,
  type DType,
  type Key,
  type PaddingMode,
  type PerAxis,
  type Shape,
  type Tensor,
  type Variable,
  zeros,
} from "@adjoint/autograd";
import { checkOptions } from "../arguments.ts";
import { firstWeights, glorotUniform, type Initializer } from "../initializers.ts";
import { type ForwardOptions, type Layer, parameter } from "../layer.ts";
import { made } from "../made.ts";
import { checkAxes, checkGroups, eachAxis, listText } from "./axes.ts";
import { alongChannels, checkChannels, checkSize } from "./normalized.ts";

/** Around the input: a width, one for each axis, [before, after] for each, as much as keeps the size, or nothing. */
export type Padding = "valid" | "same" | PerAxis<number> | readonly (readonly [number, number])[];

export interface ConvolutionLayerOptions<
  Stride extends PerAxis<number> = PerAxis<number>,
  Around extends Padding = Padding,
  Dilation extends PerAxis<number> = PerAxis<number>,
> {
  /** Steps between windows, for all axes or for each; 1 by default. */
  readonly stride?: Stride;
  /** What is added around: "valid" (nothing, the default), "same" (so that stride 1 keeps the size), or widths. */
  readonly padding?: Around;
  /** What the padding holds: zeros (the default), the mirror image, the other end, or the border's elements. */
  readonly paddingMode?: PaddingMode;
  /** How far apart the elements of a window lie; 1 by default. */
  readonly dilation?: Dilation;
  /** Into how many groups, which don't see one another, the channels are divided; 1 by default. */
  readonly groups?: number;
  /** Whether there is a bias; true by default. It starts at 0. */
  readonly bias?: boolean;
  /** Makes the first weights; glorotUniform by default. */
  readonly initializer?: Initializer;
  /** Source of the first weights: required unless the initializer draws nothing. */
  readonly key?: Key;
  readonly dtype?: DType;
}

export interface Convolution<Kernel extends Shape, Stride, Around, Dilation> extends Layer {
  /** [outputs, inputs / groups, ...window]. */
  readonly weight: Variable;
  /** [outputs]; null without one. */
  readonly bias: Variable | null;
  forward<X extends Shape>(
    x: Tensor<X>,
    options?: ForwardOptions,
  ): Tensor<Convolved<X, Kernel, Stride, Around, Dilation>>;
}

function layerOf<Kernel extends Shape, Stride, Around, Dilation>(
  name: string,
  axes: number,
  inputs: number,
  outputs: number,
  window: PerAxis<number>,
  options: ConvolutionLayerOptions,
): Convolution<Kernel, Stride, Around, Dilation> {
  checkOptions(name, options, [
    ...["stride", "padding", "paddingMode", "dilation", "groups"],
    ...["bias", "initializer", "key", "dtype"],
  ]);
  const { stride = 1, padding = "valid", paddingMode = "zeros", dilation = 1, groups = 1 } = options;
  const { bias: hasBias = true, initializer = glorotUniform, key, dtype = "float32" } = options;
  checkSize(name, "the number of inputs", inputs);
  checkSize(name, "the number of outputs", outputs);
  checkGroups(name, groups, inputs, outputs);
  const sizes = eachAxis(name, "the window", axes, window);
  const shape = [outputs, inputs / groups, ...sizes];
  const size = sizes.reduce((product, n) => product * n, 1);
  const fans = { inputs: (inputs / groups) * size, outputs: (outputs / groups) * size };
  const text = `${name}(${inputs}, ${outputs}, ${listText(sizes)}`;
  const weight: Variable = parameter<Shape>(
    firstWeights(name, text, shape, { initializer, key, dtype, fans }),
    { name: "weight" },
  );
  const bias: Variable | null = hasBias ? parameter(zeros([outputs], { dtype }), { name: "bias" }) : null;
  const strides = eachAxis(name, "the stride", axes, stride);
  const dilations = eachAxis(name, "the dilation", axes, dilation);
  function forward<X extends Shape>(x: Tensor<X>): Tensor<Convolved<X, Kernel, Stride, Around, Dilation>>;
  function forward(x: Tensor): Tensor {
    checkChannels(name, x, inputs, dtype);
    checkAxes(name, x, axes);
    const y = convolution(x, weight.value, { strides, padding, dilations, groups, paddingMode });
    return bias === null ? y : y.add(alongChannels(bias.value, x.rank));
  }
  return {
    ...{ weight, bias, forward },
    toString: () => `${text})`,
  };
}

/**
 * A convolution along one axis: [batch, inputs, length] → [batch, outputs, length′], with a window of a size. The kernel is not
 * turned round, as in PyTorch's `Conv1d`, whose weight, [outputs, inputs / groups, size], and conventions these are; first
 * weights are glorotUniform. Throws ShapeError for sizes that don't fit, TypeError where random first weights lack a key.
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
  return made(layerOf("conv1d", 1, inputs, outputs, size, options), "conv1d", inputs, outputs, size, options);
}

/**
 * A convolution along two axes: [batch, inputs, height, width] → [batch, outputs, height′, width′], with a window of a size, or
 * of [height, width]. The kernel is not turned round, as in PyTorch's `Conv2d`, whose weight, [outputs, inputs / groups, height,
 * width], and conventions these are; first weights are glorotUniform. LeCun et al. (1989).
 * Throws ShapeError for sizes that don't fit, TypeError where random first weights lack a key.
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
  return made(
    layerOf("conv2d", 2, inputs, outputs, window, options),
    "conv2d",
    inputs,
    outputs,
    window,
    options,
  );
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
