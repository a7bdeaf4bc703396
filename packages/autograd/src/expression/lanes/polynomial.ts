// Small pieces that the elementary functions over lanes share.

import type { Lane, Lanes } from "../lanes.ts";

// By what measures fastest: pairs of more float32 terms, of several vectors side by side, don't fit into the registers.
// In float64 terms are so many that Horner's rule has everything wait.
const MOST_IN_PAIRS = { 32: 6, 64: Infinity } as const;

/**
 * Σ coefficients[i]·xⁱ. Short polynomials by Estrin's scheme: neighbours in pairs, then pairs of pairs. That takes one
 * operation more than Horner's rule, but far fewer wait for each other. Long polynomials by Horner's rule.
 */
export function polynomial(l: Lanes, x: Lane, coefficients: readonly number[]): Lane {
  if (coefficients.length > MOST_IN_PAIRS[l.bits])
    return coefficients
      .map((coefficient) => l.constant(coefficient))
      .reduceRight((above, coefficient) => l.madd(above, x, coefficient));
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

/** Knuth's TwoSum: the rounded sum, and what rounding took away. */
export function twoSum(l: Lanes, a: Lane, b: Lane): readonly [sum: Lane, lost: Lane] {
  const sum = l.add(a, b);
  const second = l.sub(sum, a);
  return [sum, l.add(l.sub(a, l.sub(sum, second)), l.sub(b, second))];
}
