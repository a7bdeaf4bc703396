// Logarithms to the bases 2 and 10, and multiples of the natural one, over lanes, in float32 and float64, for every
// argument; nothing here calls JavaScript.
//
// Another factor after the logarithm is rounded would add its own error to that of the logarithm. So float32 is computed
// in lanes of 64 bits. In float64 log(1 + f) is a sum of two numbers, of which the first is so short that its product
// with the first part of the factor is exact, as in FreeBSD's e_log2.c and e_log10.c (Sun, 1993). A power of the base
// has the very exponent.

import type { Lane, Lanes } from "../lanes.ts";
import { logOfFraction, special, split, splitAny } from "./logarithm.ts";
import { polynomial } from "./polynomial.ts";

/** 1/ln b, and log_b 2, each in two parts. */
interface Base {
  readonly factorHigh: number;
  readonly factorLow: number;
  readonly twoHigh: number;
  readonly twoLow: number;
}

const natural: Base = {
  factorHigh: 1,
  factorLow: 0,
  twoHigh: 6.9314718036912381649e-1,
  twoLow: 1.90821492927058770002e-10,
};
const binary: Base = {
  factorHigh: 1.44269504072144627571,
  factorLow: 1.67517131648865118353e-10,
  twoHigh: 1,
  twoLow: 0,
};
const decimal: Base = {
  factorHigh: 4.34294481878168880939e-1,
  factorLow: 2.50829467116452752298e-11,
  twoHigh: 3.01029995663611771306e-1,
  twoLow: 3.69423907715893078616e-13,
};

/** The upper 21 digits of a float64, whose products with 32 digits are exact. */
const UPPER_DIGITS = ~((1n << 32n) - 1n);

/** log((1 + s)/(1 − s)) = 2s + s·z·P(z), z = s²; FreeBSD's e_logf.c, within 2^-34. */
const shortLogarithm = [0.66666662693, 0.40000972152, 0.28498786688, 0.24279078841];

/** x = 2ᵏ·(1 + f) for a normal x: k, and log(1 + f) to the precision of float32, in lanes of 64 bits. */
export function shortParts(l: Lanes, x: Lane): { k: Lane; rest: Lane } {
  const { k, f } = split(l, x);
  const s = l.div(f, l.add(l.constant(2), f));
  const z = l.mul(s, s);
  return { k, rest: l.mul(s, l.madd(z, polynomial(l, z, shortLogarithm), l.constant(2))) };
}

/** The logarithm to a base, in lanes of 64 bits, hardly more than rounded once; of float32 numbers where it is `short`. */
function inBase(l: Lanes, x: Lane, base: Base, short: boolean): Lane {
  const { factorHigh, factorLow, twoHigh, twoLow } = base;
  const outside = special(l, x);
  if (short) {
    const { k, rest } = shortParts(l, x);
    const scaled = l.mul(rest, l.constant(factorHigh + factorLow));
    return l.add(l.madd(k, l.constant(twoHigh + twoLow), scaled), outside);
  }
  const { k, f } = splitAny(l, x);
  // log(1 + f) = f − f²/2 + rest, as high + low.
  const { half, rest } = logOfFraction(l, f);
  const high = l.asFloat(l.and(l.asInt(l.sub(f, half)), l.pattern(UPPER_DIGITS)));
  const low = l.add(l.sub(l.sub(f, high), half), rest);
  const lead = l.mul(high, l.constant(factorHigh));
  const beside = l.madd(l.add(low, high), l.constant(factorLow), l.mul(low, l.constant(factorHigh)));
  const whole = l.mul(k, l.constant(twoHigh));
  // k·log 2 is either 0 or the larger.
  const sum = l.add(whole, lead);
  const lost = l.add(l.sub(whole, sum), lead);
  return l.add(l.add(sum, l.add(lost, l.madd(k, l.constant(twoLow), beside))), outside);
}

const toBase = (base: Base) => (l: Lanes, x: Lane) =>
  l.bits === 32 ? l.wide((w, x) => inBase(w, x!, base, true), x) : inBase(l, x, base, false);

/** log₂ x. */
export const log2: (l: Lanes, x: Lane) => Lane = toBase(binary);

/** log₁₀ x. */
export const log10: (l: Lanes, x: Lane) => Lane = toBase(decimal);

/** a·log b, and 0 for a = 0 whatever b is, but for NaN. */
export function xlogy(l: Lanes, a: Lane, b: Lane): Lane {
  const product = (w: Lanes, short: boolean) => (a: Lane, b: Lane) => w.mul(a, inBase(w, b, natural, short));
  const usual = l.bits === 32 ? l.wide((w, a, b) => product(w, true)(a!, b!), a, b) : product(l, false)(a, b);
  return l.andNot(usual, l.and(l.isEqual(a, l.constant(0)), l.isEqual(b, b)));
}
