// Powers over lanes, in float32 and float64, for every base and exponent; nothing here calls JavaScript.
//
// |a|ᵇ = e^(b·log |a|). In float32 it is computed in lanes of 64 bits, whose digits are enough. In float64 the logarithm
// has to be good to 2⁻⁶⁴, since e^x multiplies its error by x: it is a sum of two numbers, computed as in fdlibm's
// e_pow.c (Sun, 2004), whose leading parts are cut so short that their products are exact. There it is a logarithm to
// base 2 on intervals about 1 and 3/2; here it is a natural one on one interval, with a longer polynomial R, fitted for
// this file by Lawson's iteration.

import type { Lane, Lanes } from "../lanes.ts";
import { exp, moderateExp, shortExp } from "./exponential.ts";
import { log, special, splitAny } from "./logarithm.ts";
import { shortParts } from "./logarithm-base.ts";
import { polynomial } from "./polynomial.ts";

/** log((1 + s)/(1 − s)) = ⅔·s·(3 + z + z²·R(z)), within 2^-66. */
const longLogarithm = [
  0.6000000000000338, 0.42857142855149444, 0.33333333779864754, 0.27272676552757896, 0.23080135887746966,
  0.1988522941312657, 0.1979446532149092,
];
/** The upper 26 digits of a float64: such numbers have exact products. */
const UPPER_DIGITS = ~((1n << 27n) - 1n);
const TWO_THIRDS = 2 / 3;
const TWO_THIRDS_HIGH = 0.6666666567325592;
/** 2/3 itself less that. */
const TWO_THIRDS_LOW = 9.934107462565104e-9;
// ln 2: fdlibm's e_log.c.
const LN2_HIGH = 6.9314718036912381649e-1;
const LN2_LOW = 1.90821492927058770002e-10;

/** aᵇ for a ≥ 0, to the precision of float32, in lanes of 64 bits; b is not 0. */
function shortPower(l: Lanes, a: Lane, b: Lane): Lane {
  const { k, rest } = shortParts(l, a);
  const logarithm = l.madd(k, l.constant(Math.LN2), rest);
  const exponent = l.mul(b, l.add(logarithm, special(l, a)));
  const bounded = l.lesser(l.greater(exponent, l.constant(-200)), l.constant(200));
  return moderateExp(l, bounded, shortExp);
}

/** aᵇ for a ≥ 0, in float64; b is not 0. */
function power(l: Lanes, a: Lane, b: Lane): Lane {
  const upper = (x: Lane) => l.asFloat(l.and(l.asInt(x), l.pattern(UPPER_DIGITS)));
  const { k, f } = splitAny(l, a);
  // s = f/(2 + f), as sHigh + sLow.
  const [two, three] = [l.constant(2), l.constant(3)];
  const sum = l.add(two, f);
  const inverse = l.div(l.constant(1), sum);
  const s = l.mul(f, inverse);
  const sHigh = upper(s);
  const sumHigh = upper(sum);
  const sumLow = l.add(l.sub(two, sumHigh), f);
  const remainder = l.sub(l.sub(f, l.mul(sHigh, sumHigh)), l.mul(sHigh, sumLow));
  const sLow = l.mul(inverse, remainder);
  // 3 + s² + s⁴·R, as tHigh + tLow.
  const z = l.mul(s, s);
  const exactSquare = l.mul(sHigh, sHigh);
  const others = l.madd(l.mul(z, z), polynomial(l, z, longLogarithm), l.mul(sLow, l.add(sHigh, s)));
  const tHigh = upper(l.add(three, l.add(exactSquare, others)));
  const tLow = l.sub(others, l.sub(l.sub(tHigh, three), exactSquare));
  // Their product, then ⅔ of it.
  const u = l.mul(sHigh, tHigh);
  const v = l.madd(sLow, tHigh, l.mul(tLow, s));
  const pHigh = upper(l.add(u, v));
  const pLow = l.sub(v, l.sub(pHigh, u));
  const mHigh = l.mul(pHigh, l.constant(TWO_THIRDS_HIGH));
  const mLow = l.madd(pHigh, l.constant(TWO_THIRDS_LOW), l.mul(pLow, l.constant(TWO_THIRDS)));
  // With k·ln 2, which is either 0 or the larger.
  const kHigh = l.mul(k, l.constant(LN2_HIGH));
  const total = l.add(kHigh, mHigh);
  const lost = l.add(l.sub(mHigh, l.sub(total, kHigh)), l.madd(k, l.constant(LN2_LOW), mLow));
  const logHigh = upper(l.add(total, lost));
  const logLow = l.sub(lost, l.sub(logHigh, total));
  // b·log a, as high + low.
  const bHigh = upper(b);
  const bLow = l.sub(b, bHigh);
  const outside = special(l, a);
  const isOrdinary = l.isEqual(outside, l.constant(0));
  const high = l.choose(isOrdinary, l.mul(bHigh, logHigh), l.mul(b, outside));
  const low = l.madd(bLow, logHigh, l.mul(b, logLow));
  // At most 2⁻²⁴ of high; where `high` is infinite, any small number will do, and NaN counts as one.
  const bounded = l.lesser(l.constant(1e-4), l.greater(l.constant(-1e-4), low));
  return exp(l, high, bounded);
}

/** aᵇ with the special cases of `Math.pow`. */
export function pow(l: Lanes, a: Lane, b: Lane): Lane {
  const size = l.abs(a);
  const usual = l.bits === 32 ? l.wide((w, x, y) => shortPower(w, x!, y!), size, b) : power(l, size, b);
  const positive = l.choose(l.isEqual(b, l.constant(0)), l.constant(1), usual);
  // A negative base: the sign of an odd power, and no power that is not whole. Infinity counts as even.
  const half = l.mul(b, l.constant(0.5));
  const isFraction = l.isNotEqual(b, l.nearest(b));
  const isOdd = l.andNot(l.isNotEqual(half, l.nearest(half)), isFraction);
  const sign = l.and(l.and(a, l.constant(-0)), isOdd);
  const isNegative = l.and(l.isLess(a, l.constant(0)), l.isLess(l.constant(-Infinity), a));
  // All bits set are NaN.
  return l.or(l.or(positive, sign), l.and(isFraction, isNegative));
}

/** The slope of a power in its base, b·aᵇ⁻¹, and 0 for b = 0. */
export function powerSlope(l: Lanes, a: Lane, b: Lane): Lane {
  const slope = l.mul(b, pow(l, a, l.sub(b, l.constant(1))));
  return l.andNot(slope, l.isEqual(b, l.constant(0)));
}

/** The slope of a power y = aᵇ in its exponent, y·log a, and 0 where y is 0, and at 0⁰. */
export function powerLog(l: Lanes, y: Lane, a: Lane, b: Lane): Lane {
  const zero = l.constant(0);
  const atBothZero = l.and(l.isEqual(a, zero), l.isEqual(b, zero));
  return l.andNot(l.mul(y, log(l, a)), l.or(l.isEqual(y, zero), atBothZero));
}
