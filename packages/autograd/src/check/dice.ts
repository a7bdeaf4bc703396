// Choices at random from a seed, for drawing programs and values. The same seed chooses the same.

import { Stream } from "./random.ts";

export class Dice {
  readonly #stream: Stream;

  constructor(seed: number) {
    this.#stream = new Stream(seed);
  }

  /** Evenly over [0, 1). */
  fraction(): number {
    return this.#stream.next();
  }

  /** A whole number from 0 to n − 1. */
  below(n: number): number {
    return Math.floor(this.fraction() * n);
  }

  /** A whole number, both ends included. */
  from(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** Any of the items, in their order. */
  some<T>(items: readonly T[]): T[] {
    return items.filter(() => this.chance(0.5));
  }

  shuffled<T>(items: readonly T[]): T[] {
    const result = [...items];
    for (let i = result.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [result[i], result[j]] = [result[j]!, result[i]!];
    }
    return result;
  }
}
