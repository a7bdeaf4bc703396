// The logarithm of the gamma function and its derivatives of every order: lgamma, digamma, polygamma.

import type { Expression } from "../expression.ts";
import { type Atom, everywhere } from "./atom.ts";
import { polynomial } from "./erf.ts";

/** B₂, B₄, …, the Bernoulli numbers that are not 0. */
const bernoulli = [
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
];

/** Coefficients of the series in 1/x² of lgamma and digamma, for large x. */
const stirling = bernoulli.slice(0, 8).map((b, i) => b / ((2 * i + 2) * (2 * i + 1)));
const ofSlope = bernoulli.slice(0, 9).map((b, i) => b / (2 * i + 2));

interface Ratio {
  /** Most of the value, so that rounding in p/q counts for less. */
  readonly most: number;
  readonly p: readonly number[];
  readonly q: readonly number[];
}

const ratio = (x: number, { most, p, q }: Ratio): number => most + polynomial(x, p) / polynomial(x, q);

// A function near its zeros is the zeros' factors times a function without any, of which nothing cancels. The latter were
// fitted for this file by rational interpolation at Chebyshev nodes, to less than 2^-57.

/** lgamma x / ((x − 1)(x − 2)) for x from ½ to 1½, in powers of x − ½. */
const below: Ratio = {
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
const above: Ratio = {
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
const slope: Ratio = {
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

const isPole = (x: number) => x <= 0 && Number.isInteger(x);

/** π·cot πx, by its exact distance from the nearest whole number. */
function cotangent(x: number): number {
  const r = x - Math.round(x);
  if (Math.abs(r) <= 0.25) return Math.PI / Math.tan(Math.PI * r);
  return Math.PI * Math.sign(r) * Math.tan(Math.PI * (0.5 - Math.abs(r)));
}

export function logGamma(x: number): number {
  if (Math.abs(x) === Infinity || isPole(x)) return Infinity;
  if (x <= -0.5) {
    const sine = Math.sin(Math.PI * Math.abs(x - Math.round(x)));
    return Math.log(Math.PI / (-x * sine)) - logGamma(-x);
  }
  if (x < 0.5) return logGamma(1 + x) - Math.log(Math.abs(x));
  if (x < 3) return (x - 1) * (x - 2) * (x < 1.5 ? ratio(x - 0.5, below) : ratio(x - 1.5, above));
  if (x < 8) {
    let [y, product] = [x, 1];
    while (y >= 3) product *= --y;
    return Math.log(product) + logGamma(y);
  }
  // Stirling's series, without the first two terms' large parts, which cancel.
  const rest = polynomial(1 / (x * x), stirling) / x;
  return (x - 0.5) * (Math.log(x) - 1) + (0.5 * Math.log(2 * Math.PI) - 0.5 + rest);
}

function psi(x: number): number {
  if (x === -Infinity || (isPole(x) && x !== 0)) return NaN;
  if (x <= -0.5) return psi(1 - x) - cotangent(x);
  if (x < 1) return psi(x + 1) - 1 / x;
  let [y, sum] = [x, 0];
  if (x < 10) {
    while (y >= 3) sum += 1 / --y;
    return sum + (y - ZERO - ZERO_REST) * ratio(y - 1, slope);
  }
  const z = 1 / (x * x);
  return Math.log(x) - (0.5 / x + z * polynomial(z, ofSlope));
}

/** Σ 1/(x + k)ˢ over k ≥ 0, for x > 0: a sum, and the rest of it by Euler and Maclaurin's formula. */
function hurwitzZeta(s: number, x: number): number {
  const steps = Math.max(0, Math.ceil(s + 8 - x));
  const a = x + steps;
  let total = 0;
  // s(s + 1)…(s + 2i)/(2i + 2)!·a^(−2i − 1)
  let factor = s / (2 * a);
  bernoulli.forEach((b, i) => {
    total += b * factor;
    factor *= ((s + 2 * i + 1) * (s + 2 * i + 2)) / ((2 * i + 3) * (2 * i + 4) * a * a);
  });
  // Apart, since aˢ may be too large for a float where aˢ⁻¹ is not.
  total = (total + 0.5) * a ** -s + a ** (1 - s) / (s - 1);
  // Small terms first.
  for (let k = steps - 1; k >= 0; k--) total += (x + k) ** -s;
  return total;
}

/** For each order n, the polynomial in c = π·cot πx that is the n-th derivative of c. */
const cotangentDerivatives: number[][] = [[0, 1]];

function cotangentDerivative(order: number): readonly number[] {
  for (let n = cotangentDerivatives.length; n <= order; n++) {
    const next = new Array<number>(n + 2).fill(0);
    // c′ = −(π² + c²)
    cotangentDerivatives[n - 1]!.forEach((coefficient, power) => {
      if (power === 0) return;
      next[power - 1]! -= power * coefficient * Math.PI ** 2;
      next[power + 1]! -= power * coefficient;
    });
    cotangentDerivatives.push(next);
  }
  return cotangentDerivatives[order]!;
}

function polygammaValue(x: number, order: number): number {
  if (!(Number.isInteger(order) && order >= 0)) return NaN;
  if (order === 0) return psi(x);
  const isOdd = order % 2 === 1;
  if (x === -Infinity || (isPole(x) && x !== 0 && !isOdd)) return NaN;
  if (isPole(x)) return isOdd ? Infinity : -1 / x;
  if (x <= -0.5)
    return (
      (isOdd ? -1 : 1) * polygammaValue(1 - x, order) - polynomial(cotangent(x), cotangentDerivative(order))
    );
  let factor = isOdd ? 1 : -1;
  for (let k = 2; k <= order; k++) factor *= k;
  return factor * (x < 0 ? hurwitzZeta(order + 1, x + 1) + x ** -(order + 1) : hurwitzZeta(order + 1, x));
}

/** Zero at the poles 0, −1, −2, …, and 1 beyond them. */
const poles = (x: Expression): Expression[] => [x.less(0.5).select(x.sub(x.round()), 1)];

/**
 * The derivative of digamma in x, of an order: the second operand, a whole number from 0 to 170. It occurs in derivatives only,
 * where the order is a constant. At the poles 0, −1, … it is ∞ where the order is odd; where that is even, ∓∞ at ±0 and NaN at
 * the others. NaN for any other order, and at −∞. For x > 0 within 3 ulps for orders to 4, measured against mpmath;
 * below 0 by reflection, and within 5 ulps of the larger of the two terms for orders to 3.
 */
export const polygamma: Atom<2, "same"> = {
  name: "polygamma",
  arity: 2,
  result: "same",
  operands: "float",
  value: polygammaValue,
  partials: [(x, order) => x.applied(polygamma, order.add(1)), () => NaN],
  smoothOn: [{ from: 0, to: Infinity }, everywhere],
  kinks: poles,
};

/**
 * The derivative of lgamma, as SciPy's `digamma`: ∓∞ at ±0, NaN at the other poles −1, −2, … and at −∞. For x > 0 within 2.5 ulps,
 * measured at 10,000 points against mpmath; below 0 it is the difference of two terms, and within 3 ulps of the larger.
 */
export const digamma: Atom<1, "same"> = {
  name: "digamma",
  arity: 1,
  result: "same",
  operands: "float",
  value: psi,
  partials: [(x) => x.applied(polygamma, 1)],
  smoothOn: [{ from: 0, to: Infinity }],
  kinks: poles,
};

/**
 * Natural log |Γ(x)|, as SciPy's `gammaln`: ∞ at ±∞ and at the poles 0, −1, −2, …. For x > 0 within 2.5 ulps, also near
 * its zeros 1 and 2, measured at 10,000 points against mpmath; below 0 it is the difference of two terms, and within 3
 * ulps of the larger.
 */
export const lgamma: Atom<1, "same"> = {
  name: "lgamma",
  arity: 1,
  result: "same",
  operands: "float",
  value: logGamma,
  partials: [(x) => x.digamma()],
  smoothOn: [{ from: 0, to: Infinity }],
  kinks: poles,
};
