// What is remembered of a training: curves, and the history of every weight, both in bounded memory.

import type { Tensor } from "@adjoint/autograd";
import type { Dense } from "@adjoint/nn";
import type { Progress, WeightHistory } from "../lab.ts";
import { Thinned } from "./thinned.ts";

export type CurvePoint = Pick<
  Progress,
  | "step"
  | "epoch"
  | "trainingLoss"
  | "testLoss"
  | "trainingAccuracy"
  | "testAccuracy"
  | "gradientNorms"
  | "saturation"
>;

interface Snapshot {
  readonly step: number;
  /** The lecture's matrices one after another, row 0 of each the bias weights. */
  readonly values: Float32Array | Float64Array;
  readonly gradients: Float32Array | Float64Array;
}

const MOST_POINTS = 1_000;
/** Numbers in all snapshots together, and snapshots. */
const MOST_NUMBERS = 2_000_000;
const MOST_SNAPSHOTS = 512;
const FEWEST_SNAPSHOTS = 8;

export class History {
  readonly #layers: readonly Dense[];
  readonly #curves = new Thinned<CurvePoint>(MOST_POINTS);
  readonly #snapshots: Thinned<Snapshot>;
  readonly #size: number;
  #latest: Snapshot | null = null;

  constructor(layers: readonly Dense[]) {
    this.#layers = layers;
    this.#size = layers.reduce((sum, { inputs, outputs }) => sum + (1 + inputs) * outputs, 0);
    const room = Math.floor(MOST_NUMBERS / (2 * this.#size));
    this.#snapshots = new Thinned(Math.max(FEWEST_SNAPSHOTS, Math.min(MOST_SNAPSHOTS, room)));
  }

  get curves(): readonly CurvePoint[] {
    return this.#curves.all;
  }

  /** Weights when they were last looked at. */
  get latest(): Float32Array | Float64Array | null {
    return this.#latest?.values ?? null;
  }

  /** Remembers a step: its curves, and the weights with their gradients. */
  add(point: CurvePoint, weights: readonly Tensor[], biases: readonly Tensor[]): void {
    this.#curves.add(() => point);
    const values = this.#joined(
      this.#layers.map(({ bias }) => bias!.value),
      this.#layers.map(({ weight }) => weight.value),
    );
    const snapshot = { step: point.step, values, gradients: this.#joined(biases, weights) };
    this.#snapshots.add(() => snapshot);
    this.#latest = snapshot;
  }

  #joined(biases: readonly Tensor[], weights: readonly Tensor[]): Float32Array | Float64Array {
    const isDouble = biases[0]!.dtype === "float64";
    const all = isDouble ? new Float64Array(this.#size) : new Float32Array(this.#size);
    let at = 0;
    biases.forEach((bias, l) => {
      for (const { data } of [bias, weights[l]!]) {
        all.set(data as Float32Array, at);
        at += data.length;
      }
    });
    return all;
  }

  /** The history of one weight. Throws RangeError where there is none. */
  weight(layer: number, from: number, to: number): WeightHistory {
    const found = this.#layers[layer];
    if (
      found === undefined ||
      !(from >= 0 && from <= found.inputs && to >= 0 && to < found.outputs) ||
      !Number.isInteger(from) ||
      !Number.isInteger(to)
    )
      throw new RangeError(
        `weight: there is no weight from unit ${from} of layer ${layer} to unit ${to}; layers count from 0, units from 0, the bias neuron`,
      );
    const before = this.#layers
      .slice(0, layer)
      .reduce((sum, { inputs, outputs }) => sum + (1 + inputs) * outputs, 0);
    const place = before + from * found.outputs + to;
    const kept = this.#snapshots.all;
    const all = this.#latest === null || kept.at(-1) === this.#latest ? kept : [...kept, this.#latest];
    return {
      steps: all.map(({ step }) => step),
      values: all.map(({ values }) => values[place]!),
      gradients: all.map(({ gradients }) => gradients[place]!),
    };
  }
}
