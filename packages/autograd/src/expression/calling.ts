// How a function of elements is called: on numbers, expressions, tensors and scalars.

import type { ElementwiseFunction } from "./elementwise-function.ts";
import { Expression, kindOf, substitute } from "./expression.ts";
import { inputName } from "./text.ts";

/** Anything that a function of elements can be applied to. */
export interface Carrying {
  elementwise(fn: ElementwiseFunction, ...others: never[]): unknown;
}

export const counted = (n: number, noun: string) => `${n} ${noun}${n === 1 ? "" : "s"}`;

/** The names of so many operands, as messages write them: "x, y". */
export const namesOf = (arity: number): string =>
  Array.from({ length: arity }, (_, i) => inputName(i)).join(", ");

/** A function of elements as one calls it. Throws TypeError for another number of operands, and for what has no elements. */
export function calling(fn: ElementwiseFunction): (...operands: unknown[]) => unknown {
  return (...operands) => {
    if (operands.length !== fn.arity)
      throw new TypeError(
        `${fn.name}: takes ${counted(fn.arity, "operand")}, got ${operands.length}; write ${fn.name}(${namesOf(fn.arity)})`,
      );
    if (operands.every((operand) => typeof operand === "number")) return fn.value(...operands);
    // A number may come first beside expressions, which take it as a constant.
    if (operands.some((operand) => operand instanceof Expression))
      return substitute(
        fn.expression,
        operands.map((operand) => Expression.from(operand as Expression | number, fn.name)),
      );
    const [first, ...others] = operands as [Partial<Carrying> | null, ...never[]];
    if (typeof first?.elementwise === "function") return (first as Carrying).elementwise(fn, ...others);
    const example = ["tensor([1, 2])", ...range(2, fn.arity)].join(", ");
    throw new TypeError(
      `${fn.name}: can't be applied to ${kindOf(first)} first; give numbers, expressions, tensors or scalars, and a tensor or a scalar first, e.g. ${fn.name}(${example})`,
    );
  };
}

const range = (from: number, to: number) => Array.from({ length: to + 1 - from }, (_, i) => from + i);

/** A callable with these properties, which are not listed: whoever looks for what a layer holds goes through what is. */
export function withDetails<Call extends object, Details extends object>(
  call: Call,
  details: Details,
): Call & Details {
  const descriptors = Object.getOwnPropertyDescriptors(details);
  for (const each of Object.values<PropertyDescriptor>(descriptors)) each.enumerable = false;
  return Object.defineProperties(call, descriptors) as Call & Details;
}
