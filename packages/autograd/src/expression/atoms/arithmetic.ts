// The field operations, powers and their inverses.

import type { Expression } from "../expression.ts";
import type { Lane, Lanes } from "../lanes.ts";
import { type Atom, everywhere } from "./atom.ts";

/** The product of int32 numbers, modulo 2³². */
const wholeProduct = (l: Lanes, a: Lane, b: Lane): Lane => l.toFloat(l.intMul(l.toInt(a), l.toInt(b)));

/** Sum a + b. */
export const add: Atom<2, "same"> = {
  name: "add",
  arity: 2,
  result: "same",
  operands: "number",
  value: (a, b) => a + b,
  lanes: (l, a, b) => l.add(a, b),
  partials: [() => 1, () => 1],
  commutative: true,
  notation: { infix: " + ", power: 1 },
};

/** Difference a − b. */
export const sub: Atom<2, "same"> = {
  name: "sub",
  arity: 2,
  result: "same",
  operands: "number",
  value: (a, b) => a - b,
  lanes: (l, a, b) => l.sub(a, b),
  partials: [() => 1, () => -1],
  notation: { infix: " − ", power: 1 },
};

/** Product a·b. */
export const mul: Atom<2, "same"> = {
  name: "mul",
  arity: 2,
  result: "same",
  operands: "number",
  value: (a, b) => a * b,
  lanes: (l, a, b) => l.mul(a, b),
  // Two factors of 32 bits have a product of 64, and a float64 holds 53 of them.
  whole: { value: Math.imul, lanes: wholeProduct },
  partials: [(_a, b) => b, (a) => a],
  commutative: true,
  notation: { infix: "·", power: 2 },
};

/** Quotient a/b. Float types only: integers have no exact quotient. */
export const div: Atom<2, "same"> = {
  name: "div",
  arity: 2,
  result: "same",
  operands: "float",
  value: (a, b) => a / b,
  lanes: (l, a, b) => l.div(a, b),
  partials: [(_a, b) => b.reciprocal(), (_a, b, y) => y.neg().div(b)],
  // A pole: no finite value, hence nothing to differentiate.
  kinks: (_a, b) => [b],
  notation: { infix: "/", power: 2 },
};

/** a − b, and 0 between equal infinities: how far numbers of which the larger is taken off lie below it. */
export const apart: Atom<2, "same"> = {
  name: "apart",
  arity: 2,
  result: "same",
  operands: "number",
  value: (a, b) => (a === b ? 0 : a - b),
  lanes: (l, a, b) => l.andNot(l.sub(a, b), l.isEqual(a, b)),
  partials: [() => 1, () => -1],
};

/** Negation −x. */
export const neg: Atom<1, "same"> = {
  name: "neg",
  arity: 1,
  result: "same",
  operands: "number",
  value: (x) => -x,
  lanes: (l, x) => l.neg(x),
  partials: [() => -1],
  notation: { prefix: "−", power: 3 },
};

/** Reciprocal 1/x. */
export const reciprocal: Atom<1, "same"> = {
  name: "reciprocal",
  arity: 1,
  result: "same",
  operands: "float",
  value: (x) => 1 / x,
  lanes: (l, x) => l.div(l.constant(1), x),
  partials: [(_x, y) => y.square().neg()],
  kinks: (x) => [x],
  notation: { prefix: "1/", power: 2 },
};

/** Square x². */
export const square: Atom<1, "same"> = {
  name: "square",
  arity: 1,
  result: "same",
  operands: "number",
  value: (x) => x * x,
  lanes: (l, x) => l.mul(x, x),
  whole: { value: (x) => Math.imul(x, x), lanes: (l, x) => wholeProduct(l, x, x) },
  partials: [(x) => x.mul(2)],
};

/** Square root. NaN below zero; the derivative at 0 is +∞. */
export const sqrt: Atom<1, "same"> = {
  name: "sqrt",
  arity: 1,
  result: "same",
  operands: "float",
  value: Math.sqrt,
  lanes: (l, x) => l.sqrt(x),
  partials: [(_x, y) => y.reciprocal().mul(0.5)],
  smoothOn: [{ from: 0, to: Infinity }],
};

/** Reciprocal square root 1/√x. NaN below zero, ∞ at 0. */
export const rsqrt: Atom<1, "same"> = {
  name: "rsqrt",
  arity: 1,
  result: "same",
  operands: "float",
  value: (x) => 1 / Math.sqrt(x),
  lanes: (l, x) => l.div(l.constant(1), l.sqrt(x)),
  partials: [(x, y) => y.div(x).mul(-0.5)],
  smoothOn: [{ from: 0, to: Infinity }],
};

/**
 * Linear interpolation a + t·(b − a), as PyTorch's `lerp`: a at t = 0, b at t = 1, exactly, and a for every t where b is the
 * same. Beyond [0, 1] it extrapolates. The difference b − a, which may overflow, is not formed.
 */
export const lerp: Atom<3, "same"> = {
  name: "lerp",
  arity: 3,
  result: "same",
  operands: "float",
  // From the nearer end, where both products with t or 1 − t are at their smallest.
  value: (a, b, t) => (t < 0.5 ? a + (b * t - a * t) : b + (a * (1 - t) - b * (1 - t))),
  lanes(l, a, b, t) {
    // In float32, too, with the value's digits.
    if (l.bits === 32) return l.wide((w, a, b, t) => lerp.lanes!(w, a!, b!, t!), a, b, t);
    const isFirst = l.isLess(t, l.constant(0.5));
    const [near, far] = [l.choose(isFirst, a, b), l.choose(isFirst, b, a)];
    const way = l.choose(isFirst, t, l.sub(l.constant(1), t));
    return l.add(near, l.sub(l.mul(far, way), l.mul(near, way)));
  },
  partials: [(_a, _b, t) => t.neg().add(1), (_a, _b, t) => t, (a, b) => b.sub(a)],
};

/**
 * b·aᵇ⁻¹, the slope of a power in a, and 0 for b = 0. An atom of its own, because at a = 0 its derivative in b is the limit of
 * aᵇ⁻¹·(1 + b·log a), which has the right sign, and not the sum of the two terms, which would be ∞ − ∞.
 */
export const powerSlope: Atom<2, "same"> = {
  name: "powerSlope",
  arity: 2,
  result: "same",
  operands: "float",
  value: (a, b) => (b === 0 ? 0 : b * a ** (b - 1)),
  partials: [
    (a, b) => b.gate(slopeOf(a, b.sub(1))),
    (a, b) => unlessBothZero(a, b, a.pow(b.sub(1)).gate(b.gate(a.log()).add(1))),
  ],
  smoothOn: [{ from: 0, to: Infinity }, everywhere],
};

const unlessBothZero = (a: Expression, b: Expression, derivative: Expression): Expression =>
  a.equal(0).and(b.equal(0)).select(0, derivative);

/** y·log a, the slope in b of a power y = aᵇ: 0 where y is 0, and at 0⁰. An atom of its own for the same reason. */
export const powerLog: Atom<3, "same"> = {
  name: "powerLog",
  arity: 3,
  result: "same",
  operands: "float",
  value: (y, a, b) => (y === 0 || (a === 0 && b === 0) ? 0 : y * Math.log(a)),
  partials: [
    (_y, a, b) => unlessBothZero(a, b, a.log()),
    (y, a, b) => unlessBothZero(a, b, y.gate(a.reciprocal())),
    () => 0,
  ],
  smoothOn: [everywhere, { from: 0, to: Infinity }, everywhere],
};

// Where b is a number the slope is simpler, and its derivative in b is never needed.
const slopeOf = (a: Expression, b: Expression): Expression =>
  b.isConstant ? b.gate(a.pow(b.sub(1))) : a.applied(powerSlope, b);

/**
 * Power aᵇ. NaN for a < 0 and a fraction b, as `Math.pow` has it. The derivative of a⁰ in a is 0 everywhere. At a = 0 the
 * derivative in b is the limit, 0 for b > 0; it is 0 for b = 0, too, where the power jumps, and so are its own derivatives there.
 */
export const pow: Atom<2, "same"> = {
  name: "pow",
  arity: 2,
  result: "same",
  operands: "float",
  value: (a, b) => a ** b,
  partials: [slopeOf, (a, b, y) => y.applied(powerLog, a, b)],
  // For a ≤ 0 it is smooth in a at whole b only; the interval states where it always is.
  smoothOn: [{ from: 0, to: Infinity }, everywhere],
};

/**
 * The product p·t of a partial derivative and a tangent or cotangent, which is zero where a factor is zero, even where
 * the other is infinite or NaN: a value on which nothing depends can't spoil a derivative. So the branch that a
 * `select` did not take contributes exactly zero.
 */
export const gate: Atom<2, "same"> = {
  name: "gate",
  arity: 2,
  result: "same",
  operands: "float",
  value: (a, b) => (a === 0 || b === 0 ? 0 : a * b),
  lanes: (l, a, b) => {
    const zero = l.constant(0);
    // A constant other than 0 needs no comparison.
    const zeros = [a, b].filter(({ constant }) => !constant).map((factor) => l.isEqual(factor, zero));
    const [first, second] = zeros;
    if (first === undefined) return l.mul(a, b);
    return l.andNot(l.mul(a, b), second === undefined ? first : l.or(first, second));
  },
  partials: [(_a, b) => b, (a) => a],
  commutative: true,
  zeroWins: true,
  notation: { infix: "·", power: 2 },
};
