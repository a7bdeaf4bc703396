// What a program is made of.

import type { Description } from "../array/description.ts";
import type { NDArray } from "../array/ndarray.ts";
import type { Form } from "../array/tree.ts";
import type { Cell } from "../tape/cell.ts";
import type { Primitive } from "../tape/value.ts";

/** One operation: a primitive on earlier values. */
export interface ProgramStep {
  readonly primitive: Primitive;
  readonly inputs: readonly ProgramValue[];
  readonly attributes: unknown;
  readonly outputs: readonly ProgramValue[];
}

/** Where a value comes from. */
export type Origin =
  /** The tensor at a place of the arguments. */
  | { readonly kind: "argument"; readonly place: number }
  /** What a variable holds when the program begins, and its gradient. */
  | { readonly kind: "variable"; readonly variable: Cell }
  | { readonly kind: "gradient"; readonly variable: Cell }
  /** Numbers that are the same in every run; on a tape also those of a variable before its last assignment. */
  | { readonly kind: "constant"; readonly array: NDArray; readonly was?: Cell }
  /** An output of a step. */
  | { readonly kind: "step"; readonly step: ProgramStep; readonly output: number };

/** A tensor that a program has or makes. */
export interface ProgramValue extends Description {
  /** Its place in the order in which values come to be. */
  readonly id: number;
  readonly origin: Origin;
}

/** What a program leaves behind in a variable: another value, another gradient (null: none), or neither. */
export interface VariableOutcome {
  readonly variable: Cell;
  readonly value: ProgramValue | undefined;
  readonly grad: ProgramValue | null | undefined;
}

/** Numbers that must be looked at before anything changes. */
export interface GuardedValue {
  readonly numbers: ProgramValue;
  look(numbers: NDArray): void;
}

/** What a program is made of. */
export interface ProgramParts {
  readonly values: readonly ProgramValue[];
  readonly inputs: readonly ProgramValue[];
  readonly outputs: readonly ProgramValue[];
  readonly outcomes: readonly VariableOutcome[];
  readonly inputForm: Form;
  readonly outputForm: Form;
}

/** The steps of values, in order. */
export const stepsOf = (values: readonly ProgramValue[]): readonly ProgramStep[] => [
  ...new Set(values.flatMap(({ origin }) => (origin.kind === "step" ? [origin.step] : []))),
];

/** The variables that are read or left with something else, each once. */
export function cellsOf({ values, outcomes }: ProgramParts): readonly Cell[] {
  const read = values.flatMap(({ origin }) => ("variable" in origin ? [origin.variable] : []));
  return [...new Set([...read, ...outcomes.map(({ variable }) => variable)])];
}
