// The complementary error function over lanes, in float32 and float64, for every argument; nothing here calls
// JavaScript.
//
// For x ≥ 0 it is e^(−x²)·f(x) with an f that falls slowly. The square is what needs care: e^(−x²) multiplies its error
// by x². In float32 all is computed in lanes of 64 bits, where the square is exact and f = N/D. In float64 x is z + δ,
// where z has so few digits that its square is exact, and f = (1 + v)/(1 + 2x), where v stays below 0.29, so that its
// rounding counts little. N/D and v were fitted for this file by Lawson's iteration.

import type { Lane, Lanes } from "../lanes.ts";
import { expTimes, moderateExp, shortExp } from "./exponential.ts";
import { polynomial } from "./polynomial.ts";

/** f = N/D within 2^-27, up to 10.6: from 10.06 on erfc is 0 in float32. */
const short = {
  end: 10.4,
  numerator: [1.00000000627, 1.24244252248, 0.735836658987, 0.231239778686, 0.0332219452067],
  denominator: [1, 2.37082231887, 2.41101306973, 1.333270725, 0.409886324828, 0.058883732238],
} as const;

/** v = x·N/D within 2^-56, up to 28: from 27.23 on erfc is 0 in float64. */
export const long = {
  end: 27.3,
  numerator: [
    0.8716208329044876, 1.7857497995645946, 1.8321364759176875, 1.21251679315673, 0.5667493308693273,
    0.19422184107753357, 0.0492403563371306, 0.009103470022778948, 0.0011738440235999094, 9.52596549895848e-5,
    3.673724547409084e-6,
  ],
  denominator: [
    1, 3.4906326454097387, 5.703478777731067, 5.770272417896703, 4.0262329074223056, 2.0403327116554335,
    0.768954071111598, 0.21645940687672638, 0.044848013207926835, 0.006561053917407711, 0.0006162580118610518,
    2.8616204875916493e-5,
  ],
} as const;

/** The upper 26 digits of a float64: such numbers have exact squares. */
const UPPER_DIGITS = ~((1n << 27n) - 1n);

const ratio = (l: Lanes, x: Lane, { numerator, denominator }: typeof short | typeof long) =>
  l.div(polynomial(l, x, numerator), polynomial(l, x, denominator));

/** In lanes of 64 bits, for a float32 x ≥ 0. */
function shortTail(l: Lanes, size: Lane): Lane {
  const x = l.lesser(size, l.constant(short.end));
  return l.mul(moderateExp(l, l.neg(l.mul(x, x)), shortExp), ratio(l, x, short));
}

/** In float64, for x ≥ 0. */
function longTail(l: Lanes, size: Lane): Lane {
  const upper = (x: Lane) => l.asFloat(l.and(l.asInt(x), l.pattern(UPPER_DIGITS)));
  const [one, x] = [l.constant(1), l.lesser(size, l.constant(long.end))];
  const z = upper(x);
  const beside = l.neg(l.mul(l.sub(x, z), l.add(x, z)));
  // 1/(1 + 2x), as high + low.
  const twice = l.add(x, x);
  const sum = l.add(one, twice);
  const inverse = l.div(one, sum);
  const high = upper(inverse);
  const sumHigh = upper(sum);
  const sumLow = l.sub(twice, l.sub(sumHigh, one));
  const low = l.mul(inverse, l.sub(l.sub(one, l.mul(high, sumHigh)), l.mul(high, sumLow)));
  return expTimes(l, l.neg(l.mul(z, z)), beside, l.mul(x, ratio(l, x, long)), high, low);
}

/** 2/√π ∫ₓ^∞ e^(−t²) dt = 1 − erf x: below 0, 2 − erfc(−x). */
export function erfc(l: Lanes, x: Lane): Lane {
  const size = l.abs(x);
  const tail = l.bits === 32 ? l.wide((w, size) => shortTail(w, size!), size) : longTail(l, size);
  return l.choose(l.isLess(x, l.constant(0)), l.sub(l.constant(2), tail), tail);
}
