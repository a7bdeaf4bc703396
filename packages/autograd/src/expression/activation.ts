// activation(): a researcher's function of one element, stated once, usable wherever elements are.

import { type Carrying, withDetails } from "./calling.ts";
import { differentiate } from "./differentiate.ts";
import { type ElementwiseFunction, kinkConditions, statedFunction } from "./elementwise-function.ts";
import { type Expression, inOrder, kindOf, substitute } from "./expression.ts";
import { text } from "./text.ts";
import { toFunction } from "./to-function.ts";

/** The options of `activation`. */
export interface ActivationOptions {
  /** The lecture's ψ: the derivative in terms of the output y, where the derivation below does not find it. */
  readonly psi?: (y: Expression) => Expression | number;
  /** The numbers at which it is not smooth, if they can't be found from the expression. */
  readonly kinks?: readonly number[];
  /** The least and the greatest value it approaches; a neuron near them is saturated. */
  readonly range?: readonly [number, number];
}

/** A function of one element, on a number, a tensor, a scalar or an expression. */
export interface ElementFunction {
  (x: number): number;
  <T extends Carrying>(x: T): ElementsOf<T>;
}

/** The type of the result: that of the argument, with its literal shape; for a variable, a tensor. */
export type ElementsOf<T> = T extends { readonly value: infer Value extends Carrying } ? Value : T;

/** An activation φ: call it on a tensor, a scalar, an expression or a number. */
export interface Activation extends ElementFunction {
  /** Its name, for printing. */
  readonly name: string;
  /** φ, simplified, with its element as input 0. */
  readonly expression: Expression;
  /** φ as `x.elementwise` takes it. */
  readonly function: ElementwiseFunction;
  /** ψ with ψ(φ(x)) = φ′(x), where the derivative is a function of the output alone. */
  readonly psi: (ElementFunction & { toString(): string }) | undefined;
  /** Where it is not smooth. The derivative there is the convention of the atoms it is made of. */
  readonly kinks: readonly number[];
  /** The least and the greatest value that it approaches, where they were stated. */
  readonly range: readonly [number, number];
  /** The derivative as text. */
  readonly derivative: string;
  /** The name and the expression, as text. */
  toString(): string;
}

/**
 * A custom activation, stated once as an expression of its element:
 * `activation("swish", (x) => x.mul(x.logistic()))`. Derivatives of every order, kernels and text follow from it.
 * Throws TypeError if the statement does not return an expression.
 */
export function activation(
  name: string,
  statement: (x: Expression) => Expression | number,
  options: ActivationOptions = {},
): Activation {
  if (typeof name !== "string")
    throw new TypeError(
      `activation: got ${kindOf(name)} where the name belongs; write activation("swish", (x) => x.mul(x.logistic()))`,
    );
  const fn = statedFunction(name, 1, statement as (...operands: Expression[]) => Expression | number);
  const derivative = differentiate(fn.expression);
  return withDetails(callable(fn), {
    name,
    expression: fn.expression,
    function: fn,
    psi: psiOf(fn, options.psi),
    kinks: options.kinks ?? solvedKinks(fn.expression),
    range: options.range ?? [-Infinity, Infinity],
    derivative: text(derivative),
    toString: () => `${name}(x) = ${text(fn.expression)}`,
    // Otherwise Node's console would print only that it is a function.
    [Symbol.for("nodejs.util.inspect.custom")]: () =>
      `${name}(x) = ${text(fn.expression)}, ′ = ${text(derivative)}`,
  }) as unknown as Activation;
}

function callable(fn: ElementwiseFunction): ElementFunction {
  return ((x: unknown) => {
    if (typeof x === "number") return fn.value(x);
    if (typeof (x as Partial<Carrying> | null)?.elementwise === "function") {
      return (x as Carrying).elementwise(fn);
    }
    throw new TypeError(
      `${fn.name}: can't be applied to ${kindOf(x)}; give a number, a tensor, a scalar or an expression, e.g. ${fn.name}(tensor([1, 2]))`,
    );
  }) as ElementFunction;
}

function psiOf(fn: ElementwiseFunction, stated: ActivationOptions["psi"]): Activation["psi"] {
  const psi =
    stated === undefined
      ? derivedPsi(fn)
      : statedFunction(`${fn.name}'s ψ`, 1, stated as (y: Expression) => Expression);
  if (psi === null) return undefined;
  return Object.defineProperty(callable(psi), "toString", { value: () => psi.toString(["y"]) });
}

/** ψ, where the derived expression of the derivative contains the output and not the input. */
function derivedPsi(fn: ElementwiseFunction): ElementwiseFunction | null {
  const partial = fn.partial(0);
  if (inOrder(partial).some((node) => node.input === 0)) return null;
  // The partial's input 1 is the output.
  return statedFunction(`${fn.name}'s ψ`, 1, (y) => substitute(partial, [y!, y!]));
}

/** The kinks that can be found: those whose condition is a linear function of x. */
function solvedKinks(expression: Expression): number[] {
  const kinks = new Set<number>();
  for (const condition of kinkConditions(expression)) {
    const slope = differentiate(condition);
    // Step functions have a constant slope too, zero, and are not linear: x − floor(x).
    if (!slope.isConstant || slope.constant === 0 || kinkConditions(condition).length > 0) continue;
    const atZero = toFunction(condition, 1)(0);
    kinks.add(-atZero / slope.constant + 0);
  }
  return [...kinks].sort((a, b) => a - b);
}
