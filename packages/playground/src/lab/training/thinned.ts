// Records of a long run in bounded memory: when they are too many, every other one is dropped, and from then on only every
// other one is kept.

export class Thinned<T> {
  readonly #most: number;
  #kept: T[] = [];
  /** One in so many is kept. */
  #stride = 1;
  #seen = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Adds the next record, made only where it is kept. */
  add(make: () => T): void {
    if (this.#seen++ % this.#stride !== 0) return;
    if (this.#kept.length === this.#most) {
      this.#kept = this.#kept.filter((_, i) => i % 2 === 0);
      this.#stride *= 2;
      if ((this.#seen - 1) % this.#stride !== 0) return;
    }
    this.#kept.push(make());
  }

  get all(): readonly T[] {
    return this.#kept;
  }
}
