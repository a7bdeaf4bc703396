// The logarithm of the gamma function and its derivatives, out of operators. All in float64.

import type { Arithmetic, Term } from "./arithmetic.ts";
import type { Element } from "./writer.ts";

/** B₂, B₄, …, the Bernoulli numbers that are not 0. */
const BERNOULLI = [
  1 / 6,
  -1 / 30,
  1 / 42,
  -1 / 30,
  5 / 66,
  -691 / 2730,
  7 / 6,
  -3617 / 510,
  43867 / 798,
  -174611 / 330,
  854513 / 138,
  -236364091 / 2730,
] as const;

const STIRLING = BERNOULLI.slice(0, 8).map((b, i) => b / ((2 * i + 2) * (2 * i + 1)));
const OF_SLOPE = BERNOULLI.slice(0, 9).map((b, i) => b / (2 * i + 2));

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

// Near its zeros 1 and 2 the function is (x − 1)(x − 2) times a function without any, as the engine's atom has it.
/** lgamma x / ((x − 1)(x − 2)) for x from ½ to 1½, in powers of x − ½. */
const BELOW = {
  most: 0.5625,
  p: [
    0.20065325723293345, 0.8246959923778876, 0.5874939448893965, -1.79252584161662, -3.622049168269252,
    -2.5447429952621006, -0.77139090754614, -0.0917282878692858, -0.002931908866770834,
  ],
  q: [
    1, 7.0152562046436495, 19.7311742955505, 28.517064248677165, 22.590160503309225, 9.707874878675666,
    2.1074882980963094, 0.19664781211797283, 0.005324681809087111,
  ],
};
/** The same for x from 1½ to 3, in powers of x − 1½. */
const ABOVE = {
  most: 0.40625,
  p: [
    0.07687895054098089, 0.026053307854777098, -0.11184842497411931, -0.11162899428929675,
    -0.04088666532067499, -0.006557868667773503, -0.00042169011735972785, -7.516875349277383e-6,
  ],
  q: [
    1, 2.2374551494090733, 1.9747784485047721, 0.8735357499793064, 0.2033414953619993, 0.023890426297828955,
    0.0012271243587491615, 1.8826493755333392e-5,
  ],
};

/** digamma x / (x − z) for x from 1 to 3, in powers of x − 1, where z is the zero between them. */
const SLOPE = {
  most: 0.75,
  p: [
    0.5003801375034054, 0.290905509590345, -0.2524912945584762, -0.24378778884913682, -0.07058773851878859,
    -0.00856216223745524, -0.0004108826567418395, -5.492412098955648e-6,
  ],
  q: [
    1, 2.2894571233542136, 1.9022022748824643, 0.7470495002328587, 0.14810832904594673, 0.014396602345897333,
    0.0006000004112100302, 7.3778476243478865e-6,
  ],
};
const ZERO = 1.4616321449683622;
const ZERO_REST = 9.549995429965697e-17;

const ratio = (e: Arithmetic, x: Element, { most, p, q }: typeof BELOW) =>
  e.add(most, e.div(e.polynomial(x, p), e.polynomial(x, q)));

/** log |Γ(x)|; ∞ at ±∞ and at the poles. */
export function lgamma(e: Arithmetic, x: Element): Element {
  const a = e.abs(x);
  const { high, low } = raised(e, a, 1, (terms) => terms.reduce((y, term) => e.mul(y, term)));
  const z = e.div(1, e.mul(high, high));
  const rest = e.div(e.polynomial(z, STIRLING), high);
  const main = e.mul(e.sub(high, 0.5), e.sub(e.log(high), 1));
  const large = e.sub(e.add(main, e.add(rest, 0.5 * Math.log(2 * Math.PI) - 0.5)), e.log(low));
  const isTiny = e.less(a, 0.5);
  const y = e.where(isTiny, e.add(a, 1), a);
  const zeroless = e.where(e.less(y, 1.5), ratio(e, e.sub(y, 0.5), BELOW), ratio(e, e.sub(y, 1.5), ABOVE));
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
    const rest = e.add(e.div(0.5, high), e.mul(z, e.polynomial(z, OF_SLOPE)));
    const far = e.sub(e.sub(e.log(high), rest), low);
    const near = e.mul(e.sub(e.sub(y, ZERO), ZERO_REST), ratio(e, e.sub(y, 1), SLOPE));
    return e.where(e.and(e.greaterEqual(y, 1), e.less(y, 3)), near, far);
  };
  return reflected(e, x, right, true, cotangent(e, x), Number.NaN);
}

/** The polynomial in c = π·cot πx that is the n-th derivative of c: c′ = −(π² + c²). */
function cotangentDerivative(order: number): readonly number[] {
  let coefficients = [0, 1];
  for (let n = 0; n < order; n++) {
    const next = new Array<number>(coefficients.length + 1).fill(0);
    coefficients.forEach((coefficient, power) => {
      if (power === 0) return;
      next[power - 1]! -= power * coefficient * Math.PI ** 2;
      next[power + 1]! -= power * coefficient;
    });
    coefficients = next;
  }
  return coefficients;
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
  const coefficients = BERNOULLI.map((b, i) => {
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
