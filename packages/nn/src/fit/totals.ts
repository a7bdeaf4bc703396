// What is measured over an epoch: the parts of its batches, joined, and the values that come of them.

import { type Tensor, tensor } from "@adjoint/autograd";
import { type Joined, joinParts, type Measured } from "../metrics/measure.ts";
import type { Outcome } from "./programs.ts";

/** What measures an epoch. */
export interface Measures {
  readonly metrics: readonly Joined[];
  /** Their parts are called by their name and a label. */
  readonly monitors: readonly Joined[];
}

export class Totals {
  readonly #measures: Measures;
  /** The joined parts by name, float64. */
  parts: Record<string, Tensor>;
  /** A sum and, where the losses are means, what it is divided by. */
  #loss: readonly number[];

  /** `saved`: what `saved` of another one gave. Throws Error where it has something that is not measured. */
  constructor(measures: Measures, saved: Readonly<Record<string, Tensor>> = {}) {
    this.#measures = measures;
    const { loss, ...parts } = saved;
    this.parts = parts;
    this.#loss = loss === undefined ? [0, 0] : Array.from(loss.data);
    for (const name in parts)
      if (this.#measureOf(name) === undefined)
        throw new Error(
          `fit: resume was saved with "${name}" in its totals, which nothing measures now; give the same metrics and monitors`,
        );
  }

  /** Takes in a batch; returns its loss. */
  add({ loss, total, parts }: Outcome, count: number): number {
    const value = loss.item();
    const [sum = 0, over = 0] = this.#loss;
    if (total === undefined) this.#loss = [sum + value * count, over + count];
    else {
      const [more, times] = total.data;
      this.#loss = times === undefined ? [sum + more!] : [sum + more!, over + times];
    }
    for (const name in parts)
      this.parts[name] = joinParts(this.#measureOf(name)!, this.parts[name], parts[name]!);
    return value;
  }

  get saved(): Record<string, Tensor> {
    return { loss: tensor([...this.#loss], { dtype: "float64" }), ...this.parts };
  }

  values(): Record<string, Measured> {
    const [sum, over = 1] = this.#loss as readonly [number, number?];
    return Object.fromEntries([
      ["loss", sum / over],
      ...Object.entries(this.parts).map(([name, total]) => [name, this.#measureOf(name)!.value(total)]),
    ]);
  }

  /** Only monitors have labels: a metric called "class 1" is not one called "class 1 recall". */
  #measureOf(name: string): Joined | undefined {
    const { metrics, monitors } = this.#measures;
    return (
      [...metrics, ...monitors].find((each) => each.name === name) ??
      monitors.find((each) => name.startsWith(`${each.name} `))
    );
  }
}
