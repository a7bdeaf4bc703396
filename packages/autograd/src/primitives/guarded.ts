// Numbers that an operation must check before it goes on, eagerly and in programs.

import { checkOptions, kindOf } from "../array/arguments.ts";
import type { TypedArray } from "../array/dtype.ts";
import { apply } from "../tape/apply.ts";
import type { Value } from "../tape/value.ts";
import type { Differentiable } from "./families.ts";

/**
 * What the elements of a tensor must be: a range, ends included, in which each must lie (NaN lies in none), or a
 * function that looks at all of them, row-major, and throws where they are not allowed. It may read them until it
 * returns, and not later: a program has written other numbers there then.
 */
export type Check = RangeCheck | ((elements: TypedArray) => void);

/** A range in which every element must lie, ends included. */
export interface RangeCheck {
  /** The least element that is allowed. */
  readonly from: number;
  /** The greatest element that is allowed. */
  readonly to: number;
  /** What the RangeError says; "{}" stands for the first element that is outside. */
  readonly message: string;
}

/** Throws TypeError unless a value is a check. */
export function checkCheck(operation: string, check: unknown): void {
  if (typeof check === "function") return;
  checkOptions(operation, check, ["from", "to", "message"]);
  const { from, to, message } = check as RangeCheck;
  if (typeof from !== "number" || typeof to !== "number" || typeof message !== "string")
    throw new TypeError(
      `${operation}: the check has from ${kindOf(from)}, to ${kindOf(to)} and message ${kindOf(message)}; give two numbers and a text, or a function that throws`,
    );
}

function look(elements: TypedArray, check: Check): void {
  if (typeof check === "function") {
    check(elements);
    return;
  }
  const { from, to, message } = check;
  for (let i = 0; i < elements.length; i++) {
    const element = elements[i]!;
    if (element >= from && element <= to) continue;
    throw new RangeError(message.replace("{}", () => `${element}`));
  }
}

/** x, once its elements have been looked at. Derivatives pass without a check: the condition is one on x, not on its tangent. */
export const guardedIdentity: Differentiable<{ readonly check: Check }> = {
  name: "guarded",
  // Not a view: views are evaluated without numbers, for their strides, and this looks at the numbers.
  lowering: () => ({ family: "regroup" }),
  describe: ([x]) => ({ shape: x!.shape, dtype: x!.dtype }),
  evaluate([x], { check }) {
    look(x!.ownData, check);
    return x!;
  },
  guard: {
    operand: 0,
    look: (numbers, { check }) => look(numbers.ownData, check),
    allowsBelow: ({ check }) =>
      typeof check === "function" || check.from > 0 ? 0 : Math.floor(check.to) + 1,
    mayDiffer: ({ check }) => typeof check === "function",
  },
  // A function may count on the shape that it looks at.
  batched: ([x], { check }) => (typeof check === "function" ? null : guard(x!, check)),
  pullback: (_step, dy) => [dy],
  pushforward: (_step, [tangent]) => tangent ?? null,
};

/** x itself, once its elements have been looked at. */
export const guard = (x: Value, check: Check): Value => apply(guardedIdentity, [x], { check });
