// Exponentials, logarithms and the functions built on them, in forms that neither overflow
// nor cancel: at ±1000 value and derivative are the right finite numbers.

import { apart } from "./arithmetic.ts";
import { type Atom, everywhere } from "./atom.ts";

/** Exponential eˣ. */
export const exp: Atom<1, "same"> = {
  name: "exp",
  arity: 1,
  result: "same",
  operands: "float",
  value: Math.exp,
  partials: [(_x, y) => y],
};

/** eˣ − 1, exact near 0. */
export const expm1: Atom<1, "same"> = {
  name: "expm1",
  arity: 1,
  result: "same",
  operands: "float",
  value: Math.expm1,
  partials: [(x) => x.exp()],
};

/** Power 2ˣ of two, which is the number itself where x is whole. */
export const exp2: Atom<1, "same"> = {
  name: "exp2",
  arity: 1,
  result: "same",
  operands: "float",
  value: (x) => 2 ** x,
  partials: [(_x, y) => y.mul(Math.LN2)],
};

/** Natural logarithm: −∞ at 0, NaN below. */
export const log: Atom<1, "same"> = {
  name: "log",
  arity: 1,
  result: "same",
  operands: "float",
  value: Math.log,
  partials: [(x) => x.reciprocal()],
  smoothOn: [{ from: 0, to: Infinity }],
};

/** Logarithm to base 2, which is whole at a power of two: −∞ at 0, NaN below. */
export const log2: Atom<1, "same"> = {
  name: "log2",
  arity: 1,
  result: "same",
  operands: "float",
  value: Math.log2,
  partials: [(x) => x.reciprocal().mul(Math.LOG2E)],
  smoothOn: [{ from: 0, to: Infinity }],
};

/** Logarithm to base 10, which is whole at a power of ten: −∞ at 0, NaN below. */
export const log10: Atom<1, "same"> = {
  name: "log10",
  arity: 1,
  result: "same",
  operands: "float",
  value: Math.log10,
  partials: [(x) => x.reciprocal().mul(Math.LOG10E)],
  smoothOn: [{ from: 0, to: Infinity }],
};

/** Natural log(1 + x), exact near 0. */
export const log1p: Atom<1, "same"> = {
  name: "log1p",
  arity: 1,
  result: "same",
  operands: "float",
  value: Math.log1p,
  partials: [(x) => x.add(1).reciprocal()],
  smoothOn: [{ from: -1, to: Infinity }],
};

/** Logistic function 1/(1 + e⁻ˣ); ψ(y) = y(1 − y). */
export const logistic: Atom<1, "same"> = {
  name: "logistic",
  arity: 1,
  result: "same",
  operands: "float",
  value: (x) => {
    if (x >= 0) return 1 / (1 + Math.exp(-x));
    const e = Math.exp(x);
    return e / (1 + e);
  },
  partials: [(_x, y) => y.mul(y.neg().add(1))],
};

/** Softplus log(1 + eˣ), by the natural logarithm, whose derivative is the logistic function. */
export const softplus: Atom<1, "same"> = {
  name: "softplus",
  arity: 1,
  result: "same",
  operands: "float",
  value: (x) => (x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x))),
  partials: [(x) => x.logistic()],
};

/**
 * Natural log(eᵃ + eᵇ), which does not overflow, as NumPy's `logaddexp`. The derivatives are the shares of eᵃ and eᵇ in
 * the sum, ½ each between equal infinities. Exact to the last digits of the larger operand: where the sum is close to
 * 1, they cancel.
 */
export const logAddExp: Atom<2, "same"> = {
  name: "logAddExp",
  arity: 2,
  result: "same",
  operands: "float",
  value: (a, b) => Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a === b ? 0 : a - b))),
  partials: [(a, b) => a.applied(apart, b).logistic(), (a, b) => b.applied(apart, a).logistic()],
  commutative: true,
};

/**
 * a·log b by the natural logarithm, and 0 for a = 0, even where b is 0, infinite or negative, as SciPy's `xlogy`: a
 * term of an entropy. NaN stays NaN. The derivative in b is 0 at (0, 0), too, and in a it is log b, which is −∞ there.
 */
export const xlogy: Atom<2, "same"> = {
  name: "xlogy",
  arity: 2,
  result: "same",
  operands: "float",
  value: (a, b) => (a === 0 && !Number.isNaN(b) ? 0 : a * Math.log(b)),
  partials: [(_a, b) => b.log(), (a, b) => a.gate(b.reciprocal())],
  smoothOn: [everywhere, { from: 0, to: Infinity }],
};
