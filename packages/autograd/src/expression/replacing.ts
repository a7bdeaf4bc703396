// nanToNum as a function of elements: of one, and of those in the place of NaN, ∞ and −∞.

import { type ElementwiseFunction, statedFunction } from "./elementwise-function.ts";
import type { Expression } from "./expression.ts";
import { replaced } from "./nan-to-num.ts";

export const replacing: ElementwiseFunction = statedFunction(
  "nanToNum",
  4,
  replaced as (...operands: Expression[]) => Expression,
);
