// Where numbers belong among sorted ones, by halving: as many steps as the length has bits, each one read and one comparison
// for every number, so that programs, many at once and whatever reads programs have it without a primitive of its own.

import { isFloat } from "../array/dtype.ts";
import { apply } from "../tape/apply.ts";
import type { Value } from "../tape/value.ts";
import { filled } from "../tape/zeros.ts";
import { elements } from "./elementwise.ts";
import { takeAlong } from "./indexing.ts";
import { cast } from "./movement.ts";

/** Which place a number has among equal ones: before them, or after. */
export type Side = "left" | "right";

/**
 * For each of [m] numbers how many of [n] sorted ones lie before it (int32): those that are less, or, on the right side, not
 * greater. NaN is greater than every number and equal to itself.
 */
export function placesAmong(sorted: Value, values: Value, side: Side): Value {
  const n = sorted.shape[0]!;
  let passed = filled(0, values.shape, "int32", values);
  for (let step = 2 ** Math.floor(Math.log2(Math.max(n, 1))); step >= 1 && n > 0; step /= 2) {
    const next = elements.add(passed, step);
    // Beyond the end there is nothing to pass; any element may be read there.
    const at = elements.sub(elements.minimum(next, n), 1);
    const element = apply(takeAlong, [sorted, at], { axis: 0 });
    const isPassed = elements.and(elements.lessEqual(next, n), isBefore(element, values, side));
    passed = elements.add(passed, elements.mul(apply(cast, [isPassed], { dtype: "int32" }), step));
  }
  return passed;
}

/** NaN alone is not at most ∞. */
const isNumber = (x: Value): Value => elements.lessEqual(x, Infinity);

function isBefore(element: Value, value: Value, side: Side): Value {
  const isLess = side === "left" ? elements.less(element, value) : elements.lessEqual(element, value);
  if (!isFloat(value.dtype)) return isLess;
  const isBeforeNaN = elements.not(isNumber(value));
  return elements.or(isLess, side === "left" ? elements.and(isBeforeNaN, isNumber(element)) : isBeforeNaN);
}
