// Softmax and its log, in the form that can't overflow.

import { apply } from "../tape/apply.ts";
import { detached } from "../tape/leaf.ts";
import type { Value } from "../tape/value.ts";
import { filled } from "../tape/zeros.ts";
import { elements } from "./elementwise.ts";
import { spread } from "./moving.ts";
import { kept, total } from "./reduce.ts";
import { max } from "./selection.ts";

// Any shift is right in exact arithmetic, so it carries no derivative; an infinite one would make NaN of ∞ − ∞.
function finiteMax(x: Value, axes: readonly number[]): Value {
  const top = apply(max, [detached(x)], { axes });
  return elements.select(elements.less(elements.abs(top), Infinity), top, 0);
}

/** Log of the sum of exponentials over axes, which stay with size 1. */
export function logSumOfExponentials(x: Value, axes: readonly number[]): Value {
  if (axes.some((axis) => x.shape[axis] === 0)) return filled(-Infinity, kept(x.shape, axes), x.dtype, x);
  const shift = finiteMax(x, axes);
  return elements.add(elements.log(total(elements.exp(elements.sub(x, shift)), axes)), shift);
}

/** Exponentials scaled to sum to one along an axis. No overflow. */
export function softmax(x: Value, axis: number): Value {
  if (x.size === 0) return x;
  const powers = elements.exp(elements.sub(x, spread(finiteMax(x, [axis]), x.shape)));
  return elements.div(powers, spread(total(powers, [axis]), x.shape));
}

/** Log of softmax along an axis; accurate where softmax is tiny. */
export function logSoftmax(x: Value, axis: number): Value {
  return elements.sub(x, spread(logSumOfExponentials(x, [axis]), x.shape));
}
