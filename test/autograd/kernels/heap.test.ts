// Who owns which part of memory. A heap of its own hands out addresses and writes nothing, so the one that kernels share
// is not disturbed; it is compared with a list of what is taken.

import fc from "fast-check";
import { expect, test } from "vitest";
import { Heap, type Lease } from "../../../packages/autograd/src/kernels/heap.ts";
import { trials } from "../../support/runs.ts";

const LINE = 64;
/** Bytes as they are handed out: whole cache lines, one at least. */
const rounded = (bytes: number) => Math.max(1, Math.ceil(bytes / LINE)) * LINE;

interface Taken {
  readonly start: number;
  readonly size: number;
}

/** The room between the parts that are taken, in the order of addresses; nothing lies behind the last of them. */
function gapsOf(taken: readonly Taken[]): Taken[] {
  let end = LINE;
  return taken
    .toSorted((a, b) => a.start - b.start)
    .flatMap(({ start, size }) => {
      const gap = { start: end, size: start - end };
      end = start + size;
      return gap.size > 0 ? [gap] : [];
    });
}

const actions = fc.array(
  fc.oneof(
    fc.record({ allocate: fc.integer({ min: 0, max: 6 * LINE }) }),
    // Which of those that are taken.
    fc.record({ free: fc.nat(), twice: fc.boolean() }),
  ),
  { minLength: 1, maxLength: 60 },
);

test("a part goes into the smallest gap that holds it, or behind all others where none does", () => {
  fc.assert(
    fc.property(actions, (sequence) => {
      const heap = new Heap();
      const taken: Taken[] = [];
      for (const action of sequence) {
        if ("allocate" in action) {
          const size = rounded(action.allocate);
          const room = gapsOf(taken).filter((gap) => gap.size >= size);
          const start = heap.allocate(action.allocate);
          const least = Math.min(...room.map((gap) => gap.size));
          const end = Math.max(LINE, ...taken.map((part) => part.start + part.size));
          const places = room.length === 0 ? [end] : room.filter((gap) => gap.size === least);
          expect(places.map((place) => (typeof place === "number" ? place : place.start))).toContain(start);
          taken.push({ start, size });
        } else if (taken.length > 0) {
          const [part] = taken.splice(action.free % taken.length, 1);
          heap.free(part!.start);
          // A finalizer may come after its part was given back by hand.
          if (action.twice) heap.free(part!.start);
        }
        expect(heap.used).toBe(taken.reduce((sum, { size }) => sum + size, 0));
      }
      for (const { start } of taken) heap.free(start);
      expect(heap.used).toBe(0);
      // All of it is one again, so that a part larger than each of those before starts where the first one did.
      expect(heap.allocate(100 * LINE)).toBe(LINE);
    }),
    trials(200),
  );
});

/** A lease whose owner stays as long as the list does. */
function leaser(heap: Heap) {
  const owners: object[] = [];
  const left: number[] = [];
  const lease = (bytes: number, wish: number | null = null): Lease => {
    const owner = {};
    owners.push(owner);
    heap.time++;
    const made: Lease = heap.lease(owner, bytes, () => left.push(made.start), wish);
    return made;
  };
  return { lease, left, owners };
}

test("a lease gets the place that it wishes, and those that lie there, and they alone, are told before they go", () => {
  const heap = new Heap();
  const { lease, left } = leaser(heap);
  const leases = [2, 3, 4, 5].map((lines) => lease(lines * LINE));
  heap.time++;
  // From the middle of the second to the middle of the third.
  const wish = leases[1]!.start + LINE;
  expect(lease(4 * LINE, wish).start).toBe(wish);
  expect(left).toEqual([leases[1]!.start, leases[2]!.start]);
  expect(heap.takenBack).toBe(2);
  expect(heap.used).toBe((2 + 4 + 5) * LINE);
  // What is left of their room on both sides is handed out again.
  expect(heap.allocate(LINE)).toBe(leases[1]!.start);
  expect(heap.allocate(2 * LINE)).toBe(wish + 4 * LINE);
});

test.each([
  ["what is no lease", (heap: Heap) => heap.allocate(LINE)],
  [
    "a pinned lease",
    (heap: Heap) => {
      const kept = leaser(heap).lease(LINE);
      kept.pins = 1;
      return kept.start;
    },
  ],
  [
    "the companion of a pinned lease",
    (heap: Heap) => {
      const { lease } = leaser(heap);
      const kept = lease(LINE);
      const pinned = lease(LINE);
      pinned.pins = 1;
      pinned.companions = [kept];
      return kept.start;
    },
  ],
])("a lease goes elsewhere where %s lies in the place that it wishes", (_, take) => {
  const heap = new Heap();
  const { lease, left } = leaser(heap);
  const other = lease(LINE);
  const start = take(heap);
  heap.time++;
  const used = heap.used;
  const made = lease(2 * LINE, start);
  expect(made.start).toBeGreaterThan(start);
  expect(left).toEqual([]);
  expect(heap.used).toBe(used + 2 * LINE);
  expect(other.start).toBeLessThan(start);
});

test("a lease that wishes a place beyond all others leaves the room before it to be handed out", () => {
  const heap = new Heap();
  const { lease } = leaser(heap);
  expect(lease(LINE, 11 * LINE).start).toBe(11 * LINE);
  expect(heap.allocate(10 * LINE)).toBe(LINE);
  expect(heap.allocate(LINE)).toBe(12 * LINE);
});
