// Plans where each buffer of a program lies: in one arena, in which buffers that are not needed at the same
// time share room. What a cluster computes takes the place of an operand that nothing needs afterwards: memory that was
// just read is written faster.

import { bytesOf } from "../kernels/heap.ts";
import type { Buffer, Cluster } from "./cluster.ts";
import { Occupancy } from "./occupancy.ts";
import { canReplace, readBy, type Schedule, writtenBy } from "./schedule.ts";

export interface Room {
  /** In bytes, from the start of the arena. */
  readonly offset: number;
  readonly bytes: number;
  /** The first and the last step at which it is taken. */
  readonly from: number;
  readonly to: number;
}

export interface MemoryPlan {
  /** Bytes of the arena. */
  readonly size: number;
  /** Bytes of all rooms together, had they not shared any. */
  readonly unshared: number;
  readonly rooms: ReadonlyMap<Buffer, Room>;
  /** Scratch memory, for the clusters that need it. */
  readonly scratch: ReadonlyMap<Cluster, Room>;
}

const ALIGNMENT = 64;
const aligned = (bytes: number) => Math.max(ALIGNMENT, Math.ceil(bytes / ALIGNMENT) * ALIGNMENT);
const bytesIn = ({ size, dtype }: Buffer) => aligned(size * bytesOf[dtype]);

/** In bytes. Smaller buffers stay in the nearest cache, where they take no longer to write wherever they lie. */
const LARGE = 2 ** 14;

/**
 * Returns the memory plan. `scratchOf` returns how many bytes of scratch memory a cluster needs. `isWhole`: whether what
 * comes from outside, but for variables, gets a room as well.
 */
export function planMemory(
  schedule: Schedule,
  scratchOf: (cluster: Cluster) => number,
  isWhole = true,
): MemoryPlan {
  const { order, guards, results, inPlace, copied, gradients } = schedule;
  const last = order.length;
  const spans = new Map<Buffer, { from: number; to: number }>();
  const touch = (buffer: Buffer, at: number) => {
    const span = spans.get(buffer);
    if (span === undefined) spans.set(buffer, { from: at, to: at });
    else span.to = Math.max(span.to, at);
  };
  order.forEach((cluster, at) => {
    for (const buffer of readBy(cluster)) touch(buffer, at);
    for (const buffer of writtenBy(cluster)) touch(buffer, at);
  });
  for (const guard of guards) for (const buffer of readBy(guard)) touch(buffer, 0);
  const kept = [
    ...results.map(({ buffer }) => buffer),
    ...copied.map(({ buffer }) => buffer),
    ...gradients.flatMap(({ buffer }) => buffer ?? []),
  ];
  for (const buffer of kept) touch(buffer, last);

  // What comes from outside is needed again in the next run, and a variable's new value stays where it is.
  const isFree = (old: Buffer) => old.source.kind === "computed" && !inPlace.has(old);
  /** For each buffer that takes the place of another, the one that was there first. */
  const replaced = new Map<Buffer, Buffer>();
  order.forEach((cluster, at) => {
    const ending = new Set(readBy(cluster).filter((old) => isFree(old) && spans.get(old)!.to === at));
    for (const buffer of cluster.computed.keys()) {
      if (bytesIn(buffer) < LARGE || spans.get(buffer)?.from !== at || inPlace.has(buffer)) continue;
      for (const old of ending) {
        if (bytesIn(old) !== bytesIn(buffer) || !canReplace(cluster, buffer, old)) continue;
        replaced.set(buffer, replaced.get(old) ?? old);
        ending.delete(old);
        break;
      }
    }
  });
  const wanted: { key: Buffer | Cluster; bytes: number; from: number; to: number }[] = [];
  for (const [buffer, first] of replaced) touch(first, spans.get(buffer)!.to);
  for (const [buffer, { from, to }] of spans) {
    if (buffer.source.kind === "variable" || inPlace.has(buffer) || replaced.has(buffer)) continue;
    // A buffer that comes from outside stays in the arena, so that it need not be loaded again in the next run.
    const isOutside = buffer.source.kind !== "computed";
    if (isOutside && !isWhole) continue;
    wanted.push({
      key: buffer,
      bytes: bytesIn(buffer),
      from: isOutside ? 0 : from,
      to: isOutside ? last : to,
    });
  }
  order.forEach((cluster, at) => {
    const bytes = scratchOf(cluster);
    if (bytes > 0) wanted.push({ key: cluster, bytes: aligned(bytes), from: at, to: at });
  });

  // The largest buffers are placed first, each in the lowest place that is free while it is needed: "greedy
  // by size", Pisarchyk & Lee (2020). Of buffers of one size, the one that is needed for the shortest time is
  // placed first. A buffer that is kept for the backward pass is needed before and after such a buffer, so
  // its search can begin above the parts that are placed already.
  wanted.sort((a, b) => b.bytes - a.bytes || a.to - a.from - (b.to - b.from));
  const taken = new Occupancy(last);
  const rooms = new Map<Buffer, Room>();
  const scratch = new Map<Cluster, Room>();
  let [size, unshared] = [0, 0];
  for (const { key, bytes, from, to } of wanted) {
    const offset = taken.place(bytes, from, to);
    size = Math.max(size, offset + bytes);
    unshared += bytes;
    const room = { offset, bytes, from, to };
    if ("dtype" in key) rooms.set(key, room);
    else scratch.set(key, room);
  }
  for (const [buffer, first] of replaced) {
    const { offset, bytes } = rooms.get(first)!;
    rooms.set(buffer, { offset, bytes, ...spans.get(buffer)! });
    unshared += bytes;
  }
  return { size, unshared, rooms, scratch };
}
