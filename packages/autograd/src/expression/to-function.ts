// Expressions as JavaScript. Where code may be made at run time the result is a compiled function; where
// it may not (a page's content security policy), an interpreter gives the same numbers.
//
// An atom's value is that of float64 numbers. For elements of another type, every atom's result is an element of that type,
// as it is where lanes compute it: rounded to float32, or modulo 2³². So an expression has one meaning for each type.

import { add, div, mul, sub } from "./atoms/arithmetic.ts";
import type { Atom } from "./atoms/atom.ts";
import { identifierOf } from "./atoms/identity.ts";
import { type Expression, inOrder } from "./expression.ts";

export type NumberFunction = (...operands: number[]) => number;

// The arithmetic operators as JavaScript writes them; other atoms become a call of their `value`.
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
  /** One JavaScript expression for each root. */
  readonly results: readonly string[];
  /** Names used in the statements → the functions they stand for. */
  readonly functions: ReadonlyMap<string, NumberFunction>;
}

/** The type of the numbers in an expression. Its truth values are 1 and 0 in every type. */
export type NumberType = "float32" | "float64" | "int32";

/**
 * Code for several roots on elements of a type, each shared part computed once. `inputs[i]` is the JavaScript that reads
 * input i.
 */
export function generate(
  roots: readonly Expression[],
  inputs: readonly string[],
  type: NumberType = "float64",
): Code {
  const names = new Map<Expression, string>();
  const functions = new Map<string, NumberFunction>();
  const lines: string[] = [];
  for (const node of inOrder(roots)) {
    if (node.isConstant) names.set(node, constantCode(elementOf(node.constant, type)));
    else if (node.atom === null) names.set(node, inputs[node.input]!);
    else {
      const name = `t${lines.length}`;
      lines.push(
        `const ${name} = ${call(
          node.atom,
          node.operands.map((o) => names.get(o)!),
          type,
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

/** A number as an element of a type. */
function elementOf(value: number, type: NumberType): number {
  if (type === "float64") return value;
  return type === "float32" ? Math.fround(value) : value | 0;
}

/** An atom on elements of a type. Its result may still have to be rounded to the type. */
function valueOn(atom: Atom, type: NumberType): NumberFunction {
  return (type === "int32" && atom.whole !== undefined ? atom.whole.value : atom.value) as NumberFunction;
}

function call(
  atom: Atom,
  operands: readonly string[],
  type: NumberType,
  functions: Map<string, NumberFunction>,
): string {
  const value = valueOn(atom, type);
  const operator = value === atom.value ? operators.get(atom) : undefined;
  const name = identifierOf(atom);
  if (operator === undefined) functions.set(name, value);
  const result =
    operator === undefined ? `${name}(${operands.join(", ")})` : `${operands[0]} ${operator} ${operands[1]}`;
  if (type === "float64" || atom.result === "bool") return result;
  if (type === "int32") return `(${result}) | 0`;
  functions.set("fround", Math.fround);
  return `fround(${result})`;
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

/**
 * The same function, on elements of a type, without making code: the nodes one by one. The result of an atom, unless it is a
 * truth value, and a constant that float32 does not hold may be exchanged for another number before it is used.
 */
export function interpreter(
  root: Expression,
  type: NumberType = "float64",
  exchange: (value: number) => number = (value) => value,
): NumberFunction {
  const order = inOrder(root);
  const place = new Map(order.map((node, i) => [node, i]));
  const operands = order.map((node) => node.operands.map((operand) => place.get(operand)!));
  const atoms = order.map(({ atom }) => (atom === null ? null : valueOn(atom, type)));
  // What stands for float32 rounds constants that float32 does not hold.
  const held = (constant: number) => (Math.fround(constant) === constant ? constant : exchange(constant));
  const values = order.map(({ isConstant, constant }) => elementOf(isConstant ? held(constant) : NaN, type));
  return (...inputs) => {
    for (let i = 0; i < order.length; i++) {
      const { atom, input } = order[i]!;
      if (atom === null) {
        if (input >= 0) values[i] = inputs[input]!;
        continue;
      }
      const value = atoms[i]!(...operands[i]!.map((place) => values[place]!));
      values[i] = atom.result === "bool" ? value : elementOf(exchange(value), type);
    }
    return values[order.length - 1]!;
  };
}
