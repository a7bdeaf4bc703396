// Exponentials, logarithms and powers, with the special cases that Adjoint has and StableHLO does not.

import type { Operand } from "../operand.ts";
import type { Elements } from "./elements.ts";

/** log(1 + x). In float64, XLA's own is off by up to 130 ulps between −0.45 and −0.3, where log u of u = 1 + x is off by 2. */
export function log1p(e: Elements, x: Operand): Operand {
  const value = e.emit.unary("log_plus_one", x);
  if (e.type !== "f64") return value;
  const isOff = e.and(e.less(e.emit.like(-0.5, x), x), e.less(x, -0.25));
  return e.select(isOff, e.log(e.add(x, 1)), value);
}

/** aᵇ as JavaScript has it: NaN for an exponent NaN, and where |a| = 1 and b is infinite, for which IEEE 754 says 1. */
export function pow(e: Elements, a: Operand, b: Operand): Operand {
  const power = e.power(a, b);
  if (b.constant !== undefined && Number.isFinite(b.constant)) return power;
  const isOpen = e.and(e.equal(e.abs(a), 1), e.isInfinite(b));
  return e.select(e.or(e.isNaN(b), isOpen), NaN, power);
}

/** b·aᵇ⁻¹, and 0 for b = 0; in float64, since the exponent b − 1 may round to a whole number. */
export const powerSlope = (elements: Elements, a: Operand, b: Operand): Operand =>
  elements.wide((e, x, y) => e.select(e.equal(y!, 0), 0, e.mul(y!, pow(e, x!, e.sub(y!, 1)))), a, b);

/** y·log a, and 0 where y is 0, or a and b are. */
export function powerLog(e: Elements, y: Operand, a: Operand, b: Operand): Operand {
  const bothZero = e.and(e.equal(a, 0), e.equal(b, 0));
  return e.select(e.or(e.equal(y, 0), bothZero), 0, e.mul(y, e.log(a)));
}

/** The product, and 0 where a factor is 0, also beside infinity and NaN. */
export function gate(e: Elements, a: Operand, b: Operand): Operand {
  const product = e.mul(a, b);
  // A constant other than 0 needs no comparison.
  const zeros = [a, b].filter(({ constant }) => constant === undefined || constant === 0);
  const [first, second] = zeros.map((x) => e.equal(x, 0));
  if (first === undefined) return product;
  return e.select(second === undefined ? first : e.or(first, second), 0, product);
}

/** 2ˣ, exact where x is whole: by the bits of 2ⁿ, in two factors, of which neither leaves the range, times e to the rest. */
export function exp2(e: Elements, x: Operand): Operand {
  const [digits, bias, bits] = e.type === "f32" ? ([23, 127, "i32"] as const) : ([52, 1023, "i64"] as const);
  const most = 2 * bias;
  const held = e.min(e.max(x, -most), most);
  const n = e.round(held);
  const rest = e.exp(e.mul(e.sub(held, n), Math.LN2));
  const powerOf = (exponent: Operand) => {
    const biased = e.emit.convert(e.add(exponent, bias), bits);
    const shifted = e.emit.binary("shift_left", biased, e.emit.like(digits, biased));
    return e.emit.bitcast(shifted, x.type);
  };
  const half = e.floor(e.mul(n, 0.5));
  const value = e.mul(e.mul(rest, powerOf(half)), powerOf(e.sub(n, half)));
  return e.select(e.isNaN(x), x, value);
}

/** The logarithm to a base, which is whole at its powers: where the nearest whole number's power is x, it is that number. */
function logarithm(e: Elements, x: Operand, toBase: number, powerOf: (n: Operand) => Operand): Operand {
  const near = e.mul(e.log(x), toBase);
  const whole = e.round(near);
  return e.select(e.equal(powerOf(whole), x), whole, near);
}

export const log2 = (e: Elements, x: Operand): Operand => logarithm(e, x, Math.LOG2E, (n) => exp2(e, n));

export const log10 = (e: Elements, x: Operand): Operand =>
  logarithm(e, x, Math.LOG10E, (n) => e.power(10, n));

/** a − b, and 0 between equal infinities. */
export const apart = (e: Elements, a: Operand, b: Operand): Operand =>
  e.isFloat ? e.select(e.equal(a, b), 0, e.sub(a, b)) : e.sub(a, b);

export function logAddExp(e: Elements, a: Operand, b: Operand): Operand {
  const below = e.exp(e.neg(e.abs(apart(e, a, b))));
  return e.add(e.max(a, b), log1p(e, below));
}

/** a·log b, and 0 for a = 0 unless b is NaN. */
export function xlogy(e: Elements, a: Operand, b: Operand): Operand {
  const isZero = e.and(e.equal(a, 0), e.equal(b, b));
  return e.select(isZero, 0, e.mul(a, e.log(b)));
}

export const softplus = (e: Elements, x: Operand): Operand =>
  e.add(e.max(x, 0), log1p(e, e.exp(e.neg(e.abs(x)))));

/** 1 − eʸ for an element y of a log-softmax that has most of its row, else 1. */
export function lacking(e: Elements, y: Operand): Operand {
  const rest = e.neg(e.emit.unary("exponential_minus_one", y));
  return e.select(e.greater(y, -0.5), rest, 1);
}

/** ½·log((1 + x)/(1 − x)) by the sign of x. */
export function atanh(e: Elements, x: Operand): Operand {
  const size = e.abs(x);
  const value = e.mul(log1p(e, e.div(e.add(size, size), e.sub(1, size))), 0.5);
  return withSign(e, value, x);
}

/** A number's sign for a value of its absolute value. */
const withSign = (e: Elements, value: Operand, x: Operand): Operand =>
  e.select(e.less(x, 0), e.neg(value), e.select(e.equal(x, 0), x, value));

/**
 * ½eˣ and ½e⁻ˣ for x ≥ 0, by the square of e to the half, which stays in range as long as the sum does. XLA's own are off by
 * as many ulps as x is large.
 */
function halves(e: Elements, size: Operand): readonly [Operand, Operand] {
  const root = e.exp(e.mul(size, 0.5));
  return [e.mul(e.mul(root, 0.5), root), e.div(e.div(0.5, root), root)];
}

export function cosh(e: Elements, x: Operand): Operand {
  const [above, below] = halves(e, e.abs(x));
  return e.add(above, below);
}

export function sinh(e: Elements, x: Operand): Operand {
  const size = e.abs(x);
  const [above, below] = halves(e, size);
  const t = e.emit.unary("exponential_minus_one", e.min(size, 1));
  const small = e.mul(e.add(t, e.div(t, e.add(t, 1))), 0.5);
  return withSign(e, e.select(e.less(size, 1), small, e.sub(above, below)), x);
}
