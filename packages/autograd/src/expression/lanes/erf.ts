// The error function over lanes, in float32 and float64, for every argument; nothing here calls JavaScript.
//
// Below 1, erf x = x + x·P(x²). Above, 1 − erfc x, and erfc is e^(−x − x·G(x)) in float32 and e^(−x²)·N(x)/D(x) in
// float64. P has the least relative error, G and N/D the least absolute error in erf; fitted for this file by Lawson's
// iteration.

import type { Lane, Lanes } from "../lanes.ts";
import { moderateExp } from "./exponential.ts";
import { polynomial, withSign } from "./polynomial.ts";

const near = {
  32: [0.128379166, -0.37612626, 0.112835787, -0.0268533472, 0.00518716266, -0.000799786591, 7.80698829e-5],
  64: [
    0.12837916709551256, -0.37612638903183376, 0.11283791670939435, -0.02686617064246542,
    0.005223977601464994, -0.0008548325729549568, 0.00012055288149818973, -1.4924616562263686e-5,
    1.644603742669679e-6, -1.6198497914698513e-7, 1.3679261918142316e-8, -7.723642601064116e-10,
  ],
} as const;

/** G, for x up to 4: from there on erf is 1 in float32. */
const exponent = [0.128475636, 0.635846198, 0.105096936, -0.0227862578, 0.00318317069, -0.000210188518];

// N and D, for x up to 6: from there on erf is 1 in float64.
const numerator = [
  0.9999998869994876, 1.3905865823213985, 0.9495318121421922, 0.37360567566035996, 0.08435086338983727,
  0.008930598013864113,
];
const denominator = [
  1, 2.518964558972306, 2.7918849235733667, 1.7571795345896264, 0.6701728739289509, 0.1495041072714546,
  0.01582919530771653,
];

/** 1 − erf x, for x ≥ 1, as exactly as erf needs it. */
function complement(l: Lanes, x: Lane): Lane {
  if (l.bits === 32) {
    const t = l.neg(l.lesser(x, l.constant(4)));
    return moderateExp(l, l.madd(t, polynomial(l, l.neg(t), exponent), t));
  }
  const t = l.lesser(x, l.constant(6));
  const quotient = l.div(polynomial(l, t, numerator), polynomial(l, t, denominator));
  return l.mul(moderateExp(l, l.neg(l.mul(t, t))), quotient);
}

/** 2/√π ∫₀ˣ e^(−t²) dt. */
export function erf(l: Lanes, x: Lane): Lane {
  const size = l.abs(x);
  const inner = l.madd(size, polynomial(l, l.mul(x, x), near[l.bits]), size);
  const outer = l.sub(l.constant(1), complement(l, size));
  return withSign(l, l.choose(l.isLess(size, l.constant(1)), inner, outer), x);
}
