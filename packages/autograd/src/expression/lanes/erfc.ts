// The complementary error function over lanes, in float32 and float64, for every argument; nothing here calls
// JavaScript.
//
// For x ≥ 0 it is e^(−x²)·(1 + v)/(1 + 2x), where v stays below 0.29, so that its rounding counts little. The square is
// what needs care: e^(−x²) multiplies its error by x². So x is z + δ, where z has so few digits that its square is exact.
// v was fitted for this file by Lawson's iteration.

import type { Lane, Lanes } from "../lanes.ts";
import { expTimes } from "./exponential.ts";
import { polynomial } from "./polynomial.ts";

/** In float32, v = w·P(w − 1) with w = 2x/(x + 2.3), within 2^-27.1 of 1 + v up to 10.19: from 10.06 on erfc is 0. */
const short = {
  end: 10.19,
  coefficients: [
    0.26975274, -0.38280955, 0.2586906, -0.09439125, 0.0065640532, 0.009132838, -0.00198425, -0.0011888004,
    0.0002571642, 0.00017367967,
  ],
} as const;

/** In float64, v = x·N/D within 2^-56, up to 28: from 27.23 on erfc is 0. */
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

/** The digits of a float that are kept, half of them: such numbers have exact squares. */
const upperDigits = { 32: 0xfffff000n, 64: 0xfffffffff8000000n } as const;

/** v, for x from 0 to the end. */
function share(l: Lanes, x: Lane): Lane {
  if (l.bits === 64)
    return l.mul(x, l.div(polynomial(l, x, long.numerator), polynomial(l, x, long.denominator)));
  const w = l.div(l.add(x, x), l.add(x, l.constant(2.3)));
  return l.mul(w, polynomial(l, l.sub(w, l.constant(1)), short.coefficients));
}

/** For x ≥ 0. */
function tail(l: Lanes, size: Lane): Lane {
  const upper = (x: Lane) => l.asFloat(l.and(l.asInt(x), l.pattern(upperDigits[l.bits])));
  const [one, x] = [l.constant(1), l.lesser(size, l.constant(l.bits === 32 ? short.end : long.end))];
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
  return expTimes(l, l.neg(l.mul(z, z)), beside, share(l, x), high, low);
}

/** 2/√π ∫ₓ^∞ e^(−t²) dt = 1 − erf x: below 0, 2 − erfc(−x). */
export function erfc(l: Lanes, x: Lane): Lane {
  const value = tail(l, l.abs(x));
  return l.choose(l.isLess(x, l.constant(0)), l.sub(l.constant(2), value), value);
}
