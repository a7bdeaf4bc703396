// Which parts of an arena are taken at which steps. Finding the lowest free place costs in proportion to how cut up
// the arena is at these steps, above what the last places of this size tell, rather than to how much has been placed before.

/** Parts of the arena: start and end of each, in order, never touching each other. */
type Parts = number[];

/** How many of the last parts a search looks at. */
const RECENT = 16;

/** A tree over the steps: node i has the halves 2·i and 2·i + 1 below it. */
export class Occupancy {
  /** What is taken at some step of a node. */
  readonly #somewhere: Parts[] = [];
  /** What is taken at all steps of a node, where it was not noted for a node above. */
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

  /** Takes the lowest part of so many bytes that is free from one step to another, both included; gives its offset. */
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
    // Where there was no room below one part, there is none for another of its size that is needed all that time and longer.
    for (const part of this.#recent)
      if (part.bytes === bytes && from <= part.from && part.to <= to) offset = Math.max(offset, part.end);
    // Once round without moving: it is free in all of them.
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

/** The place of the first part that ends at an offset or behind it. */
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

/** Adds a part, and makes one of those that touch. */
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
