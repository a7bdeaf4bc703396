// What a monitor is: a look at what a training step computes. What it needs is added to the step's program, so that a step
// without monitors has nothing of it.

import type { Tensor } from "@adjoint/autograd";
import type { Joined } from "../metrics/measure.ts";

/** The output of an activation. */
export interface SeenActivation {
  /** Where the last weights before it are, and its name: "0 tanh". */
  readonly label: string;
  /** The least and the greatest value it approaches. */
  readonly range: readonly [number, number];
  /** [batch, …]. */
  readonly output: Tensor;
}

/** What a training step computes. The tensors by path are those of the parameters. */
export interface Seen {
  /** In order. Only of activations that are fields of layers, or layers themselves, and outside of loops. */
  readonly activations: readonly SeenActivation[];
  /** The gradients of the step, by path. */
  readonly gradients: Readonly<Record<string, Tensor>>;
  /** The parameters before the step, by path. */
  readonly before: Readonly<Record<string, Tensor>>;
  /** The parameters after the step, by path. */
  readonly after: Readonly<Record<string, Tensor>>;
  /** 1 for each sample, and 0 for those that only fill the batch: [batch], float64. */
  readonly weights: Tensor;
}

/** Something measured while training: in the history once an epoch, as "name label". */
export interface Monitor extends Joined {
  /** What one step adds, by label: float64 tensors. */
  part(seen: Seen): Readonly<Record<string, Tensor>>;
}

/** The share of weights that those elements have for which a condition holds: weighted counts [holding, all]. */
export const countsOf = (condition: Tensor, weights: Tensor): readonly [Tensor, Tensor] => {
  const { shape } = condition;
  const each = sampleWeights(weights, shape);
  return [each.mul(condition.cast("float64")).sum(), each.sum()];
};

/** Weights [batch] for everything in a shape [batch, …]; 1 where the first axis is another one. */
export function sampleWeights(weights: Tensor, shape: readonly number[]): Tensor {
  const fits = shape.length > 0 && shape[0] === weights.size;
  const column = fits ? weights.reshape([weights.size, ...shape.slice(1).map(() => 1)]) : weights.max();
  return column.broadcastTo(shape);
}

/** Tensors by layer: the path without its last name. */
export function byLayer(
  tensors: Readonly<Record<string, Tensor>>,
): Readonly<Record<string, readonly Tensor[]>> {
  const layers: Record<string, Tensor[]> = {};
  for (const [path, tensor] of Object.entries(tensors)) {
    const layer = layerOf(path);
    layers[layer] ??= [];
    layers[layer].push(tensor);
  }
  return layers;
}

/** The layer of a variable: its path without the last name. */
export const layerOf = (path: string): string => path.replace(/\.?[^.[]*(\["[^"]*"\])?$/, "");

/** The ratio of the two numbers in a tensor. */
export const ratio = (total: Tensor): number => {
  const [part, whole] = total.data as unknown as [number, number];
  return part / whole;
};
