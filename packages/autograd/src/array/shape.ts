// Shapes as plain arrays of sizes: strides, broadcasting, axes.

import { kindOf } from "./arguments.ts";
import { ShapeError } from "./errors.ts";
import type { Shape } from "./shape-types.ts";

/** Number of elements. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const n of shape) size *= n;
  return size;
}

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let axis = 0; axis < a.length; axis++) if (a[axis] !== b[axis]) return false;
  return true;
}

/** A shape as errors and printing show it: [2, 3]. */
export function shapeText(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** Throws TypeError unless it is an array, ShapeError unless every size is a whole number ≥ 0. */
export function checkShape(shape: Shape, operation: string): void {
  if (!Array.isArray(shape)) {
    throw new TypeError(
      `${operation}: got ${kindOf(shape)} where a shape belongs; write the sizes in brackets, e.g. [2, 3]`,
    );
  }
  for (const n of shape) {
    if (!Number.isInteger(n) || n < 0) {
      throw new ShapeError(
        `${operation}: ${shapeText(shape)} is no shape; every size must be a whole number, 0 or more`,
      );
    }
  }
}

/**
 * The shape that shapes broadcast to: aligned at the last axis, sizes must agree or be 1.
 * Throws ShapeError naming the operation, the shapes and the axis.
 */
export function broadcastShapes(operation: string, ...shapes: readonly Shape[]): number[] {
  let rank = 0;
  for (const { length } of shapes) rank = Math.max(rank, length);
  const result = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    for (let i = 1; i <= shape.length; i++) {
      const n = shape[shape.length - i]!;
      const present = result[rank - i]!;
      if (n === present || n === 1) continue;
      if (present !== 1) {
        throw new ShapeError(
          `${operation}: ${shapes.map(shapeText).join(" and ")} don't broadcast: sizes ${present} and ${n} at axis −${i} differ and neither is 1; reshape or expandDims one of them`,
        );
      }
      result[rank - i] = n;
    }
  }
  return result;
}

/** An axis counted from the front. Throws ShapeError if it is not one of the shape's. */
export function normalizeAxis(axis: number, rank: number, operation: string): number {
  const normal = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || normal < 0 || normal >= rank) {
    throw new ShapeError(
      rank === 0
        ? `${operation}: axis ${axis} of a tensor of rank 0: it has no axes; leave the axis out`
        : `${operation}: axis ${axis} of a tensor of rank ${rank}: use ${-rank} to ${rank - 1}`,
    );
  }
  return normal;
}

/** Axes counted from the front, sorted, each once; all of them if none is given. */
export function normalizeAxes(
  axes: number | readonly number[] | undefined,
  rank: number,
  operation: string,
): number[] {
  if (axes === undefined) {
    const all = new Array<number>(rank);
    for (let axis = 0; axis < rank; axis++) all[axis] = axis;
    return all;
  }
  const list = (Array.isArray as (value: unknown) => value is readonly number[])(axes) ? axes : [axes];
  const normal = list.map((axis) => normalizeAxis(axis, rank, operation));
  if (new Set(normal).size !== normal.length) {
    throw new ShapeError(
      `${operation}: axes [${list.join(", ")}] name an axis of rank ${rank} twice; name each once`,
    );
  }
  return normal.sort((a, b) => a - b);
}
