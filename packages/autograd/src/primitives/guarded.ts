// Numbers that an operation must look at before it goes on, eagerly and in programs.

import { checkFunction } from "../array/arguments.ts";
import type { TypedArray } from "../array/dtype.ts";
import type { Differentiable } from "./families.ts";
import { checkTensor, type Tensor } from "./tensor.ts";

/**
 * Looks at the elements of a tensor, row-major, and throws where they are not allowed. They may be read until it returns,
 * and not later: a program has other numbers in their place then.
 */
export type Check = (elements: TypedArray) => void;

/** x, once its elements have been looked at. Derivatives pass without a look: what is asked of x is not asked of its tangent. */
export const guardedIdentity: Differentiable<{ readonly check: Check }> = {
  name: "guarded",
  // No view: those are asked for their strides without numbers, and this looks at them.
  lowering: () => ({ family: "regroup" }),
  describe: ([x]) => ({ shape: x!.shape, dtype: x!.dtype }),
  evaluate([x], { check }) {
    check(x!.data);
    return x!;
  },
  guard: { operand: 0, look: (numbers, { check }) => check(numbers.data) },
  pullback: (_step, dy) => [dy],
  pushforward: (_step, [tangent]) => tangent ?? null,
};

/**
 * x itself, whose elements `check` is shown: at once, or, in a compiled function, in every call before anything changes.
 * What it throws leaves the call. For operations that are defined on some numbers only; give one function, not a new one for each call.
 */
export function guarded(x: Tensor, check: Check): Tensor {
  checkTensor("guarded", x);
  checkFunction("guarded", check, "(elements) => { if (elements.includes(NaN)) throw … }");
  return x.apply(guardedIdentity, [x], { check });
}
