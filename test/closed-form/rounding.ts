// How large the terms are that the closed form adds up, with all signs made positive: what a rounding error is relative to.
// Two right programs agree to a few roundings of these, and to nothing better where terms cancel.

import { activationNamed } from "./activations.ts";
import { lossNamed, type Reduction } from "./losses.ts";
import { augment, batchGradient, dropBias, type Layer } from "./network.ts";

/** Bounds in the forms of `batchGradient`'s results; `delta` without placeholders. */
export interface Magnitudes {
  prediction: number[][];
  x: number[][][];
  delta: number[][][];
  gradient: number[][][];
  inputGradient: number[][];
}

// Small beside 1 and large beside rounding: the slope it gives need only be of the right size.
const nudge = 2 ** -20;

/** |f(v)| and how much a relative error of v moves f, summed over v's entries. */
function sensitivity(f: (v: number[]) => number[], v: number[]): number[] {
  const size = f(v).map(Math.abs);
  v.forEach((value, k) => {
    const [above, below] = [1 + nudge, 1 - nudge].map((by) => f(v.with(k, value * by)));
    size.forEach((_, i) => {
      size[i]! += Math.abs(above![i]! - below![i]!) / (2 * nudge);
    });
  });
  return size;
}

/** |∂φᵢ/∂zⱼ| at an output y, as [i][j], rounding of y included. */
function absoluteJacobian(name: string, y: number[]): number[][] {
  const { psi } = activationNamed(name);
  if (psi === undefined) return y.map((yi, i) => y.map((yj, j) => yi * (Number(i === j) + yj)));
  return y.map((yi, i) => y.map((_, j) => (i === j ? sensitivity(([v]) => [psi(v!)], [yi])[0]! : 0)));
}

const product = (rows: number[][], v: number[]) =>
  rows.map((row) => row.reduce((sum, w, j) => sum + Math.abs(w) * v[j]!, 0));
const transposed = (rows: number[][]) => rows[0]!.map((_, j) => rows.map((row) => row[j]!));

/** The sizes of all that `batchGradient` computes. */
export function magnitudes(
  samples: number[][],
  targets: number[][],
  layers: Layer[],
  loss: string,
  reduction: Reduction,
): Magnitudes {
  const found = batchGradient(samples, targets, layers, loss, reduction);
  const share = reduction === "batchMean" ? 1 / samples.length : 1;
  const x: number[][][] = layers.map(() => []);
  x.push([]);
  const delta: number[][][] = layers.map(() => []);
  const gradient = layers.map(({ W }) => W.map((row) => row.map(() => 0)));
  const inputGradient: number[][] = [];
  samples.forEach((sample, s) => {
    const jacobians = layers.map(({ activation }, l) => {
      const y = found.x[l + 1]![s]!;
      return absoluteJacobian(activation, l === layers.length - 1 ? y : dropBias(y));
    });
    let size = augment(sample.map(Math.abs));
    layers.forEach(({ W }, l) => {
      x[l]!.push(size);
      const outputs = found.x[l + 1]![s]!;
      const y = l === layers.length - 1 ? outputs : dropBias(outputs);
      const moved = product(jacobians[l]!, product(transposed(W), size));
      const next = y.map((value, i) => Math.abs(value) + moved[i]!);
      size = l === layers.length - 1 ? next : augment(next);
    });
    x[layers.length]!.push(size);
    const prediction = found.prediction[s]!;
    let back = sensitivity((p) => lossNamed(loss).gradient(p, targets[s]!), prediction).map(
      (value) => value * share,
    );
    for (let l = layers.length - 1; l >= 0; l--) {
      const d = product(transposed(jacobians[l]!), back);
      delta[l]!.push(d);
      for (const [i, xi] of x[l]![s]!.entries()) {
        for (const [j, dj] of d.entries()) gradient[l]![i]![j]! += xi * dj;
      }
      back = dropBias(product(layers[l]!.W, d));
    }
    inputGradient.push(back);
  });
  return { prediction: x[layers.length]!, x, delta, gradient, inputGradient };
}
