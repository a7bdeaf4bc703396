// The atom table. To add an atom, write it in a file and add its name here; its method on tensors, scalars and
// expressions, its derivatives, kernels and property tests follow.

export { add, div, gate, mul, neg, pow, reciprocal, sqrt, square, sub } from "./arithmetic.ts";
export { erf } from "./erf.ts";
export { exp, expm1, log, log1p, logistic, softplus } from "./exponential.ts";
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
export { cos, sin, tan, tanh } from "./trigonometric.ts";
