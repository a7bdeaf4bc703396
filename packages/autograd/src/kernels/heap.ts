// The memory that all kernels share, and which parts of it are in use, whatever they contain. A part on lease is taken
// back when there is no other room, the least recently used one first. So memory suffices also in a loop that never
// yields, where the JavaScript engine never reports what is garbage.

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

/** A part that can be taken from its owner, if the owner is told beforehand. */
export interface Lease {
  readonly start: number;
  /** The heap's time at which it was last used. */
  lastUsed: number;
  /** While above 0, neither this lease nor its companions are taken back. */
  pins: number;
  /** Leases that are used whenever this one is. */
  companions: readonly Lease[];
  /** Saves what must be kept. It must not refer to the owner, which would then never become garbage. */
  leave: () => void;
}

/** Memory that grows on demand. */
export class Heap {
  readonly memory: Memory = kernelMemory()!;
  /** Free parts, by address; neighbouring ones are joined. */
  readonly #free: Part[] = [];
  readonly #taken = new Map<number, number>();
  #end: number;
  #views: Readonly<Record<DType, TypedArray>>;

  constructor() {
    // Address 0 is never handed out.
    this.#end = ALIGNMENT;
    this.#views = viewsOf(this.memory.buffer);
  }

  /** The whole memory as elements of a type; index = address / size. A view becomes invalid when memory grows. */
  view(dtype: DType): TypedArray {
    // When memory grows, its views lose their elements. The memory's buffer would show it too, but takes long to read.
    const view = this.#views[dtype];
    return view.length > 0 ? view : this.#renewed(dtype);
  }

  #renewed(dtype: DType): TypedArray {
    this.#views = viewsOf(this.memory.buffer);
    return this.#views[dtype];
  }

  /** The address of a new part of at least this many bytes. Throws RangeError where there is no room. */
  allocate(bytes: number): number {
    const size = sizeFor(bytes);
    for (;;) {
      const start = this.#fitting(size);
      if (start !== null) {
        this.#taken.set(start, size);
        return start;
      }
      if (this.#takeBack()) continue;
      throw new RangeError(
        `compile: ${mebibytes(this.#end + size)} MiB of memory are needed and the engine gives ${mebibytes(this.memory.buffer.byteLength)} MiB (the limit is ${mebibytes(MOST_PAGES * PAGE)} MiB); use smaller batches, or drop compiled functions that are not needed any more`,
      );
    }
  }

  /** The address of a part: in the free part that fits best, or at the end; null where there is no room. */
  #fitting(size: number): number | null {
    let best = -1;
    this.#free.forEach(({ start, end }, i) => {
      const fits = end - start >= size;
      if (fits && (best < 0 || end - start < this.#free[best]!.end - this.#free[best]!.start)) best = i;
    });
    if (best < 0) {
      const start = this.#end;
      if (!this.#reach(start + size)) return null;
      this.#end = start + size;
      return start;
    }
    const part = this.#free[best]!;
    const { start } = part;
    part.start += size;
    if (part.start === part.end) this.#free.splice(best, 1);
    return start;
  }

  /** Grows memory to some address; false where the JavaScript engine gives no more. */
  #reach(end: number): boolean {
    // Room for a vector read that begins at the last element.
    const missing = Math.ceil((end + 16 - this.memory.buffer.byteLength) / PAGE);
    if (missing <= 0) return true;
    // Growing by an eighth or more keeps the number of growths small.
    const pages = Math.max(missing, Math.ceil(this.memory.buffer.byteLength / PAGE / 8));
    for (const each of [pages, missing]) {
      try {
        this.memory.grow(each);
        return true;
      } catch {
        // A smaller growth may succeed.
      }
    }
    return false;
  }

  // ── Leases ──────────────────────────────────────────────────────────────────────────────────────────────────

  readonly #leases = new Map<number, Lease>();
  /** Increases as leases are used. A lease that was used at the current time is not taken back. */
  time = 0;
  /** How many leases have been taken back: while this does not change, all leases still exist. */
  takenBack = 0;

  /**
   * Leases a part, which may be taken back when others need it. `wish` is the preferred address; leases that lie there
   * are taken back. The lease ends when its owner becomes garbage. Throws RangeError where there is no room.
   */
  lease(owner: object, bytes: number, leave: () => void, wish: number | null = null): Lease {
    const size = sizeFor(bytes);
    const isGranted = wish !== null && this.#clear(wish, size);
    const start = isGranted ? wish : this.allocate(bytes);
    if (isGranted) this.#taken.set(start, size);
    const lease = { start, lastUsed: this.time, pins: 0, companions: [], leave };
    this.#leases.set(start, lease);
    this.#owners.register(owner, start, lease);
    return lease;
  }

  /** The leases that must not be taken back now. */
  #kept(): Set<Lease> {
    const kept = new Set<Lease>();
    for (const lease of this.#leases.values()) {
      for (const each of lease.companions) each.lastUsed = Math.max(each.lastUsed, lease.lastUsed);
      if (lease.pins > 0) for (const each of [lease, ...lease.companions]) kept.add(each);
    }
    for (const lease of this.#leases.values()) if (lease.lastUsed === this.time) kept.add(lease);
    return kept;
  }

  /** Takes back the least recently used lease; false where there is none. */
  #takeBack(): boolean {
    const kept = this.#kept();
    let oldest: Lease | undefined;
    for (const lease of this.#leases.values())
      if (!kept.has(lease) && (oldest === undefined || lease.lastUsed < oldest.lastUsed)) oldest = lease;
    if (oldest !== undefined) this.#endLease(oldest);
    return oldest !== undefined;
  }

  #endLease(lease: Lease): void {
    lease.leave();
    // Other leases may still list this one as a companion. It must not keep alive what `leave` refers to.
    lease.leave = gone;
    this.takenBack++;
    this.#owners.unregister(lease);
    this.free(lease.start);
  }

  /** Takes back the leases in a part, and reserves the part; false, with nothing changed, where that is impossible. */
  #clear(start: number, size: number): boolean {
    const end = start + size;
    const there = [...this.#taken].filter(([from, length]) => from < end && start < from + length);
    const leases = there.map(([from]) => this.#leases.get(from));
    const kept = this.#kept();
    if (leases.some((lease) => lease === undefined || kept.has(lease))) return false;
    if (!this.#reach(end)) return false;
    for (const lease of leases) this.#endLease(lease!);
    if (end > this.#end) {
      const last = this.#free.at(-1);
      if (last?.end === this.#end) last.end = end;
      else this.#free.push({ start: this.#end, end });
      this.#end = end;
    }
    const at = this.#free.findIndex((part) => part.start <= start && end <= part.end);
    const part = this.#free[at]!;
    const rest = [
      { start: part.start, end: start },
      { start: end, end: part.end },
    ].filter((each) => each.start < each.end);
    this.#free.splice(at, 1, ...rest);
    return true;
  }

  /** Frees the part at an address. */
  free(start: number): void {
    const size = this.#taken.get(start);
    if (size === undefined) return;
    this.#taken.delete(start);
    this.#leases.delete(start);
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

  readonly #owners = new FinalizationRegistry<number>((start) => this.free(start));
}

const sizeFor = (bytes: number) => Math.max(ALIGNMENT, Math.ceil(bytes / ALIGNMENT) * ALIGNMENT);
const gone = () => {};
const mebibytes = (bytes: number) => Math.round(bytes / 2 ** 20);

function viewsOf(buffer: ArrayBuffer): Readonly<Record<DType, TypedArray>> {
  return {
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
