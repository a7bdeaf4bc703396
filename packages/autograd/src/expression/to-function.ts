// Expressions as JavaScript. Where code may be made at run time the result is a compiled function; where
// it may not (a page's content security policy), an interpreter gives the same numbers.

import { add, div, mul, sub } from "./atoms/arithmetic.ts";
import type { Atom } from "./atoms/atom.ts";
import { identifierOf } from "./atoms/identity.ts";
import { type Expression, inOrder } from "./expression.ts";

export type NumberFunction = (...operands: number[]) => number;

// The arithmetic operators as JavaScript writes them; a call to the atom's own `value` serves for the rest.
const operators: ReadonlyMap<Atom, string> = new Map<Atom, string>([
  [add as Atom, "+"],
  [sub as Atom, "-"],
  [mul as Atom, "*"],
  [div as Atom, "/"],
]);

let allowed: boolean | undefined;

/** Whether code may be made at run time here. */
export function canGenerateCode(): boolean {
  if (allowed === undefined) {
    try {
      allowed = new Function("return true")() === true;
    } catch {
      allowed = false;
    }
  }
  return allowed;
}

/** JavaScript statements that compute expressions, and the values that the statements need by name. */
export interface Code {
  readonly statements: string;
  /** One JavaScript expression a root. */
  readonly results: readonly string[];
  /** Names used in the statements → the functions they stand for. */
  readonly functions: ReadonlyMap<string, NumberFunction>;
}

/** Code for several roots, each shared part computed once. `inputs[i]` is the JavaScript that reads input i. */
export function generate(roots: readonly Expression[], inputs: readonly string[]): Code {
  const names = new Map<Expression, string>();
  const functions = new Map<string, NumberFunction>();
  const lines: string[] = [];
  for (const node of inOrder(roots)) {
    if (node.isConstant) names.set(node, constantCode(node.constant));
    else if (node.atom === null) names.set(node, inputs[node.input]!);
    else {
      const name = `t${lines.length}`;
      lines.push(
        `const ${name} = ${call(
          node.atom,
          node.operands.map((o) => names.get(o)!),
          functions,
        )};`,
      );
      names.set(node, name);
    }
  }
  return { statements: lines.join("\n"), results: roots.map((root) => names.get(root)!), functions };
}

function constantCode(value: number): string {
  if (Object.is(value, -0)) return "(-0)";
  return value < 0 ? `(${value})` : `${value}`;
}

function call(atom: Atom, operands: readonly string[], functions: Map<string, NumberFunction>): string {
  const operator = operators.get(atom);
  if (operator !== undefined) return `${operands[0]} ${operator} ${operands[1]}`;
  const name = identifierOf(atom);
  functions.set(name, atom.value as NumberFunction);
  return `${name}(${operands.join(", ")})`;
}

/** Makes a function from parameters, a body, and what the body refers to by name. */
export function makeFunction<F>(
  parameters: readonly string[],
  body: string,
  scope: ReadonlyMap<string, unknown>,
): F {
  const outer = new Function(
    ...scope.keys(),
    `"use strict"; return function (${parameters.join(", ")}) {\n${body}\n}`,
  );
  return outer(...scope.values()) as F;
}

/** The expression as a function of its inputs, on float64 numbers. */
export function toFunction(root: Expression, arity: number): NumberFunction {
  if (!canGenerateCode()) return interpreter(root);
  const parameters = Array.from({ length: arity }, (_, i) => `x${i}`);
  const { statements, results, functions } = generate([root], parameters);
  return makeFunction(parameters, `${statements}\nreturn ${results[0]};`, functions);
}

/** The same function without making code: the nodes one by one. */
export function interpreter(root: Expression): NumberFunction {
  const order = inOrder(root);
  const place = new Map(order.map((node, i) => [node, i]));
  const operands = order.map((node) => node.operands.map((operand) => place.get(operand)!));
  const values = new Array<number>(order.length);
  return (...inputs) => {
    for (let i = 0; i < order.length; i++) {
      const { atom, input, constant } = order[i]!;
      if (atom === null) values[i] = input >= 0 ? inputs[input]! : constant;
      else values[i] = (atom.value as NumberFunction)(...operands[i]!.map((place) => values[place]!));
    }
    return values[order.length - 1]!;
  };
}
