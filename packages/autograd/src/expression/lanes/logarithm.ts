// Logarithms over lanes, in float32 and float64. Results are right for every argument, 0, subnormal numbers and infinity
// included; nothing here calls JavaScript.
//
// x = 2ᵏ·(1 + f), and log(1 + f) is f and a smaller rest. In float32 the rest is −f²/2 + f³·P(f); in float64 it is
// written by s = f/(2 + f), as in fdlibm's e_log.c (Sun, 1993): −f²/2 + s·(f²/2 + R(s²)). P and R are the polynomials of
// least relative error for f from −1/3 to 1/2, fitted for this file by Lawson's iteration.

import type { Lane, Lanes } from "../lanes.ts";
import { decay } from "./exponential.ts";
import { polynomial, twoSum, withSign } from "./polynomial.ts";

const widths = {
  32: {
    fraction: 23,
    bias: 127,
    /** The bits of 2/3, where 1 + f starts. */
    start: 0x3f2aaaabn,
    one: 0x3f800000n,
    /** The bits of 2^fraction: in its last bits lies a whole number. */
    whole: 0x4b000000n,
    leastNormal: 2 ** -126,
    // ln 2 in two parts: k times the first is exact.
    ln2High: 0.693145751953125,
    ln2Low: Math.LN2 - 0.693145751953125,
    rest: [
      0.333332658, -0.250001967, 0.200055182, -0.166625977, 0.141490743, -0.124254152, 0.123819262,
      -0.118791647, 0.0606235452,
    ],
  },
  64: {
    fraction: 52,
    bias: 1023,
    /** The bits of √½, which makes the largest s as small as can be. */
    start: 0x3fe6a09e667f3bcdn,
    one: 0x3ff0000000000000n,
    whole: 0x4330000000000000n,
    leastNormal: 2 ** -1022,
    // fdlibm's e_log.c.
    ln2High: 6.9314718036912381649e-1,
    ln2Low: 1.90821492927058770002e-10,
    rest: [
      0.666666666666666, 0.40000000000056457, 0.2857142855591406, 0.22222224284379666, 0.1818166669671523,
      0.15391082910930445, 0.1317411462109854, 0.13839413231316294,
    ],
  },
} as const;

/** log(1 + f) = f − half + rest, for f from −1/3 to 1/2; in float64. */
export function logOfFraction(l: Lanes, f: Lane): { half: Lane; rest: Lane } {
  const half = l.mul(l.mul(f, f), l.constant(0.5));
  const s = l.div(f, l.add(l.constant(2), f));
  const z = l.mul(s, s);
  return { half, rest: l.mul(s, l.madd(z, polynomial(l, z, widths[64].rest), half)) };
}

/** What k·ln 2 + log(1 + f) is beside f and the first part of k·ln 2, for f from −1/3 to 1/2. */
function restOf(l: Lanes, k: Lane, f: Lane, correction?: Lane): Lane {
  const { ln2Low, rest } = widths[l.bits];
  let small = l.mul(k, l.constant(ln2Low));
  if (correction !== undefined) small = l.add(small, correction);
  const square = l.mul(f, f);
  const half = l.mul(square, l.constant(0.5));
  if (l.bits === 32) {
    small = l.madd(l.mul(f, square), polynomial(l, f, rest), small);
  } else {
    const s = l.div(f, l.add(l.constant(2), f));
    const z = l.mul(s, s);
    small = l.madd(s, l.madd(z, polynomial(l, z, rest), half), small);
  }
  return l.sub(small, half);
}

/** k·ln 2 + log(1 + f) + correction, for f from −1/3 to 1/2. */
const assemble = (l: Lanes, k: Lane, f: Lane, correction?: Lane): Lane =>
  l.madd(k, l.constant(widths[l.bits].ln2High), l.add(f, restOf(l, k, f, correction)));

/** x = 2ᵏ·(1 + f) for a positive normal number x, with 1 + f from the width's start to its double. */
export function split(l: Lanes, x: Lane): { k: Lane; f: Lane } {
  const { fraction, bias, start, one, whole } = widths[l.bits];
  const shifted = l.intAdd(l.asInt(x), l.pattern(one - start));
  const exponent = l.or(l.shiftRightUnsigned(shifted, fraction), l.pattern(whole));
  const k = l.sub(l.asFloat(exponent), l.constant(2 ** fraction + bias));
  const digits = l.and(shifted, l.pattern((1n << BigInt(fraction)) - 1n));
  return { k, f: l.sub(l.asFloat(l.intAdd(digits, l.pattern(start))), l.constant(1)) };
}

/** What must be added to a finite number to make it the logarithm of `x` where that is none: ±∞, NaN; else 0. */
export function special(l: Lanes, x: Lane): Lane {
  const zero = l.constant(0);
  const unbounded = l.andNot(x, l.isLess(x, l.constant(Infinity)));
  const pole = l.and(l.constant(-Infinity), l.isEqual(x, zero));
  // All bits set are NaN.
  return l.or(l.or(unbounded, pole), l.isLess(x, zero));
}

/** x = 2ᵏ·(1 + f) for any positive number x. */
export function splitAny(l: Lanes, x: Lane): { k: Lane; f: Lane } {
  const { fraction, leastNormal } = widths[l.bits];
  const isSmall = l.isLess(x, l.constant(leastNormal));
  const { k, f } = split(l, l.choose(isSmall, l.mul(x, l.constant(2 ** fraction)), x));
  return { k: l.sub(k, l.and(l.constant(fraction), isSmall)), f };
}

/** log x. */
export function log(l: Lanes, x: Lane): Lane {
  const { k, f } = splitAny(l, x);
  return l.add(assemble(l, k, f), special(l, x));
}

/**
 * log(1 + lead + rest) + doublings·ln 2: the logarithm of the rounded sum, and to first order what rounding it took away.
 * The rest is small beside the lead.
 */
export function logOfSum(l: Lanes, lead: Lane, rest?: Lane, doublings?: Lane): Lane {
  const [sum, lost] = twoSum(l, l.constant(1), lead);
  const error = rest === undefined ? lost : l.add(lost, rest);
  // NaN where the sum is 0 or infinite; there any number will do.
  const correction = l.greater(l.constant(-1), l.div(error, sum));
  const { k, f } = split(l, sum);
  const power = doublings === undefined ? k : l.add(k, doublings);
  return l.add(assemble(l, power, f, correction), special(l, sum));
}

/** log(1 + x). */
export const log1p = (l: Lanes, x: Lane): Lane => withSign(l, logOfSum(l, x), x);

/** log(1 + e^(−|x|)) as k·ln 2 + log(1 + f), where k is 0 or 1 and 1 + f has lost nothing. */
function aboveLarger(l: Lanes, x: Lane): { k: Lane; f: Lane } {
  const e = decay(l, x);
  // 1 + e, or (1 + e)/2, whose distance from 1 is exact too.
  const isLarge = l.isLessEqual(l.constant(0.5), e);
  const f = l.choose(isLarge, l.madd(e, l.constant(0.5), l.constant(-0.5)), e);
  return { k: l.and(l.constant(1), isLarge), f };
}

/** log(1 + eˣ) = max(x, 0) + log(1 + e^(−|x|)). */
export function softplus(l: Lanes, x: Lane): Lane {
  const { k, f } = aboveLarger(l, x);
  return l.add(assemble(l, k, f), l.greater(x, l.constant(0)));
}

/**
 * log(eᵃ + eᵇ) = max(a, b) + log(1 + e^(−|a − b|)); equal infinities are no distance apart. A negative maximum cancels part
 * of the logarithm, so what is large in it is added without loss, and the rest at last. f is NaN where an operand is.
 */
export function logAddExp(l: Lanes, a: Lane, b: Lane): Lane {
  const larger = l.greater(a, b);
  const { k, f } = aboveLarger(l, l.andNot(l.sub(a, b), l.isEqual(a, b)));
  const [first, lostFirst] = twoSum(l, larger, l.mul(k, l.constant(widths[l.bits].ln2High)));
  const [second, lostSecond] = twoSum(l, first, f);
  const sum = l.add(second, l.add(l.add(lostFirst, lostSecond), restOf(l, k, f)));
  return l.choose(l.isEqual(l.abs(larger), l.constant(Infinity)), l.add(larger, f), sum);
}
