// Parts of a tensor: what each means for its axis, how a part is read, and how one is replaced.

import { kindOf } from "../array/arguments.ts";
import { inNameOf, ShapeError } from "../array/errors.ts";
import { shapeText } from "../array/shape.ts";
import type { Shape } from "../array/shape-types.ts";
import { elements } from "../primitives/elementwise.ts";
import { pad, slice } from "../primitives/movement.ts";
import { reshaped, spread } from "../primitives/moving.ts";
import { apply } from "../tape/apply.ts";
import { Value } from "../tape/value.ts";
import { filled } from "../tape/zeros.ts";

/** What a slice takes of one axis: an index (the axis is dropped), [start, stop, step] (each may be left out), or null for all. */
export type AxisSlice = number | null | readonly [start?: number | null, stop?: number | null, step?: number];

interface Range {
  readonly start: number;
  readonly size: number;
  readonly step: number;
}

/** Where a part starts, how many elements it has, and how far apart. Throws RangeError or TypeError where it is no part. */
function rangeOf(operation: string, part: AxisSlice, n: number, axis: number, shape: Shape): Range {
  if (typeof part === "number") {
    const start = part < 0 ? part + n : part;
    if (!Number.isInteger(part) || start < 0 || start >= n) {
      throw new RangeError(
        `${operation}: index ${part} at axis ${axis} of ${shapeText(shape)}: use ${-n} to ${n - 1}`,
      );
    }
    return { start, size: 1, step: 1 };
  }
  if (part !== null && !Array.isArray(part)) {
    if ((part as unknown) instanceof Value) throw noPart(operation, part as unknown as Value);
    throw new TypeError(
      `${operation}: got ${kindOf(part)} at axis ${axis} of ${shapeText(shape)}; give an index, [start, stop, step] or null for all`,
    );
  }
  const [from, to, step = 1] = (part ?? []) as Exclude<AxisSlice, number | null>;
  const odd = [from, to].find((bound) => bound != null && !Number.isInteger(bound));
  if (odd !== undefined) {
    throw new RangeError(
      `${operation}: from ${from} to ${to} at axis ${axis} of ${shapeText(shape)}: bounds must be whole numbers, or null for the ends`,
    );
  }
  if (!Number.isInteger(step) || step < 1) {
    throw new RangeError(
      `${operation}: step ${step} at axis ${axis}: it must be a whole number, 1 or more; flip() first to run backwards`,
    );
  }
  const bound = (index: number) => Math.min(n, Math.max(0, index < 0 ? index + n : index));
  const start = bound(from ?? 0);
  return { start, size: Math.max(0, Math.ceil((bound(to ?? n) - start) / step)), step };
}

function noPart(operation: string, part: Value): TypeError {
  return new TypeError(
    part.dtype === "bool"
      ? `${operation}: a mask ${shapeText(part.shape)} among the parts: the shape of what it picks would depend on its numbers; keep the shape: read with where(mask, x, 0), and replace with x.at(mask).set(v), the mask alone`
      : `${operation}: got a tensor where a part belongs; to read at indices use x.gather(indices), to add at indices scatterAdd`,
  );
}

/** For each axis of x what the parts say. */
function rangesOf(operation: string, { shape }: Value, parts: readonly AxisSlice[]): Range[] {
  if (parts.length > shape.length)
    throw new ShapeError(
      `${operation}: ${parts.length} parts for the ${shape.length} axes of ${shapeText(shape)}; give at most one for each axis`,
    );
  return shape.map((n, axis) => rangeOf(operation, parts[axis] ?? null, n, axis, shape));
}

/** The sizes of a part with all its axes, and without those at which there is an index. */
function sizesOf(ranges: readonly Range[], parts: readonly AxisSlice[]): { all: Shape; kept: Shape } {
  const all = ranges.map(({ size }) => size);
  return { all, kept: all.filter((_, axis) => typeof parts[axis] !== "number") };
}

/** A regular part. */
export function partOf(operation: string, x: Value, parts: readonly AxisSlice[]): Value {
  const ranges = rangesOf(operation, x, parts);
  const { all, kept } = sizesOf(ranges, parts);
  const part = apply(slice, [x], {
    starts: ranges.map(({ start }) => start),
    sizes: all,
    steps: ranges.map(({ step }) => step),
  });
  return reshaped(part, kept);
}

/** x with a value in the place of a part. The value broadcasts to the part. */
export function withPart(x: Value, parts: readonly AxisSlice[], value: Value | number): Value {
  const ranges = rangesOf("at", x, parts);
  const { all, kept } = sizesOf(ranges, parts);
  const spans = ranges.map(({ size, step }) => (size === 0 ? 0 : (size - 1) * step + 1));
  const around = {
    before: ranges.map(({ start }) => start),
    after: ranges.map(({ start }, axis) => x.shape[axis]! - start - spans[axis]!),
    between: ranges.map(({ step }) => step - 1),
  };
  const isInside = apply(pad, [filled(1, all, "bool", x)], around);
  return inNameOf("at", () => {
    if (typeof value === "number") return elements.select(isInside, value, x);
    const part = reshaped(spread(value, kept), all);
    return elements.select(isInside, apply(pad, [part], around), x);
  });
}

/** The mask among the arguments of `at`: a tensor of truth values that stands alone. */
export const maskOf = ([first, ...others]: readonly unknown[]): Value | null =>
  first instanceof Value && first.dtype === "bool" && others.length === 0 ? first : null;

/** x with a value where a mask holds. Mask and value broadcast to x. */
export function withMasked(x: Value, mask: Value, value: Value | number): Value {
  return inNameOf("at", () => {
    const placed = typeof value === "number" ? value : spread(value, x.shape);
    return elements.select(spread(mask, x.shape), placed, x);
  });
}
