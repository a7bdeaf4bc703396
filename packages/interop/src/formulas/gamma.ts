// What lgamma, digamma and polygamma are computed from, for each target that has no exact ones of its own: the numbers of
// @adjoint/autograd's gamma.ts, which says where they are from.

/** B₂, B₄, …, the Bernoulli numbers that are not 0. */
export const bernoulli: readonly number[] = [
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
export const stirling: readonly number[] = bernoulli
  .slice(0, 8)
  .map((b, i) => b / ((2 * i + 2) * (2 * i + 1)));
export const ofSlope: readonly number[] = bernoulli.slice(0, 9).map((b, i) => b / (2 * i + 2));

/** A quotient of polynomials beside most of the value, so that rounding in it counts for less. */
export interface ShiftedRatio {
  readonly most: number;
  readonly p: readonly number[];
  readonly q: readonly number[];
}

/** lgamma x / ((x − 1)(x − 2)) for x from ½ to 1½, in powers of x − ½. */
export const below: ShiftedRatio = {
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
export const above: ShiftedRatio = {
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
export const slope: ShiftedRatio = {
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
/** The zero of digamma above 0, in two parts. */
export const ZERO: number = 1.4616321449683622;
export const ZERO_REST: number = 9.549995429965697e-17;

/** For each order n, the polynomial in c = π·cot πx that is the n-th derivative of c, by c′ = −(π² + c²). */
export function cotangentDerivative(order: number): readonly number[] {
  let polynomial = [0, 1];
  for (let n = 0; n < order; n++) {
    const next = new Array<number>(polynomial.length + 1).fill(0);
    polynomial.forEach((coefficient, power) => {
      if (power === 0) return;
      next[power - 1]! -= power * coefficient * Math.PI ** 2;
      next[power + 1]! -= power * coefficient;
    });
    polynomial = next;
  }
  return polynomial;
}
