// Small pieces that the elementary functions over lanes share.

import type { Lane, Lanes } from "../lanes.ts";

/** Σ coefficients[i]·xⁱ by Horner's rule. */
export function polynomial(l: Lanes, x: Lane, coefficients: readonly number[]): Lane {
  let sum = l.constant(coefficients.at(-1)!);
  for (let i = coefficients.length - 2; i >= 0; i--) sum = l.madd(sum, x, l.constant(coefficients[i]!));
  return sum;
}

/** Negative where `x` is, −0 included; `a` is not negative where `x` is positive. */
export function withSign(l: Lanes, a: Lane, x: Lane): Lane {
  return l.or(a, l.and(x, l.constant(-0)));
}
