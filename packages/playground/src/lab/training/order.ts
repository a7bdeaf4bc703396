// Which samples make each batch: an endless row of epochs, each in an order of its own. A batch may reach into the next epoch,
// so that all have one size and every sample comes up equally often.

import { type Key, permutation, splitKey, type Tensor, tensor } from "@adjoint/autograd";

/** For how many batches places are made at once: one by one they take far longer. */
const AHEAD = 64;

export class Order {
  readonly #count: number;
  readonly #size: number;
  #key: Key;
  #epoch: Int32Array = new Int32Array(0);
  #at = 0;
  #ready: Tensor[] = [];

  /** `size` of `count` samples; 0, or all and more, makes each batch all samples. */
  constructor(count: number, size: number, key: Key) {
    this.#count = count;
    this.#size = size === 0 || size >= count ? 0 : size;
    this.#key = key;
  }

  /** How many samples a batch has. */
  get size(): number {
    return this.#size === 0 ? this.#count : this.#size;
  }

  /** Places of the next batch, [size]; null for all samples. */
  next(): Tensor | null {
    if (this.#size === 0) return null;
    if (this.#ready.length === 0) {
      for (let i = 0; i < AHEAD; i++) this.#ready.push(tensor(this.#batch()));
      this.#ready.reverse();
    }
    return this.#ready.pop()!;
  }

  #batch(): Int32Array {
    const places = new Int32Array(this.#size);
    for (let filled = 0; filled < places.length; ) {
      if (this.#at === this.#epoch.length) {
        const [own, rest] = splitKey(this.#key);
        this.#key = rest;
        this.#epoch = permutation(own, this.#count).data as Int32Array;
        this.#at = 0;
      }
      const part = this.#epoch.subarray(this.#at, this.#at + places.length - filled);
      places.set(part, filled);
      filled += part.length;
      this.#at += part.length;
    }
    return places;
  }
}
