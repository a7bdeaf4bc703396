// Movements as functions of values: the primitives of movement.ts, with attributes derived from fewer arguments.

import { sameShape } from "../array/shape.ts";
import type { Shape } from "../array/shape-types.ts";
import { apply } from "../tape/apply.ts";
import type { Value } from "../tape/value.ts";
import { filled } from "../tape/zeros.ts";
import { elements } from "./elementwise.ts";
import { broadcastTo, concat, pad, permute, reshape, slice, sumTo } from "./movement.ts";

/** The same elements, row-major, under another shape. */
export const reshaped = (x: Value, shape: Shape): Value =>
  sameShape(x.shape, shape) ? x : apply(reshape, [x], { shape });

/** Repeated along axes of size 1, and along new ones in front. */
export const spread = (x: Value, shape: Shape): Value =>
  sameShape(x.shape, shape) ? x : apply(broadcastTo, [x], { shape });

/** Summed over what broadcasting from a shape would repeat. */
export const summedTo = (x: Value, shape: Shape): Value =>
  sameShape(x.shape, shape) ? x : apply(sumTo, [x], { shape });

/** Values one after another along their first axis. */
export const joined = (parts: readonly Value[]): Value =>
  parts.length === 1 ? parts[0]! : apply(concat, parts, { axis: 0 });

/** Values of one shape beside each other, along a new axis in front. */
export const stacked = (parts: readonly Value[]): Value =>
  joined(parts.map((part) => reshaped(part, [1, ...part.shape])));

/** The value with one of its axes in another place. */
export function withAxisMoved(x: Value, from: number, to: number): Value {
  if (from === to) return x;
  const order = x.shape.map((_, axis) => axis).filter((axis) => axis !== from);
  order.splice(to, 0, from);
  return apply(permute, [x], { order });
}

/** Every matrix of a batch transposed. */
export function transposed(x: Value): Value {
  const order = x.shape.map((_, axis) => axis);
  [order[x.rank - 2], order[x.rank - 1]] = [x.rank - 1, x.rank - 2];
  return apply(permute, [x], { order });
}

/** `size` elements from `start` on, along an axis. */
export function rangeAlong(x: Value, axis: number, start: number, size: number): Value {
  return apply(slice, [x], {
    starts: x.shape.map((_, k) => (k === axis ? start : 0)),
    sizes: x.shape.with(axis, size),
    steps: x.shape.map(() => 1),
  });
}

/** x with a value put around it. */
export function padded(
  x: Value,
  { before, after }: { readonly before: readonly number[]; readonly after: readonly number[] },
  value: number,
): Value {
  const attributes = { before, after, between: before.map(() => 0) };
  const among = apply(pad, [x], attributes);
  if (value === 0) return among;
  const inside = apply(pad, [filled(1, x.shape, "bool", x)], attributes);
  return elements.select(inside, among, value);
}
