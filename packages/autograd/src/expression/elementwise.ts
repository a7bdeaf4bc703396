// elementwise(): a researcher's function of several elements, stated once, as an activation is of one.

import { type Carrying, calling, namesOf, withDetails } from "./calling.ts";
import { type ElementwiseFunction, statedFunction } from "./elementwise-function.ts";
import { type Expression, kindOf } from "./expression.ts";
import { text } from "./text.ts";

/** A function of several elements, one of each operand. The operands' shapes broadcast. */
export interface FunctionOfElements<Operands extends readonly unknown[] = readonly unknown[]> {
  (...operands: { readonly [I in keyof Operands]: number }): number;
  <Given extends { readonly [I in keyof Operands]: Carrying | number }>(
    ...operands: Given
  ): ReturnType<Extract<Given[number], Carrying>["elementwise"]>;
  /** Its name, for printing. */
  readonly name: string;
  /** The expression, simplified, with its operands as inputs 0, 1, …. */
  readonly expression: Expression;
  /** The function as `x.elementwise` takes it. */
  readonly function: ElementwiseFunction;
  /** The name and the expression, as text. */
  toString(): string;
}

/** What a function of elements is called with, and how many operands it has where that is known. */
type Statement<Operands extends readonly Expression[]> = (...operands: Operands) => Expression | number;

/**
 * A function of several elements, stated once as an expression of them:
 * `elementwise("squaredError", (p, t) => p.sub(t).square())`. Call it on tensors, whose shapes broadcast, on scalars,
 * expressions or numbers; numbers may stand beside tensors and scalars, but not first. However long the expression, it
 * is one step, computed in one pass over its operands, and so is each derivative. Derivatives of every order, kernels
 * and text follow from it. Throws TypeError if the statement does not return an expression, RangeError if it has no
 * operands; its calls throw TypeError for another number of operands, ShapeError where shapes don't broadcast, and
 * DTypeError where types differ.
 */
export function elementwise<Operands extends readonly Expression[]>(
  name: string,
  statement: Statement<Operands>,
): FunctionOfElements<Operands> {
  if (typeof name !== "string")
    throw new TypeError(
      `elementwise: got ${kindOf(name)} where the name belongs; write elementwise("squaredError", (p, t) => p.sub(t).square())`,
    );
  // Refused below where it is no function.
  const arity = typeof statement === "function" ? statement.length : 1;
  if (arity === 0)
    throw new RangeError(
      `${name}: its statement declares no operands; write each of them, without defaults and dots, e.g. (p, t) => p.sub(t).square()`,
    );
  const fn = statedFunction(name, arity, statement as unknown as Statement<Expression[]>);
  const asText = () => `${name}(${namesOf(arity)}) = ${text(fn.expression)}`;
  return withDetails(calling(fn), {
    name,
    expression: fn.expression,
    function: fn,
    toString: asText,
    // Otherwise Node's console would print only that it is a function.
    [Symbol.for("nodejs.util.inspect.custom")]: asText,
  }) as unknown as FunctionOfElements<Operands>;
}
