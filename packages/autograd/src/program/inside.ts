// Programs inside steps, for the rules of steps that hold them: how such a program is recorded from a rule, run on values,
// and differentiated from values that it has computed before.

import type { Description } from "../array/description.ts";
import { isFloat } from "../array/dtype.ts";
import { ShapeError } from "../array/errors.ts";
import type { NDArray } from "../array/ndarray.ts";
import { sameShape, shapeText } from "../array/shape.ts";
import type { Form } from "../array/tree.ts";
import { remember } from "../tape/evaluate.ts";
import { onStack } from "../tape/interpreter.ts";
import { watchedLeaf } from "../tape/leaf.ts";
import { Trace } from "../tape/trace.ts";
import { algebraOf, type Outputs, type Value } from "../tape/value.ts";
import { partsOf } from "./build.ts";
import { ProgramBody, type ProgramValue } from "./parts.ts";
import { Recording, unknownArray } from "./recording.ts";
import { replay } from "./replay.ts";
import { runSteps } from "./run-steps.ts";

/** The outputs as a primitive answers them. */
export const answered = <T>(outputs: readonly T[]): Outputs<T> =>
  outputs.length === 1 ? outputs[0]! : outputs;

/** So many tensors side by side. */
export const listForm = (count: number): Form => ({
  kind: "array",
  items: Array.from({ length: count }, (_, place) => ({ kind: "leaf", place })),
});

/** Where the values of a program inside a step come from: its operands, and constants. */
function outside<T>(program: ProgramBody, operands: readonly T[], constant: (array: NDArray) => T) {
  return ({ origin }: ProgramValue): T => {
    if (origin.kind === "argument") return operands[origin.place]!;
    if (origin.kind === "constant") return constant(origin.array);
    throw new Error(`a program of ${program.values.length} values inside a step has a ${origin.kind}`);
  };
}

/** A program's values for these operands, by its steps. Constants are of the kind of `like`. */
export function valuesOn(
  program: ProgramBody,
  operands: readonly Value[],
  like: Value = operands[0]!,
): (value: ProgramValue) => Value {
  const { make } = algebraOf(like);
  return runSteps(program, outside(program, operands, make));
}

/** A program's outputs for these operands. */
export const outputsOn = (program: ProgramBody, operands: readonly Value[], like?: Value): readonly Value[] =>
  program.outputs.map(valuesOn(program, operands, like));

/** The numbers of a program's outputs for these operands. */
export const numbersOn = (program: ProgramBody, operands: readonly NDArray[]): readonly NDArray[] =>
  program.outputs.map(
    replay(
      program,
      outside(program, operands, (array) => array),
    ),
  );

const listed = (values: readonly Description[]) =>
  values.map(({ dtype, shape }) => `${dtype} ${shapeText(shape)}`).join(", ");

/** Throws ShapeError where operands are not those that a program takes. */
export function checkOperands(
  operation: string,
  given: readonly Description[],
  taken: readonly Description[],
): void {
  const fits = ({ dtype, shape }: Description, i: number) =>
    given[i] !== undefined && dtype === given[i].dtype && sameShape(shape, given[i].shape);
  if (given.length !== taken.length || !taken.every(fits))
    throw new ShapeError(
      `${operation}: operands ${listed(given)} of a program that takes ${listed(taken)}; they must be the same`,
    );
}

/** What a rule does, as a program. */
export interface Noted {
  readonly program: ProgramBody;
  /** The operands that it reads, by their places. */
  readonly reads: readonly number[];
}

/**
 * Records what f does with values of these descriptions, of the kind of `like`. The program's inputs are those operands
 * that it reads, and the first `least`.
 */
export function noted(
  operands: readonly Description[],
  like: Value,
  f: (values: readonly Value[]) => readonly Value[],
  least = 0,
): Noted {
  const { make } = algebraOf(like);
  const arrays = operands.map(unknownArray);
  const recording = new Recording(false);
  const outputs = recording.record(() => f(arrays.map((array) => make(array)))).map(({ array }) => array);
  const read = new Set([...outputs, ...recording.steps.flatMap(({ inputs }) => inputs)]);
  const reads = arrays.flatMap((array, i) => (i < least || read.has(array) ? [i] : []));
  const inputs = reads.map((i) => arrays[i]!);
  const program = new ProgramBody({
    ...partsOf(recording, inputs, outputs, false),
    inputForm: listForm(inputs.length),
    outputForm: listForm(outputs.length),
  });
  return { program, reads };
}

/** The tape of a program's steps: its leaves, by place, and its outputs. */
export interface InnerTape {
  readonly trace: Trace;
  readonly leaves: readonly Value[];
  readonly outputs: readonly Value[];
}

/** The program run again on leaves of a trace of its own: what a rule sweeps. */
export function runAgain(program: ProgramBody, operands: readonly Value[]): InnerTape {
  const trace = new Trace();
  const leaves = leavesOf(operands, trace);
  return { trace, leaves, outputs: trace.during(() => outputsOn(program, leaves)) };
}

/** The same of values that were computed before: nothing is computed again. */
export function remembered(
  program: ProgramBody,
  operands: readonly Value[],
  known: (value: ProgramValue) => Value,
): InnerTape {
  const trace = new Trace();
  const leaves = leavesOf(operands, trace);
  const { make } = algebraOf(operands[0]!);
  const from = outside(program, leaves, make);
  const values = new Map<ProgramValue, Value>();
  const valueAt = (value: ProgramValue) => values.get(value) ?? from(value);
  trace.during(() => {
    for (const { primitive, inputs, attributes, outputs } of program.steps) {
      const arrays = answered(outputs.map((output) => known(output).array));
      const made = remember(primitive, inputs.map(valueAt), attributes, arrays);
      outputs.forEach((output, i) => {
        values.set(output, Array.isArray(made) ? (made as readonly Value[])[i]! : (made as Value));
      });
    }
  });
  return { trace, leaves, outputs: program.outputs.map(valueAt) };
}

const leavesOf = (operands: readonly Value[], trace: Trace) =>
  operands.map((operand) => (isFloat(operand.dtype) ? watchedLeaf(operand, trace) : operand));

/**
 * The program, with steps that are made of others as those, equal values once, and without what the wanted outputs (by
 * place) don't need.
 */
export function lean(
  program: ProgramBody,
  wanted: readonly number[],
  make: (array: NDArray) => Value,
): ProgramBody {
  const inputs = program.inputs.map(unknownArray);
  const recording = new Recording(true);
  const like = make(unknownArray({ shape: [], dtype: "float32" }));
  const values = inputs.map((array) => make(array));
  const made = onStack(null, () => recording.record(() => outputsOn(program, values, like)));
  const outputs = wanted.map((place) => made[place]!.array);
  return new ProgramBody({
    ...partsOf(recording, inputs, outputs, true),
    inputForm: listForm(inputs.length),
    outputForm: listForm(outputs.length),
  });
}
