// The natural logarithm and the quantiles of the normal distribution of which random draws are made: by arithmetic in
// float64 alone, each operation rounded by itself, so that draws have the bits that they have in Adjoint.

import { central, outer, outermost, type Ratio } from "../../formulas/normal-quantile.ts";
import type { Operand } from "../operand.ts";
import type { Elements } from "./elements.ts";

/**
 * A product, rounded before it is added to anything. XLA makes one operation, rounded once, of a product and a sum. It makes
 * none of a product, a maximum and a sum, and does not know that every product here is above this number.
 */
const product = (e: Elements, a: Operand | number, b: Operand | number): Operand =>
  e.max(e.mul(a, b), -1e300);

function polynomial(e: Elements, x: Operand, coefficients: readonly number[]): Operand {
  return coefficients
    .slice(0, -1)
    .reduceRight<Operand>(
      (above, coefficient) => e.add(product(e, above, x), coefficient),
      e.emit.like(coefficients.at(-1)!, x),
    );
}

const ratio = (e: Elements, x: Operand, { p, q }: Ratio): Operand =>
  e.div(polynomial(e, x, p), polynomial(e, x, q));

const MANTISSA = 0xf_ffff_ffff_ffffn;
const ONE = 0x3ff0_0000_0000_0000n;

/** For normal numbers above 0: x = m·2ᵉ with m from √½ to √2, and log m as a series in (m − 1)/(m + 1). */
function logarithm(e: Elements, x: Operand): Operand {
  const { emit } = e;
  const bits = emit.bitcast(x, "ui64");
  const fraction = emit.binary("and", bits, emit.bits(MANTISSA, "ui64", x.shape));
  const mantissa = emit.bitcast(emit.binary("or", fraction, emit.bits(ONE, "ui64", x.shape)), "f64");
  const shifted = emit.binary("shift_right_logical", bits, emit.bits(52n, "ui64", x.shape));
  const power = e.sub(emit.convert(shifted, "f64"), 1023);
  const isLarge = e.lessEqual(emit.like(2 * Math.SQRT1_2, x), mantissa);
  const exponent = e.select(isLarge, e.add(power, 1), power);
  const m = e.select(isLarge, product(e, mantissa, 0.5), mantissa);
  const s = e.div(e.sub(m, 1), e.add(m, 1));
  const z = product(e, s, s);
  let sum = emit.like(0, x);
  for (let k = 23; k >= 1; k -= 2) sum = e.add(product(e, sum, z), 1 / k);
  const series = product(e, product(e, s, 2), sum);
  return e.add(series, product(e, exponent, Math.LN2));
}

/** The natural logarithm; of a number below the least normal one, which XLA's CPU takes for 0, it is −∞. */
export const portableLog = (elements: Elements, x: Operand): Operand =>
  elements.wide((e, y) => {
    const isNormal = e.and(e.lessEqual(e.emit.like(2 ** -1022, y!), y!), e.less(y!, Infinity));
    const edge = e.select(e.equal(y!, Infinity), Infinity, NaN);
    const zero = e.and(e.lessEqual(e.emit.like(0, y!), y!), e.less(y!, 2 ** -1022));
    return e.select(isNormal, logarithm(e, y!), e.select(zero, -Infinity, edge));
  }, x);

/** The x below which a standard normal falls with probability p. */
export const normalQuantile = (elements: Elements, x: Operand): Operand =>
  elements.wide((e, p) => {
    const q = e.sub(p!, 0.5);
    const isBelow = e.less(q, 0);
    const inside = product(e, q, ratio(e, e.sub(0.180625, product(e, q, q)), central));
    const r = e.sqrt(e.neg(portableLog(e, e.select(isBelow, p!, e.sub(1, p!)))));
    const isOuter = e.lessEqual(r, 5);
    const tail = e.select(isOuter, ratio(e, e.sub(r, 1.6), outer), ratio(e, e.sub(r, 5), outermost));
    const outside = e.select(isBelow, e.neg(tail), tail);
    const value = e.select(e.lessEqual(e.abs(q), 0.425), inside, outside);
    const edge = e.select(
      e.equal(p!, 0),
      -Infinity,
      e.select(e.equal(p!, 1), Infinity, e.emit.like(NaN, p!)),
    );
    const isProbability = e.and(e.less(e.emit.like(0, p!), p!), e.less(p!, 1));
    return e.select(isProbability, value, edge);
  }, x);
