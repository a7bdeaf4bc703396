// Softmax, its log and the log of a sum of exponentials, in the form that can't overflow.

import { apply } from "../tape/apply.ts";
import { detached } from "../tape/leaf.ts";
import type { Value } from "../tape/value.ts";
import { filled } from "../tape/zeros.ts";
import { elements, elementwise } from "./elementwise.ts";
import { distance, logSoftmax as logSoftmaxAlong } from "./log-softmax.ts";
import { spread } from "./moving.ts";
import { kept, total } from "./reduce.ts";
import { max } from "./selection.ts";

// Any shift is right in exact arithmetic, so it carries no derivative.
const largest = (x: Value, axes: readonly number[]): Value => apply(max, [detached(x)], { axes });

/** Log of the sum of exponentials over axes, which stay with size 1. */
export function logSumOfExponentials(x: Value, axes: readonly number[]): Value {
  if (axes.some((axis) => x.shape[axis] === 0)) return filled(-Infinity, kept(x.shape, axes), x.dtype, x);
  const shift = largest(x, axes);
  return elements.add(elements.log(total(elements.exp(elementwise(distance, [x, shift])), axes)), shift);
}

/** Exponentials scaled to sum to one along an axis. No overflow; infinite elements are the limits. */
export function softmax(x: Value, axis: number): Value {
  if (x.size === 0) return x;
  const powers = elements.exp(elementwise(distance, [x, largest(x, [axis])]));
  return elements.div(powers, spread(total(powers, [axis]), x.shape));
}

/** Log of softmax along an axis; accurate where softmax is tiny, where it is almost one, and far from 0. */
export function logSoftmax(x: Value, axis: number): Value {
  return x.size === 0 ? x : apply(logSoftmaxAlong, [x], { axis });
}
