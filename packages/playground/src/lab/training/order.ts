// Which samples make each batch: an endless row of epochs, each in an order of its own. A batch may reach into the next epoch,
// so that all have one size and every sample comes up equally often.

import { type Key, splitKey, type Tensor, tensor, uniform } from "@adjoint/autograd";

/** For how many batches places are made at once: one by one they take far longer. */
const AHEAD = 64;
/** About how many draws are made at once, for the same reason. */
const DRAWS = 8192;

export class Order {
  readonly #count: number;
  readonly #size: number;
  #key: Key;
  readonly #epoch: Int32Array;
  #at: number;
  #draws = new Float64Array(0);
  #drawn = 0;
  #ready: Tensor[] = [];

  /** `size` of `count` samples; 0, or all and more, makes each batch all samples. */
  constructor(count: number, size: number, key: Key) {
    this.#count = count;
    this.#size = size === 0 || size >= count ? 0 : size;
    this.#key = key;
    this.#epoch = Int32Array.from({ length: this.#size === 0 ? 0 : count }, (_, i) => i);
    this.#at = count;
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
      if (this.#at === this.#count) this.#shuffle();
      const part = this.#epoch.subarray(this.#at, this.#at + places.length - filled);
      places.set(part, filled);
      filled += part.length;
      this.#at += part.length;
    }
    return places;
  }

  /** The next epoch's order, by exchanging each place with one that is drawn from those up to it (Fisher and Yates). */
  #shuffle(): void {
    if (this.#drawn === this.#draws.length) {
      const [own, rest] = splitKey(this.#key);
      this.#key = rest;
      const epochs = Math.max(1, Math.floor(DRAWS / this.#count));
      this.#draws = uniform(own, [epochs * this.#count], { dtype: "float64" })
        .data as Float64Array<ArrayBuffer>;
      this.#drawn = 0;
    }
    const epoch = this.#epoch;
    for (let i = this.#count - 1; i >= 0; i--) {
      const j = Math.floor(this.#draws[this.#drawn++]! * (i + 1));
      const place = epoch[i]!;
      epoch[i] = epoch[j]!;
      epoch[j] = place;
    }
    this.#at = 0;
  }
}
