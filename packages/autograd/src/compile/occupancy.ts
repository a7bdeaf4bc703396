// Which parts of an arena are taken at which steps. The cost of finding the lowest free place grows with the
// number of separate parts at these steps, above the offsets that recent parts of this size rule out. It does
// not grow with the number of parts placed before.

/** Parts of the arena: the start and the end of each in bytes, in order. No two of them touch. */
type Parts = number[];

/** How many of the most recent parts a search considers. */
const RECENT = 16;

/** A binary tree over the steps: nodes 2·i and 2·i + 1 are the two halves of node i. */
export class Occupancy {
  /** For each node, what is taken at one or more of its steps. */
  readonly #somewhere: Parts[] = [];
  /** For each node, what is taken at all of its steps, unless that is listed for a node above it. */
  readonly #everywhere: Parts[] = [];
  readonly #last: number;
  /** The last parts that were placed, the newest first. */
  readonly #recent: {
    readonly bytes: number;
    readonly from: number;
    readonly to: number;
    readonly end: number;
  }[] = [];

  /** Steps go from 0 to `last`. */
  constructor(last: number) {
    this.#last = last;
  }

  /**
   * Takes the lowest part of `bytes` bytes that is free at the steps from `from` to `to`, both included.
   * Returns its offset in bytes.
   */
  place(bytes: number, from: number, to: number): number {
    const offset = this.#lowest(bytes, from, to);
    const end = offset + bytes;
    this.#take(1, 0, this.#last, from, to, offset, end);
    this.#recent.unshift({ bytes, from, to, end });
    if (this.#recent.length > RECENT) this.#recent.pop();
    return offset;
  }

  #lowest(bytes: number, from: number, to: number): number {
    const found: Parts[] = [];
    this.#find(1, 0, this.#last, from, to, found);
    let offset = 0;
    // There was no room below a recent part. So there is none below its end for another part of its size that
    // is needed at all of its steps.
    for (const part of this.#recent)
      if (part.bytes === bytes && from <= part.from && part.to <= to) offset = Math.max(offset, part.end);
    // If one whole round does not move the offset, it is free in all lists.
    for (let i = 0, unmoved = 0; unmoved < found.length; i = (i + 1) % found.length) {
      const free = lowestIn(found[i]!, offset, bytes);
      unmoved = free === offset ? unmoved + 1 : 1;
      offset = free;
    }
    return offset;
  }

  #find(node: number, first: number, last: number, from: number, to: number, found: Parts[]): void {
    if (to < first || from > last) return;
    const isWhole = from <= first && last <= to;
    const parts = (isWhole ? this.#somewhere : this.#everywhere)[node];
    if (parts !== undefined) found.push(parts);
    if (isWhole) return;
    const middle = (first + last) >> 1;
    this.#find(2 * node, first, middle, from, to, found);
    this.#find(2 * node + 1, middle + 1, last, from, to, found);
  }

  #take(
    node: number,
    first: number,
    last: number,
    from: number,
    to: number,
    start: number,
    end: number,
  ): void {
    if (to < first || from > last) return;
    add((this.#somewhere[node] ??= []), start, end);
    if (from <= first && last <= to) {
      add((this.#everywhere[node] ??= []), start, end);
      return;
    }
    const middle = (first + last) >> 1;
    this.#take(2 * node, first, middle, from, to, start, end);
    this.#take(2 * node + 1, middle + 1, last, from, to, start, end);
  }
}

/** Returns the place of the first part that ends at or after an offset. */
function firstEndingFrom(parts: Parts, offset: number): number {
  let [low, high] = [0, parts.length / 2];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (parts[2 * middle + 1]! < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

function lowestIn(parts: Parts, offset: number, bytes: number): number {
  let lowest = offset;
  for (let i = 2 * firstEndingFrom(parts, offset); i < parts.length; i += 2) {
    if (lowest + bytes <= parts[i]!) break;
    lowest = Math.max(lowest, parts[i + 1]!);
  }
  return lowest;
}

/** Adds a part, and joins it with the parts that it touches. */
function add(parts: Parts, start: number, end: number): void {
  const at = 2 * firstEndingFrom(parts, start);
  let next = at;
  let [from, to] = [start, end];
  for (; next < parts.length && parts[next]! <= end; next += 2) {
    from = Math.min(from, parts[next]!);
    to = Math.max(to, parts[next + 1]!);
  }
  parts.splice(at, next - at, from, to);
}
