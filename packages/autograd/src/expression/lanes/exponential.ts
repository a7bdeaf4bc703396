// eˣ over lanes and the functions made of it, in float32 and float64. Results are right for every argument, subnormal results
// and overflow included; nothing here calls JavaScript.
//
// All start from x = n·ln 2 + r with |r| ≤ ln 2/2 (Cody and Waite, 1980), and from eʳ − 1 = r + r²·Q(r), where Q is
// the polynomial of least relative error on that interval, fitted for this file by Lawson's iteration, its
// coefficients rounded one after another.

import type { Lane, Lanes } from "../lanes.ts";
import { polynomial, withSign } from "./polynomial.ts";

/** 1/3!, 1/5!, … */
function inverseFactorials(count: number): number[] {
  const found: number[] = [];
  let factorial = 1;
  for (let n = 3; found.length < count; n += 2) found.push(1 / (factorial *= n * (n - 1)));
  return found;
}

const widths = {
  32: {
    /** Bits of the fraction. */
    fraction: 23,
    /** 1.5·2^fraction: what is added to it is rounded to a whole number, which its last bits then hold. */
    rounder: 1.5 * 2 ** 23,
    // ln 2 in two parts: n times the first is exact.
    ln2High: 0.693145751953125,
    ln2Low: Math.LN2 - 0.693145751953125,
    /** Relative to eʳ, within 2^-28. */
    forExp: [0.49999994, 0.166665211, 0.0416682735, 0.00836868584, 0.00138201378],
    /** Relative to eʳ − 1, within 2^-31. */
    forExpm1: [0.5, 0.166666657, 0.0416664928, 0.00833354332, 0.00139323424, 0.000197642774],
    // Beyond these eˣ is 0, or infinite.
    least: -104,
    most: 89,
    /** Below, eˣ − 1 is −1. */
    leastExpm1: -18,
    /** Above, tanh x is 1. */
    mostTanh: 9.1,
    /** Beyond these 2ˣ is 0, or infinite. */
    leastExp2: -150,
    mostExp2: 128,
    /** Above, sinh x and cosh x are infinite. */
    mostCosh: 90,
    /** Where e^(−x) no longer counts beside eˣ: 2ⁿ with more than that. */
    alone: 30,
    /** sinh x = x + x³·P(x²) for |x| below 1, by Taylor's series: 1/3!, 1/5!, … */
    forSinh: inverseFactorials(5),
  },
  64: {
    fraction: 52,
    rounder: 1.5 * 2 ** 52,
    // The second is ln 2 less the first to twice the precision: fdlibm's e_exp.c.
    ln2High: 6.9314718036912381649e-1,
    ln2Low: 1.90821492927058770002e-10,
    /** Within 2^-57. */
    forExp: [
      0.5000000000000011, 0.16666666666666438, 0.041666666666526755, 0.008333333333479036,
      0.0013888888944446063, 0.00019841269538638416, 2.480149229841857e-5, 2.755755848805747e-6,
      2.7630524687540546e-7, 2.5008746720161313e-8,
    ],
    /** Within 2^-61. */
    forExpm1: [
      0.5, 0.16666666666666677, 0.04166666666666668, 0.008333333333321737, 0.0013888888888895425,
      0.00019841269885554922, 2.4801587278625865e-5, 2.7557244904671398e-6, 2.7557327877316104e-7,
      2.5108780577875267e-8, 2.089487775569059e-9,
    ],
    least: -746,
    most: 710,
    leastExpm1: -38,
    mostTanh: 19.1,
    leastExp2: -1075,
    mostExp2: 1024,
    mostCosh: 711,
    alone: 60,
    forSinh: inverseFactorials(9),
  },
} as const;

/** eʳ = 1 + r + r²·Q(r), within 2^-33: for what is rounded to float32 in the end. */
export const shortExp: readonly number[] = [
  0.5, 0.166666657, 0.041666463, 0.00833357126, 0.00139350956, 0.000197395435,
];

/**
 * x + beside = n·ln 2 + r: `power` has n in its low bits, and eʳ − 1 = high + rest, of which high is exact. `beside` counts in
 * the choice of n, since Q is exact for |r| ≤ ln 2/2 only.
 */
function reduce(
  l: Lanes,
  x: Lane,
  q: readonly number[],
  beside?: Lane,
): { power: Lane; high: Lane; rest: Lane } {
  const { rounder, ln2High, ln2Low } = widths[l.bits];
  const whole = beside === undefined ? x : l.add(x, beside);
  const sum = l.madd(whole, l.constant(Math.LOG2E), l.constant(rounder));
  const n = l.sub(sum, l.constant(rounder));
  const high = l.madd(n, l.constant(-ln2High), x);
  let low = l.mul(n, l.constant(-ln2Low));
  if (beside !== undefined) low = l.add(low, beside);
  const r = l.add(high, low);
  return { power: l.asInt(sum), high, rest: l.madd(l.mul(r, r), polynomial(l, r, q), low) };
}

/** 2ⁿ as two factors, since alone it may be too large or too small for a float: n's halves, as exponents. */
function halves(l: Lanes, power: Lane): [Lane, Lane] {
  const { fraction } = widths[l.bits];
  const first = l.shiftLeft(l.shiftRightUnsigned(power, 1), fraction);
  return [first, l.intSub(l.shiftLeft(power, fraction), first)];
}

/** 2ⁿ for the exponent n, which lies where floats have theirs. */
const twoTo = (l: Lanes, exponent: Lane) => l.asFloat(l.intAdd(exponent, l.asInt(l.constant(1))));

/** a·2ⁿ. */
function timesTwoTo(l: Lanes, a: Lane, power: Lane): Lane {
  const [first, second] = halves(l, power);
  return l.mul(l.mul(a, twoTo(l, first)), twoTo(l, second));
}

/** e^(x + beside) for x from `least` to `most`, or NaN; `beside` is far smaller than x. */
function expWithin(l: Lanes, x: Lane, beside?: Lane): Lane {
  const { power, high, rest } = reduce(l, x, widths[l.bits].forExp, beside);
  return timesTwoTo(l, l.add(l.constant(1), l.add(high, rest)), power);
}

/** eˣ where it and 2ⁿ are normal numbers: |x| at most 80, or 700 in float64. Q may be a shorter polynomial. */
export function moderateExp(l: Lanes, x: Lane, q: readonly number[] = widths[l.bits].forExp): Lane {
  const { fraction } = widths[l.bits];
  const { power, high, rest } = reduce(l, x, q);
  const one = l.add(l.constant(1), l.add(high, rest));
  return l.mul(one, twoTo(l, l.shiftLeft(power, fraction)));
}

/** eˣ; or e^(x + beside), where `beside` is far smaller than x. */
export function exp(l: Lanes, x: Lane, beside?: Lane): Lane {
  const { least, most } = widths[l.bits];
  return expWithin(l, l.lesser(l.greater(x, l.constant(least)), l.constant(most)), beside);
}

/**
 * e^(x + beside)·(1 + v)·(high + low), for x from `least` to `most`, |v| below 1, and a `high` of so few digits that low
 * is its rest. Hardly more than the last addition is rounded: what is small in each factor is multiplied by itself, and the
 * products are added up before.
 */
export function expTimes(l: Lanes, x: Lane, beside: Lane, v: Lane, high: Lane, low: Lane): Lane {
  const { power, high: lead, rest } = reduce(l, x, widths[l.bits].forExp, beside);
  const q = l.add(lead, rest);
  const more = l.madd(v, q, v);
  const t = l.add(q, more);
  const product = l.add(high, l.madd(high, q, l.madd(high, more, l.madd(low, t, low))));
  return timesTwoTo(l, product, power);
}

/** 2ˣ = 2ⁿ·e^(r·ln 2) at x = n + r; the power itself where x is a whole number. */
export function exp2(l: Lanes, x: Lane): Lane {
  const { rounder, forExp, leastExp2, mostExp2 } = widths[l.bits];
  const inside = l.lesser(l.greater(x, l.constant(leastExp2)), l.constant(mostExp2));
  const sum = l.add(inside, l.constant(rounder));
  const r = l.mul(l.sub(inside, l.sub(sum, l.constant(rounder))), l.constant(Math.LN2));
  const one = l.add(l.constant(1), l.madd(l.mul(r, r), polynomial(l, r, forExp), r));
  return timesTwoTo(l, one, l.asInt(sum));
}

/** e^(−|x|). */
export function decay(l: Lanes, x: Lane): Lane {
  return expWithin(l, l.greater(l.or(x, l.constant(-0)), l.constant(widths[l.bits].least)));
}

/** eˣ − 1 = 2ⁿ(eʳ − 1) + (2ⁿ − 1), summed from what is exact to what is not. */
export function expm1(l: Lanes, x: Lane): Lane {
  const { leastExpm1, most, forExpm1 } = widths[l.bits];
  const inside = l.lesser(l.greater(x, l.constant(leastExpm1)), l.constant(most));
  const { power, high, rest } = reduce(l, inside, forExpm1);
  const [first, second] = halves(l, power);
  const scale = twoTo(l, first);
  const one = l.asFloat(l.intSub(l.asInt(l.constant(1)), second));
  const sum = l.madd(scale, rest, l.madd(scale, high, l.sub(scale, one)));
  return withSign(l, l.mul(sum, twoTo(l, second)), x);
}

/**
 * (e^|x| ± e^(−|x|))/2 = 2ⁿ⁻¹·(1 + high + rest ± inverse), where the inverse is 2⁻²ⁿ/(1 + high + rest). What rounding
 * 1 + high takes away is added to what is small.
 */
function halfSum(l: Lanes, x: Lane, isSum: boolean): Lane {
  const { fraction, rounder, mostCosh, alone, forExp } = widths[l.bits];
  const { power, high, rest } = reduce(l, l.lesser(l.abs(x), l.constant(mostCosh)), forExp);
  const one = l.constant(1);
  const lead = l.add(one, high);
  const lost = l.sub(high, l.sub(lead, one));
  const n = l.asInt(l.lesser(l.asFloat(power), l.constant(rounder + alone)));
  const scale = l.asFloat(l.intSub(l.asInt(one), l.shiftLeft(n, fraction + 1)));
  const inverse = l.div(scale, l.add(lead, rest));
  const small = isSum ? l.add(rest, inverse) : l.sub(rest, inverse);
  return timesTwoTo(l, l.add(lead, l.add(lost, small)), l.intSub(power, l.pattern(1n)));
}

/** (eˣ + e⁻ˣ)/2. */
export const cosh = (l: Lanes, x: Lane): Lane => halfSum(l, x, true);

/** (eˣ − e⁻ˣ)/2; near 0, where that cancels, by its series. */
export function sinh(l: Lanes, x: Lane): Lane {
  const square = l.mul(x, x);
  const near = l.madd(l.mul(x, square), polynomial(l, square, widths[l.bits].forSinh), x);
  const far = withSign(l, halfSum(l, x, false), x);
  return l.choose(l.isLess(l.abs(x), l.constant(1)), near, far);
}

/** (e^(2|x|) − 1)/(e^(2|x|) + 1) with the sign of x. */
export function tanh(l: Lanes, x: Lane): Lane {
  const { fraction, mostTanh, forExpm1 } = widths[l.bits];
  const size = l.lesser(l.abs(x), l.constant(mostTanh));
  const { power, high, rest } = reduce(l, l.add(size, size), forExpm1);
  const scale = twoTo(l, l.shiftLeft(power, fraction));
  // e^(2|x|) − 1 is the sum of `lead`, which is nearly exact, and a number that is small beside it.
  const lead = l.madd(scale, high, l.sub(scale, l.constant(1)));
  const small = l.mul(scale, rest);
  const sum = l.add(lead, small);
  const quotient = l.div(sum, l.add(sum, l.constant(2)));
  // The same, (sum − sum·quotient)/2, in a form where the roundings above hardly count; it cancels for large x.
  const fine = l.mul(l.add(lead, l.sub(small, l.mul(sum, quotient))), l.constant(0.5));
  const isSmall = l.isLess(size, l.constant(0.26));
  return withSign(l, l.choose(isSmall, fine, quotient), x);
}

/** 1/(1 + e⁻ˣ), or eˣ/(1 + eˣ) below 0: the exponential never overflows. Either is m − m·q, with q = e/(1 + e). */
export function logistic(l: Lanes, x: Lane): Lane {
  const e = decay(l, x);
  const one = l.constant(1);
  const q = l.div(e, l.add(one, e));
  // 1 above 0 and e below; e is at most 1.
  const m = l.greater(e, l.and(one, l.isLess(l.constant(0), x)));
  return l.sub(m, l.mul(m, q));
}
