// What a part of a slice means for its axis.

import { kindOf } from "../array/arguments.ts";
import { shapeText } from "../array/shape.ts";
import type { Shape } from "../array/shape-types.ts";

/** What a slice takes of one axis: an index (the axis is dropped), [start, stop, step] (each may be left out), or null for all. */
export type AxisSlice = number | null | readonly [start?: number | null, stop?: number | null, step?: number];

/** Where a part starts, how many elements it has, and how far apart. Throws RangeError or TypeError where it is no part. */
export function rangeOf(
  part: AxisSlice,
  n: number,
  axis: number,
  shape: Shape,
): { start: number; size: number; step: number } {
  if (typeof part === "number") {
    const start = part < 0 ? part + n : part;
    if (!Number.isInteger(part) || start < 0 || start >= n) {
      throw new RangeError(
        `slice: index ${part} at axis ${axis} of ${shapeText(shape)}: use ${-n} to ${n - 1}`,
      );
    }
    return { start, size: 1, step: 1 };
  }
  if (part !== null && !Array.isArray(part)) {
    throw new TypeError(
      `slice: got ${kindOf(part)} at axis ${axis} of ${shapeText(shape)}; give an index, [start, stop, step] or null for all`,
    );
  }
  const [from, to, step = 1] = (part ?? []) as Exclude<AxisSlice, number | null>;
  const odd = [from, to].find((bound) => bound != null && !Number.isInteger(bound));
  if (odd !== undefined) {
    throw new RangeError(
      `slice: from ${from} to ${to} at axis ${axis} of ${shapeText(shape)}: bounds must be whole numbers, or null for the ends`,
    );
  }
  if (!Number.isInteger(step) || step < 1) {
    throw new RangeError(
      `slice: step ${step} at axis ${axis}: it must be a whole number, 1 or more; flip() first to run backwards`,
    );
  }
  const bound = (index: number) => Math.min(n, Math.max(0, index < 0 ? index + n : index));
  const start = bound(from ?? 0);
  return { start, size: Math.max(0, Math.ceil((bound(to ?? n) - start) / step)), step };
}
