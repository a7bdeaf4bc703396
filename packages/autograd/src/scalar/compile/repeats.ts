// Finds stretches in which a sequence of steps repeats the same operations. Only operations are compared here; loop.ts
// decides whether a stretch is a loop.

/** The same `period` steps, at least twice, from step `start` to before step `end`. */
export interface Stretch {
  readonly start: number;
  readonly period: number;
  readonly end: number;
}

// How many steps must agree before a stretch is searched for.
const GLANCE = 12;
// How many comparisons are allowed: for each step, and at least in all.
const EFFORT = 200;
const LEAST_EFFORT = 5_000_000;

export class Repeats {
  readonly #signs: Int32Array;
  readonly #longest: number;
  /** For each step, the next one from which on the same GLANCE operations follow; −1 where there is none. */
  readonly #again: Int32Array;
  #effort: number;

  /** `signs` has a number for each step, equal where operations are equal. No period is longer than `longest`. */
  constructor(signs: Int32Array, longest: number) {
    this.#signs = signs;
    this.#longest = longest;
    this.#effort = Math.max(LEAST_EFFORT, EFFORT * signs.length);
    this.#again = new Int32Array(signs.length).fill(-1);
    const last = new Map<number, number>();
    for (let i = signs.length - GLANCE; i >= 0; i--) {
      let hash = 0;
      for (let k = 0; k < GLANCE; k++) hash = (Math.imul(hash, 0x01000193) ^ signs[i + k]!) | 0;
      this.#again[i] = last.get(hash) ?? -1;
      last.set(hash, i);
    }
  }

  /** The stretches that begin at a step, longest first; of those with the same end, only the one of shortest period. */
  at(start: number): Stretch[] {
    const next = this.#again[start]!;
    if (next < 0 || next - start > this.#longest || this.#effort <= 0) return [];
    const stretches: Stretch[] = [];
    let end = start;
    const agreeing = this.#agreement(start);
    for (let period = 1; period < agreeing.length; period++) {
      if (agreeing[period]! < period) continue;
      const reach = start + period + agreeing[period]!;
      if (reach <= end) continue;
      end = reach;
      stretches.push({ start, period, end });
    }
    return stretches.reverse();
  }

  /** For each period, how many steps from `start` on agree with the steps one period later (the Z algorithm). */
  #agreement(start: number): Int32Array {
    const signs = this.#signs;
    const size = signs.length - start;
    const count = Math.min(this.#longest + 1, size);
    const agreeing = new Int32Array(count);
    let [left, right] = [0, 0];
    for (let i = 1; i < count; i++) {
      let length = i < right ? Math.min(right - i, agreeing[i - left]!) : 0;
      const known = length;
      while (i + length < size && signs[start + length] === signs[start + i + length]) length++;
      this.#effort -= 1 + length - known;
      agreeing[i] = length;
      if (i + length > right) [left, right] = [i, i + length];
    }
    return agreeing;
  }
}
