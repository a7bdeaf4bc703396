// The inverse hyperbolic functions over lanes, in float32 and float64, for every argument; nothing here calls JavaScript.
//
// Each is the logarithm of a sum 1 + lead + rest, whose rounding error is carried into the logarithm: near its zero the
// function keeps every digit. For large x asinh and acosh are log 2x, since x² would overflow.

import type { Lane, Lanes } from "../lanes.ts";
import { logOfSum } from "./logarithm.ts";
import { twoSum, withSign } from "./polynomial.ts";

/** From here on 1 no longer counts beside x, nor beside x². */
const LARGE = { 32: 2 ** 30, 64: 2 ** 60 } as const;

/** log(1 + a + b), or log(1 + x) + ln 2 where x is large. */
function unlessLarge(l: Lanes, x: Lane, a: Lane, b: Lane): Lane {
  const isLarge = l.isLess(l.constant(LARGE[l.bits]), x);
  const [lead, rest] = twoSum(l, a, b);
  return logOfSum(l, l.choose(isLarge, x, lead), l.andNot(rest, isLarge), l.and(l.constant(1), isLarge));
}

/** log(x + √(x² + 1)), and √(x² + 1) − 1 = x²/(1 + √(x² + 1)). */
export function asinh(l: Lanes, x: Lane): Lane {
  const [one, size] = [l.constant(1), l.abs(x)];
  const square = l.mul(size, size);
  const root = l.sqrt(l.add(one, square));
  return withSign(l, unlessLarge(l, size, size, l.div(square, l.add(one, root))), x);
}

/** log(x + √(x² − 1)), by t = x − 1. */
export function acosh(l: Lanes, x: Lane): Lane {
  const one = l.constant(1);
  const t = l.sub(x, one);
  const root = l.sqrt(l.madd(t, t, l.add(t, t)));
  // All bits set are NaN.
  return l.or(unlessLarge(l, x, root, t), l.isLess(x, one));
}

/** ½·log((1 + x)/(1 − x)), and (1 + x)/(1 − x) = 1 + 2x + 2x²/(1 − x). */
export function atanh(l: Lanes, x: Lane): Lane {
  const [one, size] = [l.constant(1), l.abs(x)];
  const twice = l.add(size, size);
  const [lead, rest] = twoSum(l, twice, l.div(l.mul(twice, size), l.sub(one, size)));
  const half = l.mul(logOfSum(l, lead, rest), l.constant(0.5));
  return l.or(withSign(l, half, x), l.isLess(one, size));
}
