// The inverse circular functions over lanes, in float32 and float64, for every argument; nothing here calls JavaScript.
//
// Coefficients and intervals are fdlibm's (Sun, 1993), s_atan.c and e_asin.c, and for float32 those of FreeBSD's
// s_atanf.c and e_asinf.c. The arctangent is that of a quotient, of which numerator and denominator are turned together
// by atan ½ or π/4, so that atan2 neither overflows nor rounds the quotient first.

import type { Lane, Lanes } from "../lanes.ts";
import { polynomial, withSign } from "./polynomial.ts";

const widths = {
  32: {
    /** (atan t − t)/t³ in t², for |t| up to 7/16. */
    arctangent: [-0.33333328366, 0.19999158382, -0.14253635705, 0.10648017377, -0.061687607318],
    /** (asin s − s)/s = z·P(z)/Q(z), z = s², for |s| up to 1/2. */
    numerator: [0.16666586697, -0.042743422091, -0.008656363003],
    denominator: [1, -0.7066296339],
    // π/2, atan ½ and atan 2, each in two parts.
    right: [1.5707963705062866, -4.371138828673793e-8],
    atanHalf: [0.46364760398864746, 5.01215868808913e-9],
    atanTwo: [1.1071487665176392, -4.872354963936232e-8],
    /** Beyond it a sum of three such numbers may overflow. */
    large: 2 ** 125,
  },
  64: {
    arctangent: [
      -3.33333333333329318027e-1, 1.99999999998764832476e-1, -1.42857142725034663711e-1,
      1.1111110405462355788e-1, -9.09088713343650656196e-2, 7.69187620504482999495e-2,
      -6.66107313738753120669e-2, 5.83357013379057348645e-2, -4.97687799461593236017e-2,
      3.6531572744216915527e-2, -1.62858201153657823623e-2,
    ],
    numerator: [
      1.66666666666666657415e-1, -3.25565818622400915405e-1, 2.01212532134862925881e-1,
      -4.00555345006794114027e-2, 7.91534994289814532176e-4, 3.4793310759602116757e-5,
    ],
    denominator: [
      1, -2.40339491173441421878, 2.02094576023350569471, -6.8828397160545329303e-1,
      7.70381505559019352791e-2,
    ],
    right: [1.5707963267948966, 6.123233995736766e-17],
    atanHalf: [0.4636476090008061, 2.2698777452961687e-17],
    atanTwo: [1.1071487177940904, 9.40447137356638e-17],
    large: 2 ** 1021,
  },
} as const;

/**
 * The angle whose tangent is a/b, for a and b that are not negative: 0 for 0/0, π/4 for ∞/∞. As a sum, of which the first is
 * one of a few angles.
 */
function angle(l: Lanes, a: Lane, b: Lane): readonly [lead: Lane, rest: Lane] {
  const { arctangent, right, atanHalf, atanTwo, large } = widths[l.bits];
  const [zero, one, infinite] = [l.constant(0), l.constant(1), l.constant(Infinity)];
  const isSteep = l.isLess(b, a);
  const [smaller, larger] = [l.choose(isSteep, b, a), l.choose(isSteep, a, b)];
  const scale = l.choose(l.isLess(l.constant(large), larger), l.constant(1 / 16), one);
  const isFar = l.and(l.isEqual(smaller, infinite), l.isEqual(larger, infinite));
  const low = l.choose(isFar, one, l.mul(smaller, scale));
  const high = l.choose(l.or(isFar, l.isEqual(larger, zero)), one, l.mul(larger, scale));
  // t = (low·p − high·q)/(low·q + high·p), p/q being cot 0, cot atan ½ or cot π/4; the numerator is exact.
  const isTurned = l.isLessEqual(high, l.mul(low, l.constant(16 / 7)));
  const isNearOne = l.isLessEqual(high, l.mul(low, l.constant(16 / 11)));
  const p = l.add(one, l.and(one, l.andNot(isTurned, isNearOne)));
  const numerator = l.sub(l.mul(low, p), l.and(high, isTurned));
  const t = l.div(numerator, l.add(l.and(low, isTurned), l.mul(high, p)));
  // The angle of p/q, or what is left of π/2 beside it.
  const base = (part: 0 | 1) => {
    const between = l.choose(isSteep, l.constant(atanTwo[part]), l.constant(atanHalf[part]));
    const straight = l.and(l.constant(right[part]), isSteep);
    return l.choose(isNearOne, l.constant(right[part] / 2), l.choose(isTurned, between, straight));
  };
  const flip = l.and(l.constant(-0), isSteep);
  const turn = l.xor(t, flip);
  const z = l.mul(t, t);
  const beside = l.madd(l.mul(turn, z), polynomial(l, z, arctangent), base(1));
  return [base(0), l.add(turn, beside)];
}

/** The arctangent. */
export const atan = (l: Lanes, x: Lane): Lane => withSign(l, l.add(...angle(l, l.abs(x), l.constant(1))), x);

/** The angle of the point (x, y); the signs of zeros say on which side of the axes it lies. */
export function atan2(l: Lanes, y: Lane, x: Lane): Lane {
  const [piHigh, piLow] = widths[l.bits].right.map((part) => l.constant(2 * part));
  const [lead, rest] = angle(l, l.abs(y), l.abs(x));
  const isLeft = l.isLess(l.asInt(x), l.pattern(0n));
  // π less the angle; a right one stays as it is, to the bit.
  const left = l.add(l.sub(piHigh!, lead), l.sub(piLow!, rest));
  return withSign(l, l.choose(isLeft, left, l.add(lead, rest)), y);
}

/**
 * For asin and acos: asin s = s + r, where s is |x| below ½, and beyond √((1 − |x|)/2), whose arcsine is half of the angle
 * that asin |x| leaves of π/2.
 */
function arcsine(l: Lanes, x: Lane): { isNear: Lane; s: Lane; r: Lane } {
  const { numerator, denominator } = widths[l.bits];
  const [half, size] = [l.constant(0.5), l.abs(x)];
  const isNear = l.isLess(size, half);
  const z = l.choose(isNear, l.mul(x, x), l.mul(l.sub(l.constant(1), size), half));
  // The square of a number beyond 1 is negative, and its root NaN.
  const s = l.choose(isNear, size, l.sqrt(z));
  const ratio = l.div(l.mul(z, polynomial(l, z, numerator)), polynomial(l, z, denominator));
  return { isNear, s, r: l.mul(s, ratio) };
}

/** The arcsine. */
export function asin(l: Lanes, x: Lane): Lane {
  const [rightHigh, rightLow] = widths[l.bits].right.map((part) => l.constant(part));
  const { isNear, s, r } = arcsine(l, x);
  const far = l.sub(l.sub(rightHigh!, l.add(s, s)), l.sub(l.add(r, r), rightLow!));
  return withSign(l, l.choose(isNear, l.add(s, r), far), x);
}

/** The arccosine. */
export function acos(l: Lanes, x: Lane): Lane {
  const [rightHigh, rightLow] = widths[l.bits].right.map((part) => l.constant(part));
  const { isNear, s, r } = arcsine(l, x);
  const sign = l.and(x, l.constant(-0));
  const near = l.sub(l.sub(rightHigh!, l.xor(s, sign)), l.sub(l.xor(r, sign), rightLow!));
  const left = l.sub(rightHigh!, l.add(s, l.sub(r, rightLow!)));
  const half = l.choose(l.isLess(x, l.constant(0)), left, l.add(s, r));
  return l.choose(isNear, near, l.add(half, half));
}
