// Transposed convolutional layers, which make more of less. One code for any number of axes.

import {
  type DType,
  type Key,
  type PerAxis,
  type Shape,
  ShapeError,
  type Tensor,
  transposedConvolution,
  type Variable,
  zeros,
} from "@adjoint/autograd";
import { checkOptions } from "../arguments.ts";
import { firstWeights, glorotUniform, type Initializer } from "../initializers.ts";
import { type Layer, parameter } from "../layer.ts";
import { made } from "../made.ts";
import { checkAxes, checkGroups, eachAxis, listText } from "./axes.ts";
import { alongChannels, checkChannels, checkSize } from "./normalized.ts";

export interface TransposedConvolutionOptions {
  /** Steps between the windows that the input's elements are spread over; 1 by default. */
  readonly stride?: PerAxis<number>;
  /** How much is cut off at both ends of each axis; 0 by default. */
  readonly padding?: PerAxis<number>;
  /** How much longer the output is at its end, below the stride or the dilation; 0 by default. */
  readonly outputPadding?: PerAxis<number>;
  /** How far apart the elements of a window lie; 1 by default. */
  readonly dilation?: PerAxis<number>;
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

/** A layer that has a weight and perhaps a bias. */
export interface WeightedLayer extends Layer {
  readonly weight: Variable;
  /** Null without one. */
  readonly bias: Variable | null;
}

function layerOf(
  name: string,
  axes: number,
  inputs: number,
  outputs: number,
  window: PerAxis<number>,
  options: TransposedConvolutionOptions,
): WeightedLayer {
  checkOptions(name, options, [
    ...["stride", "padding", "outputPadding", "dilation", "groups"],
    ...["bias", "initializer", "key", "dtype"],
  ]);
  const { stride = 1, padding = 0, outputPadding: more = 0, dilation = 1, groups = 1 } = options;
  const { bias: hasBias = true, initializer = glorotUniform, key, dtype = "float32" } = options;
  checkSize(name, "the number of inputs", inputs);
  checkSize(name, "the number of outputs", outputs);
  checkGroups(name, groups, inputs, outputs);
  const sizes = eachAxis(name, "the window", axes, window);
  const laidOut = {
    strides: eachAxis(name, "the stride", axes, stride),
    padding: eachAxis(name, "the padding", axes, padding, 0),
    outputPadding: eachAxis(name, "outputPadding", axes, more, 0),
    dilations: eachAxis(name, "the dilation", axes, dilation),
    groups,
  };
  const { strides, dilations, outputPadding } = laidOut;
  if (outputPadding.some((n, axis) => n >= Math.max(strides[axis]!, dilations[axis]!)))
    throw new ShapeError(
      `${name}: outputPadding ${listText(outputPadding)} must be below the stride ${listText(strides)} or the dilation ${listText(dilations)}`,
    );
  const shape = [inputs, outputs / groups, ...sizes];
  const product = (numbers: readonly number[]) => numbers.reduce((all, n) => all * n, 1);
  // Each output is summed up from as many inputs as windows of this stride overlap.
  const fans = {
    inputs: ((inputs / groups) * product(sizes)) / product(strides),
    outputs: (outputs / groups) * product(sizes),
  };
  const text = `${name}(${inputs}, ${outputs}, ${listText(sizes)}`;
  const weight: Variable = parameter<Shape>(
    firstWeights(name, text, shape, { initializer, key, dtype, fans }),
    { name: "weight" },
  );
  const bias: Variable | null = hasBias ? parameter(zeros([outputs], { dtype }), { name: "bias" }) : null;
  return {
    ...{ weight, bias },
    forward(x: Tensor): Tensor {
      checkChannels(name, x, inputs, dtype);
      checkAxes(name, x, axes);
      const y = transposedConvolution(x, weight.value, laidOut);
      return bias === null ? y : y.add(alongChannels(bias.value, x.rank));
    },
    toString: () => `${text})`,
  };
}

/**
 * The transpose of a convolution along one axis: [batch, inputs, length] → [batch, outputs, length′], where length′ is
 * (length − 1)·stride − 2·padding + (size − 1)·dilation + 1 + outputPadding. Weight [inputs, outputs / groups, size]. PyTorch's
 * `ConvTranspose1d`. Throws ShapeError for sizes that don't fit, TypeError where random first weights lack a key.
 */
export function convTranspose1d(
  inputs: number,
  outputs: number,
  size: number,
  options: TransposedConvolutionOptions = {},
): WeightedLayer {
  return made(
    layerOf("convTranspose1d", 1, inputs, outputs, size, options),
    "convTranspose1d",
    inputs,
    outputs,
    size,
    options,
  );
}

/**
 * The transpose of a convolution along two axes, sizes as `convTranspose1d` has them: [batch, inputs, height, width] → [batch,
 * outputs, height′, width′]. Weight [inputs, outputs / groups, height, width]. PyTorch's `ConvTranspose2d`.
 * Throws ShapeError for sizes that don't fit, TypeError where random first weights lack a key.
 */
export function convTranspose2d(
  inputs: number,
  outputs: number,
  window: number | readonly [number, number],
  options: TransposedConvolutionOptions = {},
): WeightedLayer {
  return made(
    layerOf("convTranspose2d", 2, inputs, outputs, window, options),
    "convTranspose2d",
    inputs,
    outputs,
    window,
    options,
  );
}
