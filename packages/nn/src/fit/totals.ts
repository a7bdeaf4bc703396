// What is measured over an epoch: the parts of its batches, joined, and the values that come of them.

import { type Tensor, tensor } from "@adjoint/autograd";
import { type Joined, joinParts, type Measured } from "../metrics/measure.ts";
import type { Outcome } from "./programs.ts";

/** The mean of the batches' losses, each counting by its samples. */
const meanLoss: Joined = {
  name: "loss",
  value: ({ data }) => data[0]! / data[1]!,
};

export class Totals {
  readonly #measures: readonly Joined[];
  /** The joined parts by name, float64. */
  parts: Record<string, Tensor>;
  #loss: readonly [number, number];

  /** `saved`: what `saved` of another one gave. */
  constructor(measures: readonly Joined[], saved: Readonly<Record<string, Tensor>> = {}) {
    this.#measures = measures;
    const { loss, ...parts } = saved;
    this.parts = parts;
    this.#loss =
      loss === undefined ? [0, 0] : (Array.from(loss.data) as unknown as readonly [number, number]);
  }

  /** Takes in a batch; returns its loss. */
  add({ loss, parts }: Outcome, count: number): number {
    const value = loss.item();
    this.#loss = [this.#loss[0] + value * count, this.#loss[1] + count];
    for (const name in parts)
      this.parts[name] = joinParts(this.#measureOf(name), this.parts[name], parts[name]!);
    return value;
  }

  get saved(): Record<string, Tensor> {
    return { loss: tensor([...this.#loss], { dtype: "float64" }), ...this.parts };
  }

  values(): Record<string, Measured> {
    const { loss, ...others } = this.saved;
    return Object.fromEntries([
      ["loss", meanLoss.value(loss!)],
      ...Object.entries(others).map(([name, total]) => [name, this.#measureOf(name).value(total)]),
    ]);
  }

  /** A monitor's parts are called by its name and a label. */
  #measureOf(name: string): Joined {
    return this.#measures.find((each) => name === each.name || name.startsWith(`${each.name} `))!;
  }
}
