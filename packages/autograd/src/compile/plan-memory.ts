// Where each buffer of a program lies: one arena, in which those that are not needed at the same time share room.

import { bytesOf } from "../kernels/heap.ts";
import type { Buffer, Cluster } from "./cluster.ts";
import { Occupancy } from "./occupancy.ts";
import { readBy, type Schedule, writtenBy } from "./schedule.ts";

export interface Room {
  /** From the start of the arena. */
  readonly offset: number;
  readonly bytes: number;
  /** The steps between which it is taken, both included. */
  readonly from: number;
  readonly to: number;
}

export interface MemoryPlan {
  /** Bytes of the arena. */
  readonly size: number;
  /** Bytes of all rooms together, had they not shared any. */
  readonly unshared: number;
  readonly rooms: ReadonlyMap<Buffer, Room>;
  /** Room to work in, for the clusters that need some. */
  readonly scratch: ReadonlyMap<Cluster, Room>;
}

const ALIGNMENT = 64;
const aligned = (bytes: number) => Math.max(ALIGNMENT, Math.ceil(bytes / ALIGNMENT) * ALIGNMENT);

/** The plan. `scratchOf` says how much room a cluster needs to work in. */
export function planMemory(schedule: Schedule, scratchOf: (cluster: Cluster) => number): MemoryPlan {
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

  const wanted: { key: Buffer | Cluster; bytes: number; from: number; to: number }[] = [];
  for (const [buffer, { from, to }] of spans) {
    if (buffer.source.kind === "variable" || inPlace.has(buffer)) continue;
    // What comes from outside stays, so that it need not be brought again.
    const isOutside = buffer.source.kind !== "computed";
    wanted.push({
      key: buffer,
      bytes: aligned(buffer.size * bytesOf[buffer.dtype]),
      from: isOutside ? 0 : from,
      to: isOutside ? last : to,
    });
  }
  order.forEach((cluster, at) => {
    const bytes = scratchOf(cluster);
    if (bytes > 0) wanted.push({ key: cluster, bytes: aligned(bytes), from: at, to: at });
  });

  // The largest first, each in the lowest place that is free all the while. Pisarchyk & Lee (2020), "greedy by size". Of one
  // size, what is needed for the shortest time goes first: what is kept for the way back lies around it in time, and a
  // search then begins above what has been placed.
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
  return { size, unshared, rooms, scratch };
}
