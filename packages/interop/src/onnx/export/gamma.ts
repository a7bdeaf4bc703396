// The logarithm of the gamma function and its derivatives, out of operators. All in float64.

import {
  above,
  below,
  bernoulli,
  cotangentDerivative,
  ofSlope,
  type ShiftedRatio,
  slope,
  stirling,
  ZERO,
  ZERO_REST,
} from "../../formulas/gamma.ts";
import type { Arithmetic, Term } from "./arithmetic.ts";
import type { Element } from "./writer.ts";

/** So far up the series in 1/x² have all their digits. */
const ENOUGH = 10;

/** x where it is large enough for the series, else x + ENOUGH; and a combination of the numbers between, else `none`. */
function raised(e: Arithmetic, x: Element, none: number, between: (terms: readonly Element[]) => Element) {
  const isSmall = e.less(x, ENOUGH);
  const terms = Array.from({ length: ENOUGH }, (_, k) => e.add(x, k));
  return {
    high: e.where(isSmall, e.add(x, ENOUGH), x),
    low: e.where(isSmall, between(terms), none),
  };
}

/** How far a number lies from the nearest whole one. */
const distance = (e: Arithmetic, x: Element) => e.sub(x, e.round(x));

const ratio = (e: Arithmetic, x: Element, { most, p, q }: ShiftedRatio) =>
  e.add(most, e.div(e.polynomial(x, p), e.polynomial(x, q)));

/** log |Γ(x)|; ∞ at ±∞ and at the poles. */
export function lgamma(e: Arithmetic, x: Element): Element {
  const a = e.abs(x);
  const { high, low } = raised(e, a, 1, (terms) => terms.reduce((y, term) => e.mul(y, term)));
  const z = e.div(1, e.mul(high, high));
  const rest = e.div(e.polynomial(z, stirling), high);
  const main = e.mul(e.sub(high, 0.5), e.sub(e.log(high), 1));
  const large = e.sub(e.add(main, e.add(rest, 0.5 * Math.log(2 * Math.PI) - 0.5)), e.log(low));
  const isTiny = e.less(a, 0.5);
  const y = e.where(isTiny, e.add(a, 1), a);
  const zeroless = e.where(e.less(y, 1.5), ratio(e, e.sub(y, 0.5), below), ratio(e, e.sub(y, 1.5), above));
  const near = e.sub(e.mul(e.mul(e.sub(y, 1), e.sub(y, 2)), zeroless), e.where(isTiny, e.log(a), 0));
  const right = e.where(e.less(a, 3), near, large);
  // Γ(x)·Γ(−x) = −π/(x·sin πx)
  const sine = e.apply("Sin", e.mul(Math.PI, e.abs(distance(e, x))));
  const left = e.sub(e.log(e.div(Math.PI, e.mul(a, sine))), right);
  return e.where(e.isInfinite(x), Number.POSITIVE_INFINITY, e.where(e.less(x, 0), left, right));
}

/** π·cot πx, by the exact distance from the nearest whole number; infinite at whole numbers. */
function cotangent(e: Arithmetic, x: Element): Element {
  const angle = e.mul(Math.PI, distance(e, x));
  return e.div(e.mul(Math.PI, e.apply("Cos", angle)), e.apply("Sin", angle));
}

/** A function that is known on the right, and its value on the left of −½ by what its reflection lacks. */
function reflected(
  e: Arithmetic,
  x: Element,
  right: (x: Element) => Element,
  isEven: boolean,
  lack: Term,
  atPoles: number,
): Element {
  const isLeft = e.lessEqual(x, -0.5);
  const value = right(e.where(isLeft, e.sub(1, x), x));
  const left = e.sub(isEven ? value : e.neg(value), lack);
  const isPole = e.and(isLeft, e.equal(distance(e, x), 0));
  return e.where(isPole, atPoles, e.where(isLeft, left, value));
}

/** The derivative of lgamma. */
export function digamma(e: Arithmetic, x: Element): Element {
  const right = (y: Element) => {
    const { high, low } = raised(e, y, 0, (terms) =>
      terms.map((term) => e.div(1, term)).reduce((sum, term) => e.add(sum, term)),
    );
    const z = e.div(1, e.mul(high, high));
    const rest = e.add(e.div(0.5, high), e.mul(z, e.polynomial(z, ofSlope)));
    const far = e.sub(e.sub(e.log(high), rest), low);
    const near = e.mul(e.sub(e.sub(y, ZERO), ZERO_REST), ratio(e, e.sub(y, 1), slope));
    return e.where(e.and(e.greaterEqual(y, 1), e.less(y, 3)), near, far);
  };
  return reflected(e, x, right, true, cotangent(e, x), Number.NaN);
}

/** The derivative of digamma of an order, a whole number from 0; NaN for any other. */
export function polygamma(e: Arithmetic, x: Element, order: number): Element {
  if (!(Number.isInteger(order) && order >= 0)) return e.as(e.add(e.mul(x, 0), Number.NaN));
  if (order === 0) return digamma(e, x);
  const isOdd = order % 2 === 1;
  const s = order + 1;
  let factor = isOdd ? 1 : -1;
  for (let k = 2; k <= order; k++) factor *= k;
  const right = (y: Element) => e.mul(factor, hurwitzZeta(e, s, y));
  const lack = e.polynomial(cotangent(e, x), cotangentDerivative(order));
  return reflected(e, x, right, !isOdd, lack, isOdd ? Number.POSITIVE_INFINITY : Number.NaN);
}

/** Σ 1/(x + k)ˢ over k ≥ 0, for x > −½: a sum, and the rest of it by Euler and Maclaurin's formula. */
function hurwitzZeta(e: Arithmetic, s: number, x: Element): Element {
  const steps = s + 9;
  const a = e.add(x, steps);
  const z = e.div(1, e.mul(a, a));
  // s(s + 1)…(s + 2i)/(2i + 2)!, for the powers of 1/a².
  let factor = s / 2;
  const coefficients = bernoulli.map((b, i) => {
    const coefficient = b * factor;
    factor *= ((s + 2 * i + 1) * (s + 2 * i + 2)) / ((2 * i + 3) * (2 * i + 4));
    return coefficient;
  });
  const total = e.add(e.div(e.polynomial(z, coefficients), a), 0.5);
  const power = (base: Element, exponent: number) => e.apply("Pow", base, exponent);
  let sum = e.add(e.mul(total, power(a, -s)), e.div(power(a, 1 - s), s - 1));
  // Small terms first.
  for (let k = steps - 1; k >= 0; k--) sum = e.add(sum, power(e.add(x, k), -s));
  return sum;
}
