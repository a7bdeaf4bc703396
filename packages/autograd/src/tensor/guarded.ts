// A look at the numbers of a tensor, for operations that are defined on some of them only.

import { checkFunction } from "../array/arguments.ts";
import type { Shape } from "../array/shape-types.ts";
import { type Check, guardedIdentity } from "../primitives/guarded.ts";
import { apply } from "../tape/apply.ts";
import { asTensor, checkTensor, type Tensor } from "./tensor.ts";

/**
 * x itself, whose elements `check` is shown: at once, or, in a compiled function, in every call before anything changes.
 * What it throws leaves the call. For operations that are defined on some numbers only; give one function, not a new one for each call.
 */
export function guarded<S extends Shape>(x: Tensor<S>, check: Check): Tensor<S> {
  checkTensor("guarded", x);
  checkFunction("guarded", check, "(elements) => { if (elements.includes(NaN)) throw … }");
  return asTensor(apply(guardedIdentity, [x], { check }));
}
