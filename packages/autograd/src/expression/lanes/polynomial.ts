// Small pieces that the elementary functions over lanes share.

import type { Lane, Lanes } from "../lanes.ts";

/**
 * Σ coefficients[i]·xⁱ by Estrin's scheme: neighbours in pairs, then pairs of pairs. A step more than Horner's rule has,
 * and far fewer of them wait for each other.
 */
export function polynomial(l: Lanes, x: Lane, coefficients: readonly number[]): Lane {
  let terms = coefficients.map((coefficient) => l.constant(coefficient));
  for (let power = x; ; power = l.mul(power, power)) {
    const pairs: Lane[] = [];
    for (let i = 0; i < terms.length; i += 2) {
      const [low, high] = [terms[i]!, terms[i + 1]];
      pairs.push(high === undefined ? low : l.madd(high, power, low));
    }
    if (pairs.length === 1) return pairs[0]!;
    terms = pairs;
  }
}

/** Negative where `x` is, −0 included; `a` is not negative where `x` is positive. */
export function withSign(l: Lanes, a: Lane, x: Lane): Lane {
  return l.or(a, l.and(x, l.constant(-0)));
}
