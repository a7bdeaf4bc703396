// Numbers that an operation must look at before it goes on, eagerly and in programs.

import type { TypedArray } from "../array/dtype.ts";
import type { Differentiable } from "./families.ts";

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
