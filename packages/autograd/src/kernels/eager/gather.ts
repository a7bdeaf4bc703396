// Copies strided arrays piece by piece, in row-major order without gaps. This is how eager operands enter the heap.

import type { TypedArray } from "../../array/dtype.ts";
import { joinAxes, type NDArray } from "../../array/ndarray.ts";

// Shorter rows are copied faster element by element.
const SHORT_ROW = 24;

/** Copies the elements of an array, piece after piece, from the first on. */
export class Gatherer {
  readonly #from: TypedArray;
  readonly #sizes: readonly number[];
  readonly #steps: readonly number[];
  readonly #index: number[];
  /** The position of the next row, and how much of it has been copied. */
  #row: number;
  #done = 0;

  constructor(array: NDArray) {
    const { sizes, strides } = joinAxes(array.shape, [array]);
    this.#from = array.buffer;
    this.#sizes = sizes;
    this.#steps = strides[0]!;
    this.#index = sizes.map(() => 0);
    this.#row = array.offset;
  }

  /** Whether the array repeats one element. */
  get isStill(): boolean {
    return this.#sizes.length === 1 && this.#steps[0] === 0;
  }

  /** Copies the next n elements to another array, from index `at` on. */
  next(n: number, to: TypedArray, at: number): void {
    const inner = this.#sizes.length - 1;
    const [length, step] = [this.#sizes[inner]!, this.#steps[inner]!];
    while (n > 0) {
      const count = Math.min(n, length - this.#done);
      copyRow(this.#from, this.#row + this.#done * step, step, count, to, at);
      at += count;
      n -= count;
      this.#done += count;
      if (this.#done < length) continue;
      this.#done = 0;
      this.#nextRow(inner - 1);
    }
  }

  #nextRow(axis: number): void {
    for (; axis >= 0; axis--) {
      this.#row += this.#steps[axis]!;
      if (++this.#index[axis]! < this.#sizes[axis]!) return;
      this.#row -= this.#steps[axis]! * this.#sizes[axis]!;
      this.#index[axis] = 0;
    }
  }
}

function copyRow(
  from: TypedArray,
  start: number,
  step: number,
  count: number,
  to: TypedArray,
  at: number,
): void {
  if (step === 1 && count >= SHORT_ROW) to.set(from.subarray(start, start + count), at);
  else if (step === 0) to.fill(from[start]!, at, at + count);
  else for (let i = 0; i < count; i++) to[at + i] = from[start + i * step]!;
}
