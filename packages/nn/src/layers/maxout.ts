// Maxout: the largest of several weighted sums.

import {
  type DType,
  type Key,
  type Shape,
  ShapeError,
  type Tensor,
  type Variable,
  zeros,
} from "@adjoint/autograd";
import { checkOptions, checkSize, checkTensor, checkType } from "../arguments.ts";
import { firstWeights, glorotUniform, type Initializer } from "../initializers.ts";
import { parameter } from "../layer.ts";
import { made } from "../made.ts";
import type { WeightedLayer } from "./windowed.ts";

/** The options of `maxout`. */
export interface MaxoutOptions {
  /** The number of weighted sums whose largest is an output; 2 by default. */
  readonly pieces?: number;
  /** Whether there is a bias; true by default. It starts at 0. */
  readonly bias?: boolean;
  /** Makes the first weights; glorotUniform by default. */
  readonly initializer?: Initializer;
  /** Source of the first weights: required unless the initializer draws nothing. */
  readonly key?: Key;
  /** Element type; float32 by default. */
  readonly dtype?: DType;
}

/**
 * For each output the largest of several weighted sums: [..., inputs] → [..., outputs], hⱼ = maxₖ Σᵢ xᵢ·weightᵢⱼₖ + biasⱼₖ, with
 * weight [inputs, outputs, pieces] and bias [outputs, pieces]. Equal sums share the gradient. Goodfellow et al. (2013).
 * Throws ShapeError for sizes that don't fit, TypeError where random first weights lack a key.
 */
export function maxout(inputs: number, outputs: number, options: MaxoutOptions = {}): WeightedLayer {
  checkOptions("maxout", options, ["pieces", "bias", "initializer", "key", "dtype"]);
  const { pieces = 2, bias: hasBias = true, initializer = glorotUniform, key, dtype = "float32" } = options;
  checkSize("maxout", "the number of inputs", inputs);
  checkSize("maxout", "the number of outputs", outputs);
  checkSize("maxout", "the number of pieces", pieces);
  const shape = [inputs, outputs, pieces];
  const first = firstWeights("maxout", `maxout(${inputs}, ${outputs}`, shape, {
    ...{ initializer, key, dtype },
    fans: { inputs, outputs },
  });
  const weight: Variable = parameter<Shape>(first, { name: "weight" });
  const bias: Variable | null = hasBias
    ? parameter(zeros([outputs, pieces], { dtype }), { name: "bias" })
    : null;
  return made(
    {
      ...{ weight, bias },
      forward(x: Tensor): Tensor {
        checkTensor("maxout", "the input", x);
        if (x.rank === 0 || x.shape.at(-1) !== inputs)
          throw new ShapeError(
            `maxout: input [${x.shape.join(", ")}] where the layer takes ${inputs} inputs along the last axis: reshape it, or make the layer maxout(${x.shape.at(-1) ?? 1}, ${outputs})`,
          );
        checkType("maxout", x, dtype);
        const sums: Tensor = x
          .matmul(weight.value.reshape([inputs, outputs * pieces]))
          .reshape([...x.shape.slice(0, -1), outputs, pieces]);
        return (bias === null ? sums : sums.add(bias)).max({ axis: -1 });
      },
      toString: () => `maxout(${inputs}, ${outputs})`,
    },
    "maxout",
    inputs,
    outputs,
    options,
  );
}
