// The inverses of the circular and the hyperbolic functions. Their derivatives keep their digits at the ends of the
// domains, where 1 − x² would cancel, and far out, where x² would overflow.

import type { Expression } from "../expression.ts";
import type { Atom } from "./atom.ts";

/**
 * 1 − x² as (1 − x)·(1 + x), which does not cancel near ±1. An atom of its own, because the derivative of that product would
 * cancel near 0, and that of this is −2x.
 */
export const oneMinusSquare: Atom<1, "same"> = {
  name: "oneMinusSquare",
  arity: 1,
  result: "same",
  operands: "float",
  value: (x) => (1 - x) * (1 + x),
  lanes: (l, x) => l.mul(l.sub(l.constant(1), x), l.add(l.constant(1), x)),
  partials: [(x) => x.mul(-2)],
};

/** 1/√(1 − x²). */
const overCosine = (x: Expression) => x.applied(oneMinusSquare).rsqrt();

/** Arcsine in radians, from −π/2 to π/2; NaN outside of [−1, 1], and the derivative at ±1 is ∞. */
export const asin: Atom<1, "same"> = {
  name: "asin",
  arity: 1,
  result: "same",
  operands: "float",
  value: Math.asin,
  partials: [overCosine],
  smoothOn: [{ from: -1, to: 1 }],
};

/** Arccosine in radians, from 0 to π; NaN outside of [−1, 1], and the derivative at ±1 is −∞. */
export const acos: Atom<1, "same"> = {
  name: "acos",
  arity: 1,
  result: "same",
  operands: "float",
  value: Math.acos,
  partials: [(x) => overCosine(x).neg()],
  smoothOn: [{ from: -1, to: 1 }],
};

/** Arctangent in radians, from −π/2 to π/2. */
export const atan: Atom<1, "same"> = {
  name: "atan",
  arity: 1,
  result: "same",
  operands: "float",
  value: Math.atan,
  // 1/(1 + x²) without the square of x, which leaves the range in its derivatives.
  partials: [(x) => x.hypot(1).reciprocal().square()],
};

/** Inverse hyperbolic sine log(x + √(x² + 1)), exact near 0 and below. */
export const asinh: Atom<1, "same"> = {
  name: "asinh",
  arity: 1,
  result: "same",
  operands: "float",
  value: Math.asinh,
  partials: [(x) => x.hypot(1).reciprocal()],
};

/** Inverse hyperbolic cosine log(x + √(x² − 1)), exact near 1; NaN below 1, where the derivative is ∞. */
export const acosh: Atom<1, "same"> = {
  name: "acosh",
  arity: 1,
  result: "same",
  operands: "float",
  value: Math.acosh,
  // Two roots: x² may be infinite.
  partials: [(x) => x.sub(1).rsqrt().mul(x.add(1).rsqrt())],
  smoothOn: [{ from: 1, to: Infinity }],
};

/** Inverse hyperbolic tangent ½·log((1 + x)/(1 − x)), exact near 0; ±∞ at ±1, NaN outside. */
export const atanh: Atom<1, "same"> = {
  name: "atanh",
  arity: 1,
  result: "same",
  operands: "float",
  value: Math.atanh,
  partials: [(x) => x.applied(oneMinusSquare).reciprocal()],
  smoothOn: [{ from: -1, to: 1 }],
};
