// What convolutions and their transposes share: a weight for each place of a window, and a bias for each output.

import {
  type DType,
  type Key,
  type PerAxis,
  type Shape,
  type Tensor,
  type Variable,
  zeros,
} from "@adjoint/autograd";
import { checkSize } from "../arguments.ts";
import { type Fans, firstWeights, glorotUniform, type Initializer } from "../initializers.ts";
import { type Layer, parameter } from "../layer.ts";
import { made } from "../made.ts";
import { checkAxes, checkGroups, eachAxis, listText } from "./axes.ts";
import { alongChannels, checkChannels } from "./normalized.ts";

/** The options that convolution layers share. */
export interface WindowedOptions {
  /** Into how many groups the channels are divided; each is computed by itself. 1 by default. */
  readonly groups?: number;
  /** Whether there is a bias; true by default. It starts at 0. */
  readonly bias?: boolean;
  /** Makes the first weights; glorotUniform by default. */
  readonly initializer?: Initializer;
  /** Source of the first weights: required unless the initializer draws nothing. */
  readonly key?: Key;
  /** Element type; float32 by default. */
  readonly dtype?: DType;
}

export const windowedOptions: readonly (keyof WindowedOptions)[] = [
  "groups",
  "bias",
  "initializer",
  "key",
  "dtype",
];

/** A layer that has a weight and perhaps a bias. */
export interface WeightedLayer extends Layer {
  /** The weights; their shape is the layer's. */
  readonly weight: Variable;
  /** [outputs]; null without one. */
  readonly bias: Variable | null;
}

/** What tells one kind of layer from another, once the sizes of its window are known. */
export interface WindowedPlan {
  /** The weight's shape. */
  readonly shape: Shape;
  readonly fans: Fans;
  /** The output without the bias. */
  compute(x: Tensor, weight: Tensor): Tensor;
}

/** A layer over windows along so many axes: [batch, inputs, ...sizes] → [batch, outputs, ...sizes′]. */
export function windowed(
  name: string,
  axes: number,
  [inputs, outputs, window]: readonly [inputs: number, outputs: number, window: PerAxis<number>],
  options: WindowedOptions,
  planOf: (sizes: readonly number[], groups: number) => WindowedPlan,
): WeightedLayer {
  const { groups = 1, bias: hasBias = true, initializer = glorotUniform, key, dtype = "float32" } = options;
  checkSize(name, "the number of inputs", inputs);
  checkSize(name, "the number of outputs", outputs);
  checkGroups(name, groups, inputs, outputs);
  const sizes = eachAxis(name, "the window", axes, window);
  const { shape, fans, compute } = planOf(sizes, groups);
  const text = `${name}(${inputs}, ${outputs}, ${listText(sizes)}`;
  const first = firstWeights(name, text, shape, { initializer, key, dtype, fans });
  const weight: Variable = parameter<Shape>(first, { name: "weight" });
  const bias: Variable | null = hasBias ? parameter(zeros([outputs], { dtype }), { name: "bias" }) : null;
  const layer: WeightedLayer = {
    ...{ weight, bias },
    forward(x) {
      checkChannels(name, x, inputs, dtype);
      checkAxes(name, x, axes);
      const y = compute(x, weight.value);
      return bias === null ? y : y.add(alongChannels(bias.value, x.rank));
    },
    toString: () => `${text})`,
  };
  return made(layer, name, inputs, outputs, window, options);
}
