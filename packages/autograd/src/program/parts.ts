// What a program is made of.

import type { Description } from "../array/description.ts";
import type { NDArray } from "../array/ndarray.ts";
import type { Form } from "../array/tree.ts";
import type { Cell } from "../tape/cell.ts";
import type { Primitive } from "../tape/value.ts";

/** One operation: a primitive on earlier values. */
export interface ProgramStep {
  /** The operation. */
  readonly primitive: Primitive;
  /** What it is applied to. */
  readonly inputs: readonly ProgramValue[];
  /** The operation's own settings, such as axes; their type is the primitive's. */
  readonly attributes: unknown;
  /** What it gives. */
  readonly outputs: readonly ProgramValue[];
}

/** Where a value comes from. */
export type Origin =
  /** The tensor at a place among the arguments. */
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
  /** Its index in the order in which values are made. */
  readonly id: number;
  /** Where it comes from: a step, an argument, a variable or a constant. */
  readonly origin: Origin;
}

/** What a program leaves behind in a variable: another value, another gradient (null: none), or neither. */
export interface VariableOutcome {
  /** The variable. */
  readonly variable: Cell;
  /** The value that it holds afterwards, where that is another. */
  readonly value: ProgramValue | undefined;
  /** The gradient that it holds afterwards, where that is another; null: none. */
  readonly grad: ProgramValue | null | undefined;
  /** Whether the function looked for a gradient and found none: it does something else where there is one. */
  readonly missesGrad?: boolean;
}

/** What a program is made of. */
export interface ProgramParts {
  /** Every value, operands before what is made of them. */
  readonly values: readonly ProgramValue[];
  /** The tensors among the arguments, in their order. */
  readonly inputs: readonly ProgramValue[];
  /** The tensors of the result, in their order. */
  readonly outputs: readonly ProgramValue[];
  /** What is left behind in variables. */
  readonly outcomes: readonly VariableOutcome[];
  /** The tree in which the inputs sit. */
  readonly inputForm: Form;
  /** The tree in which the outputs sit. */
  readonly outputForm: Form;
}

/** A program as data: what steps may hold. Program adds what people do with one. */
export class ProgramBody implements ProgramParts {
  /** Every value, operands before what is made of them. */
  readonly values: readonly ProgramValue[];
  /** The tensors among the arguments, in their order. */
  readonly inputs: readonly ProgramValue[];
  /** The tensors of the result, in their order. */
  readonly outputs: readonly ProgramValue[];
  /** What is left behind in variables. */
  readonly outcomes: readonly VariableOutcome[];
  /** The tree in which the inputs sit. */
  readonly inputForm: Form;
  /** The tree in which the outputs sit. */
  readonly outputForm: Form;
  /** The operations, in order. */
  readonly steps: readonly ProgramStep[];

  constructor({ values, inputs, outputs, outcomes, inputForm, outputForm }: ProgramParts) {
    this.values = values;
    this.inputs = inputs;
    this.outputs = outputs;
    this.outcomes = outcomes;
    this.inputForm = inputForm;
    this.outputForm = outputForm;
    this.steps = stepsOf(values);
  }
}

/** The values that some are made from, themselves among them; not by way of steps that are left out. */
export function ancestorsOf(
  results: readonly ProgramValue[],
  leavesOut: (step: ProgramStep) => boolean = () => false,
): Set<ProgramValue> {
  const found = new Set<ProgramValue>();
  const pending = [...results];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (found.has(value)) continue;
    found.add(value);
    if (value.origin.kind === "step" && !leavesOut(value.origin.step))
      pending.push(...value.origin.step.inputs);
  }
  return found;
}

/** The steps of values, in order. */
export const stepsOf = (values: readonly ProgramValue[]): readonly ProgramStep[] => [
  ...new Set(values.flatMap(({ origin }) => (origin.kind === "step" ? [origin.step] : []))),
];

/** The variables that are read, or changed, each once. */
export function cellsOf({ values, outcomes }: ProgramParts): readonly Cell[] {
  const read = values.flatMap(({ origin }) => ("variable" in origin ? [origin.variable] : []));
  return [...new Set([...read, ...outcomes.map(({ variable }) => variable)])];
}

/** The programs that a step holds. */
export const programsIn = ({ attributes }: Pick<ProgramStep, "attributes">): readonly ProgramBody[] =>
  Object.values(attributes ?? {}).filter((each) => each instanceof ProgramBody);
