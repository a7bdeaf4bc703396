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

/**
 * The files of the atoms. TypeScript finds a docstring at a declaration, not through the list above, so a method has its
 * atom's only if the atom's file stands here, too.
 */
export type AtomFiles = typeof import("./arithmetic.ts") &
  typeof import("./erf.ts") &
  typeof import("./erf-inv.ts") &
  typeof import("./erfc.ts") &
  typeof import("./exponential.ts") &
  typeof import("./finite.ts") &
  typeof import("./gamma.ts") &
  typeof import("./inverse.ts") &
  typeof import("./piecewise.ts") &
  typeof import("./plane.ts") &
  typeof import("./rounding.ts") &
  typeof import("./trigonometric.ts");
