// Targets: formats outside the engine, such as another language or a file format, into which programs are translated.
// A target states what each primitive and each atom becomes, in tables by name, and a table that lacks a name does not
// compile. Inside the engine nothing names an operation; see ARCHITECTURE.md.

import type { Atom, Repeat } from "../expression/atoms/atom.ts";
import { type Expression, inOrder } from "../expression/expression.ts";
import type { Primitive } from "../tape/value.ts";
import {
  type AtomName,
  type Atoms,
  atoms,
  type PrimitiveName,
  type Primitives,
  primitives,
} from "./names.ts";
import type { ProgramStep } from "./parts.ts";

/** A step of one of the engine's primitives, with the attributes that this primitive takes. */
export interface StepOf<Name extends PrimitiveName> extends ProgramStep {
  /** The settings that this primitive takes. */
  readonly attributes: Primitives[Name] extends Primitive<infer Attributes> ? Attributes : never;
}

/**
 * What a target makes of a step, for each primitive of the engine. `default` is for all other primitives: those of
 * `definePrimitive`.
 */
export type StepTable<Result> = {
  readonly [Name in PrimitiveName]: (step: StepOf<Name>) => Result;
} & { readonly default: (step: ProgramStep) => Result };

/**
 * What a target makes of an atom applied to operands, for each atom of the engine. `constant` is for numbers, and
 * `default` for all other atoms: those of `atom`.
 */
export type AtomTable<Result> = {
  readonly [Name in AtomName]: Atoms[Name] extends { readonly arity: infer N extends 1 | 2 | 3 }
    ? (...operands: Repeat<Result, N>) => Result
    : never;
} & {
  readonly constant: (value: number) => Result;
  readonly default: (atom: Atom, operands: readonly Result[]) => Result;
};

/**
 * What the table makes of the step. A primitive is looked up by what it is, not by what it is called: a user's primitive
 * that is called "matmul" goes to `default`. Throws TypeError where the table has no entry.
 */
export function emitStep<Result>(table: StepTable<Result>, step: ProgramStep): Result {
  const { primitive } = step;
  const name = primitives.get(primitive.name) === primitive ? (primitive.name as PrimitiveName) : "default";
  return entryOf<(step: ProgramStep) => Result>(table, name, "emitStep", "primitive")(step);
}

/**
 * What the table makes of an expression, given what its inputs have become. Each entry is asked once for every node,
 * operands first, so a node that occurs several times is made once. Throws TypeError where the table has no entry.
 */
export function emitExpression<Result>(
  table: AtomTable<Result>,
  expression: Expression,
  inputs: readonly Result[],
): Result {
  const made = new Map<Expression, Result>();
  for (const node of inOrder(expression)) {
    const { atom, input, constant } = node;
    const operands = node.operands.map((operand) => made.get(operand)!);
    if (atom === null) made.set(node, input >= 0 ? inputs[input]! : table.constant(constant));
    else if (atoms.get(atom.name) !== atom) made.set(node, table.default(atom, operands));
    else {
      const emit = entryOf<(...operands: Result[]) => Result>(table, atom.name, "emitExpression", "atom");
      made.set(node, emit(...operands));
    }
  }
  return made.get(expression)!;
}

// The types demand every entry; a caller without types, or one compiled for an older engine, gets an error with the name.
function entryOf<Entry>(table: object, name: string, operation: string, kind: string): Entry {
  const entry = (table as Readonly<Record<string, unknown>>)[name];
  if (typeof entry !== "function")
    throw new TypeError(
      `${operation}: the table has no entry "${name}"; it needs a function for every ${kind} of the engine, and one named default`,
    );
  return entry as Entry;
}
