// A check of a tensor's numbers, for operations that are not defined for all numbers.

import type { Shape } from "../array/shape-types.ts";
import { type Check, checkCheck, guard } from "../primitives/guarded.ts";
import { asTensor, checkTensor, type Tensor } from "./tensor.ts";

/**
 * x itself, whose elements are compared with `check`: at once, or, in a compiled function, in every call before
 * anything changes. The check is a range with a message, `{ from: 0, to: 1, message: "prior: {} is no probability" }`,
 * or a function that is shown all elements and throws; give one function, not a new one for each call. For operations
 * that are defined on some numbers only. Throws RangeError with the message, or what the function throws.
 */
export function guarded<S extends Shape>(x: Tensor<S>, check: Check): Tensor<S> {
  checkTensor("guarded", x);
  checkCheck("guarded", check);
  return asTensor(guard(x, check));
}
