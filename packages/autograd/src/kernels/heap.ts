// The memory that all kernels share, and who owns which part of it. Parts are handed out and taken back here; what is
// in them is nobody's business.

import type { DType, TypedArray } from "../array/dtype.ts";
import { kernelMemory, type Memory, MOST_PAGES } from "./webassembly.ts";

const PAGE = 65_536;
// A cache line: parts of different owners never share one.
const ALIGNMENT = 64;

export const bytesOf: Readonly<Record<DType, number>> = { float32: 4, float64: 8, int32: 4, bool: 1 };

interface Part {
  start: number;
  end: number;
}

/** Memory that grows as it is asked for. */
export class Heap {
  readonly memory: Memory = kernelMemory()!;
  /** Free parts, by address, never side by side. */
  readonly #free: Part[] = [];
  readonly #taken = new Map<number, number>();
  #end: number;
  #views: { readonly buffer: ArrayBuffer } & Readonly<Record<DType, TypedArray>>;

  constructor() {
    // Address 0 is nobody's.
    this.#end = ALIGNMENT;
    this.#views = viewsOf(this.memory.buffer);
  }

  /** The whole memory as elements of a type; index = address / size. Not for keeping: growth makes it stale. */
  view(dtype: DType): TypedArray {
    if (this.#views.buffer !== this.memory.buffer) this.#views = viewsOf(this.memory.buffer);
    return this.#views[dtype];
  }

  /** A part of memory of at least so many bytes. Throws RangeError where there is no more. */
  allocate(bytes: number): number {
    const size = Math.max(ALIGNMENT, Math.ceil(bytes / ALIGNMENT) * ALIGNMENT);
    let best = -1;
    this.#free.forEach(({ start, end }, i) => {
      const fits = end - start >= size;
      if (fits && (best < 0 || end - start < this.#free[best]!.end - this.#free[best]!.start)) best = i;
    });
    let start: number;
    if (best >= 0) {
      const part = this.#free[best]!;
      start = part.start;
      part.start += size;
      if (part.start === part.end) this.#free.splice(best, 1);
    } else {
      start = this.#end;
      this.#reach(start + size);
      this.#end = start + size;
    }
    this.#taken.set(start, size);
    return start;
  }

  #reach(end: number): void {
    // Room for a vector read that begins at the last element.
    const missing = Math.ceil((end + 16 - this.memory.buffer.byteLength) / PAGE);
    if (missing <= 0) return;
    // Growing by an eighth or more keeps the number of growths small.
    const pages = Math.max(missing, Math.ceil(this.memory.buffer.byteLength / PAGE / 8));
    try {
      this.memory.grow(pages);
    } catch {
      try {
        this.memory.grow(missing);
      } catch {
        throw new RangeError(
          `compile: ${Math.round(end / 2 ** 20)} MiB of memory are needed and the limit is ${Math.round((MOST_PAGES * PAGE) / 2 ** 20)} MiB; use smaller batches, or drop compiled functions that are not needed any more`,
        );
      }
    }
  }

  /** Takes a part back. */
  free(start: number): void {
    const size = this.#taken.get(start);
    if (size === undefined) return;
    this.#taken.delete(start);
    let at = this.#free.findIndex((part) => part.start > start);
    if (at < 0) at = this.#free.length;
    this.#free.splice(at, 0, { start, end: start + size });
    for (const i of [at, at - 1]) {
      const [left, right] = [this.#free[i], this.#free[i + 1]];
      if (left === undefined || right === undefined || left.end !== right.start) continue;
      left.end = right.end;
      this.#free.splice(i + 1, 1);
    }
    const last = this.#free.at(-1);
    if (last !== undefined && last.end === this.#end) {
      this.#end = last.start;
      this.#free.pop();
    }
  }

  /** Bytes in use. */
  get used(): number {
    let sum = 0;
    for (const size of this.#taken.values()) sum += size;
    return sum;
  }

  /** Takes a part back when its owner is no more. */
  freeWith(owner: object, start: number): void {
    this.#owners.register(owner, start);
  }

  readonly #owners = new FinalizationRegistry<number>((start) => this.free(start));
}

function viewsOf(buffer: ArrayBuffer) {
  return {
    buffer,
    float32: new Float32Array(buffer),
    float64: new Float64Array(buffer),
    int32: new Int32Array(buffer),
    bool: new Uint8Array(buffer),
  };
}

let shared: Heap | undefined;

/** The one heap, made when it is first needed. */
export function heap(): Heap {
  shared ??= new Heap();
  return shared;
}
