// Transposed convolutional layers, which make more of less. One code for any number of axes.

import { type PerAxis, ShapeError, transposedConvolution } from "@adjoint/autograd";
import { checkOptions } from "../arguments.ts";
import { eachAxis, listText } from "./axes.ts";
import { type WeightedLayer, type WindowedOptions, windowed, windowedOptions } from "./windowed.ts";

/** The options of `convTranspose1d` and `convTranspose2d`. */
export interface TransposedConvolutionOptions extends WindowedOptions {
  /** Steps between the windows that the input's elements are spread over; 1 by default. */
  readonly stride?: PerAxis<number>;
  /** How much is cut off at both ends of each axis; 0 by default. */
  readonly padding?: PerAxis<number>;
  /** How much longer the output is at its end, below the stride or the dilation; 0 by default. */
  readonly outputPadding?: PerAxis<number>;
  /** How far apart the elements of a window lie; 1 by default. */
  readonly dilation?: PerAxis<number>;
}

function layerOf(
  name: string,
  axes: number,
  [inputs, outputs, window]: readonly [inputs: number, outputs: number, window: PerAxis<number>],
  options: TransposedConvolutionOptions,
): WeightedLayer {
  checkOptions(name, options, ["stride", "padding", "outputPadding", "dilation", ...windowedOptions]);
  const { stride = 1, padding: cut = 0, outputPadding: more = 0, dilation = 1 } = options;
  return windowed(name, axes, [inputs, outputs, window], options, (sizes, groups) => {
    const strides = eachAxis(name, "the stride", axes, stride);
    const padding = eachAxis(name, "the padding", axes, cut, 0);
    const outputPadding = eachAxis(name, "outputPadding", axes, more, 0);
    const dilations = eachAxis(name, "the dilation", axes, dilation);
    if (outputPadding.some((n, axis) => n >= Math.max(strides[axis]!, dilations[axis]!)))
      throw new ShapeError(
        `${name}: outputPadding ${listText(outputPadding)} must be below the stride ${listText(strides)} or the dilation ${listText(dilations)}`,
      );
    const product = (numbers: readonly number[]) => numbers.reduce((all, n) => all * n, 1);
    const laidOut = { strides, padding, outputPadding, dilations, groups };
    return {
      shape: [inputs, outputs / groups, ...sizes],
      // Each output is summed up from as many inputs as windows of this stride overlap.
      fans: {
        inputs: ((inputs / groups) * product(sizes)) / product(strides),
        outputs: (outputs / groups) * product(sizes),
      },
      compute: (x, weight) => transposedConvolution(x, weight, laidOut),
    };
  });
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
  return layerOf("convTranspose1d", 1, [inputs, outputs, size], options);
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
  return layerOf("convTranspose2d", 2, [inputs, outputs, window], options);
}
