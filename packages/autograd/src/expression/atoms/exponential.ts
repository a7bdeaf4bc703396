// Exponentials, logarithms and the functions built on them, in forms that neither overflow
// nor cancel: at ±1000 value and derivative are the right finite numbers.

import * as exponential from "../lanes/exponential.ts";
import * as logarithm from "../lanes/logarithm.ts";
import type { Atom } from "./atom.ts";

/** Exponential eˣ. */
export const exp: Atom<1, "same"> = {
  name: "exp",
  arity: 1,
  result: "same",
  operands: "float",
  value: Math.exp,
  lanes: exponential.exp,
  partials: [(_x, y) => y],
};

/** eˣ − 1, exact near 0. */
export const expm1: Atom<1, "same"> = {
  name: "expm1",
  arity: 1,
  result: "same",
  operands: "float",
  value: Math.expm1,
  lanes: exponential.expm1,
  partials: [(x) => x.exp()],
};

/** Natural logarithm: −∞ at 0, NaN below. */
export const log: Atom<1, "same"> = {
  name: "log",
  arity: 1,
  result: "same",
  operands: "float",
  value: Math.log,
  lanes: logarithm.log,
  partials: [(x) => x.reciprocal()],
  smoothOn: [{ from: 0, to: Infinity }],
};

/** log(1 + x), exact near 0. */
export const log1p: Atom<1, "same"> = {
  name: "log1p",
  arity: 1,
  result: "same",
  operands: "float",
  value: Math.log1p,
  lanes: logarithm.log1p,
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
  lanes: exponential.logistic,
  partials: [(_x, y) => y.mul(y.neg().add(1))],
};

/** Softplus log(1 + eˣ), whose derivative is the logistic function. */
export const softplus: Atom<1, "same"> = {
  name: "softplus",
  arity: 1,
  result: "same",
  operands: "float",
  value: (x) => (x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x))),
  lanes: logarithm.softplus,
  partials: [(x) => x.logistic()],
};
