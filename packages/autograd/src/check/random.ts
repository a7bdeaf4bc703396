// A small seeded stream for choosing directions and disturbances. Not the package's random numbers, which are under test.

/** Numbers in [0, 1) from a seed: mulberry32. */
export class Stream {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** In ±[½, 1]: never so small that an entry has no visible effect. */
  sign(): number {
    const size = 0.5 + 0.5 * this.next();
    return this.next() < 0.5 ? -size : size;
  }

  vector(length: number): Float64Array {
    return Float64Array.from({ length }, () => this.sign());
  }
}
