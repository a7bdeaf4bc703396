// How far two trainings may drift apart that differ in rounding alone: measured, on Adjoint's own steps.

import { compile, normal, randomKey, splitKey, transaction, variable } from "@adjoint/autograd";
import { type Batches, batchAt, type Case, type FloatType, type Network } from "./networks.ts";

/** Half a unit in the last place of 1. */
const unit: Readonly<Record<FloatType, number>> = { float32: 2 ** -24, float64: 2 ** -53 };

/** The losses of a training, in order. `jitter` is done after each step. */
function lossesOf({ step }: Network, batches: Batches, jitter?: () => void): readonly number[] {
  const compiled = compile(step);
  return Array.from({ length: batches.x.shape[0]! }, (_, i) => {
    const loss = compiled(...batchAt(batches, i)).item();
    jitter?.();
    return loss;
  });
}

/**
 * A function that multiplies each weight by 1 ± size, the signs drawn. A sum of n products in another order is off by some √n
 * roundings, as if each weight in it were.
 */
function jitterOf({ trained }: Network, dtype: FloatType, size: number, seed: number): () => void {
  const key = variable(randomKey(seed), { trainable: false });
  const all = Object.values(trained);
  return compile(() => {
    transaction(() => {
      const [own, ...others] = splitKey(key.value, all.length + 1);
      key.assign(own!);
      all.forEach((each, i) => {
        each.assign(each.value.mul(normal(others[i]!, each.shape, { dtype }).sign().mul(size).add(1)));
      });
    });
  });
}

export interface Reference {
  /** Adjoint's losses. */
  readonly losses: readonly number[];
  /** How far the loss of each step may be from it. */
  readonly bounds: readonly number[];
  /** How far apart jittered trainings were up to each step, for the report. */
  readonly drift: readonly number[];
}

/**
 * Adjoint's losses, and how far off another engine's may be at each step: as far as the trainings whose weights are jittered in
 * each step have come by then, and the loss's own last digits, since the mean of `terms` numbers in another order is off by
 * some √terms roundings of its own.
 */
export function reference({ make, batches, fanIn, terms }: Case, dtype: FloatType, seeds: number): Reference {
  const data = batches(dtype);
  const losses = lossesOf(make(dtype), data);
  const others = Array.from({ length: seeds }, (_, i) => {
    const network = make(dtype);
    return lossesOf(network, data, jitterOf(network, dtype, unit[dtype] * Math.sqrt(fanIn), i + 1));
  });
  let drift = 0;
  const drifts = losses.map((loss, i) => {
    drift = Math.max(drift, ...others.map((other) => Math.abs(other[i]! - loss)));
    return drift;
  });
  const own = unit[dtype] * Math.sqrt(terms);
  return { losses, bounds: losses.map((loss, i) => drifts[i]! + own * Math.abs(loss)), drift: drifts };
}
