// The atom table. To add an atom, write it in a file and add its name here; its method on tensors, scalars and
// expressions, its derivatives, kernels and property tests follow.

export { add, div, gate, lerp, mul, neg, pow, reciprocal, rsqrt, sqrt, square, sub } from "./arithmetic.ts";
export { erf } from "./erf.ts";
export { erfInv } from "./erf-inv.ts";
export { erfc } from "./erfc.ts";
export {
  exp,
  exp2,
  expm1,
  log,
  log1p,
  log2,
  log10,
  logAddExp,
  logistic,
  softplus,
  xlogy,
} from "./exponential.ts";
export { isFinite, isInfinite, isNaN } from "./finite.ts";
export { digamma, lgamma } from "./gamma.ts";
export { acos, acosh, asin, asinh, atan, atanh } from "./inverse.ts";
export {
  abs,
  and,
  equal,
  floor,
  greater,
  greaterEqual,
  less,
  lessEqual,
  maximum,
  minimum,
  not,
  notEqual,
  or,
  select,
  sign,
} from "./piecewise.ts";
export { atan2, hypot } from "./plane.ts";
export { ceil, mod, round, trunc } from "./rounding.ts";
export { cos, cosh, sin, sinh, tan, tanh } from "./trigonometric.ts";
