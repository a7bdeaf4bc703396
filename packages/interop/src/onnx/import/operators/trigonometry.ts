// Circular and hyperbolic functions and their inverses, in radians.

import { elementwise, type Operators } from "./operator.ts";

export const trigonometry: Operators = {
  Acos: elementwise(7, (x) => x.acos()),
  Acosh: elementwise(9, (x) => x.acosh()),
  Asin: elementwise(7, (x) => x.asin()),
  Asinh: elementwise(9, (x) => x.asinh()),
  Atan: elementwise(7, (x) => x.atan()),
  Atanh: elementwise(9, (x) => x.atanh()),
  Cos: elementwise(7, (x) => x.cos()),
  Cosh: elementwise(9, (x) => x.cosh()),
  Sin: elementwise(7, (x) => x.sin()),
  Sinh: elementwise(9, (x) => x.sinh()),
  Tan: elementwise(7, (x) => x.tan()),
  Tanh: elementwise(6, (x) => x.tanh()),
};
