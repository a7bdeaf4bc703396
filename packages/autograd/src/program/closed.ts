// What a function does with everything that it depends on: its arguments, the variables that it reads, and what it takes
// from around it, as the operands of one step.

import { isAsync } from "../array/arguments.ts";
import { CompileError } from "../array/errors.ts";
import type { NDArray } from "../array/ndarray.ts";
import { type Form, fill } from "../array/tree.ts";
import { applyAll } from "../tape/apply.ts";
import type { Cell } from "../tape/cell.ts";
import { forgotten } from "../tape/leaf.ts";
import { openTraces } from "../tape/trace.ts";
import { heldBy, type Value } from "../tape/value.ts";
import { Tensor } from "../tensor/tensor.ts";
import { partsOf } from "./build.ts";
import { listForm, noted, outputsOn } from "./inside.ts";
import { ancestorsOf, type ProgramBody } from "./parts.ts";
import { Program } from "./program.ts";
import { takenApart } from "./record.ts";
import { Recording, unknownArray } from "./recording.ts";
import { region } from "./region.ts";

/** A function's program, and everything that it depends on. */
export interface Closed {
  readonly program: Program;
  /** What the program's inputs are in this call: the tensors among the arguments, then what the function took from around it. */
  readonly operands: readonly Value[];
  /** How many of the operands are arguments. */
  readonly own: number;
  /** The variables among the others. */
  readonly read: readonly Cell[];
  readonly form: Form;
  readonly resultForm: Form;
}

/** Records f on its arguments, trees of tensors. Errors begin with `operation`. */
export function closed(
  operation: string,
  f: (...args: never[]) => unknown,
  args: readonly unknown[],
): Closed {
  const given = takenApart(`${operation}: argument`, args);
  const stand = given.leaves.map((leaf) => unknownArray(leaf.array));
  const recording = new Recording(false);
  const tensors = stand.map((array) => new Tensor(array));
  const returned = recording.record(() => f(...(fill(given.form, tensors) as never[])));
  if (isAsync(returned))
    throw new CompileError(`${operation}: the function is async; give one that does everything at once`);
  const result = takenApart(`${operation}: the result`, returned);
  const results: readonly Value[] = result.leaves.map(heldBy);
  const around = [...recording.steps.flatMap(({ operands }) => operands), ...results];
  const captured = capturedIn(recording, stand, around);
  const read = recording.outer;
  const changed = read.find(
    ({ held, state, grad }) =>
      held.length > 0 || state.left !== grad || around.some(({ array }) => array === grad?.array),
  );
  if (changed !== undefined)
    throw new CompileError(
      `${operation}: the function assigns ${changed.variable.name === "" ? "a variable" : `variable "${changed.variable.name}"`}, or looks at its gradient; it is run again when derivatives are asked for, so do that outside`,
    );
  const inputs = [...stand, ...read.map(({ value }) => value), ...captured.keys()];
  const arrays = results.map(({ array }) => array);
  const parts = partsOf(recording, inputs, arrays, false);
  const program = new Program({
    ...parts,
    inputForm: listForm(inputs.length),
    outputForm: listForm(results.length),
  });
  return {
    program,
    operands: [
      ...given.leaves.map(heldBy),
      ...read.map(({ variable }) => variable.value),
      ...captured.values(),
    ],
    own: given.leaves.length,
    read: read.map(({ variable }) => variable),
    form: given.form,
    resultForm: result.form,
  };
}

/** Calls f on its arguments, trees of tensors, as one step that holds f's program. Errors begin with `operation`. */
export function callAsRegion(
  operation: string,
  name: string,
  f: (...args: never[]) => unknown,
  args: readonly unknown[],
): unknown {
  const { program, operands, resultForm } = closed(operation, f, args);
  if (operands.length === 0 || program.outputs.length === 0) return f(...(args as never[]));
  return fill(resultForm, applyAll(region, forgetting(program, operands), { program, name }));
}

/** The operands of a program; those of which its results are not functions count as constants, as they do where f itself runs. */
export function forgetting(program: Program, operands: readonly Value[]): readonly Value[] {
  const moving = ancestorsOf(program.outputs, ({ primitive }) => primitive.stops === true);
  return operands.map((operand, i) => (moving.has(program.inputs[i]!) ? operand : forgotten(operand)));
}

/** Functions of the same arguments as programs of the same operands: each takes what any of them takes from around it. */
export function onSameOperands(
  args: readonly Value[],
  functions: readonly Closed[],
  like: Value,
): { readonly operands: readonly Value[]; readonly programs: readonly ProgramBody[] } {
  const captured = functions.map(({ program, operands, own }) => forgetting(program, operands).slice(own));
  const operands = [...args, ...captured.flat()];
  let start = args.length;
  const programs = functions.map(({ program }, i) => {
    const [from, to] = [start, (start += captured[i]!.length)];
    const run = (list: readonly Value[]) =>
      outputsOn(program, [...list.slice(0, args.length), ...list.slice(from, to)], like);
    return noted(operands, like, run, operands.length).program;
  });
  return { operands, programs };
}

/** What the function took from around it that is no constant: somebody watches it, or its numbers are not known yet. */
function capturedIn(
  recording: Recording,
  inputs: readonly NDArray[],
  values: readonly Value[],
): ReadonlyMap<NDArray, Value> {
  const own = new Set<NDArray>([
    ...inputs,
    ...recording.steps.flatMap(({ outputs }) => outputs),
    ...recording.outer.map(({ value }) => value),
  ]);
  const captured = new Map<NDArray, Value>();
  for (const value of values) {
    if (own.has(value.array) || captured.has(value.array)) continue;
    if (openTraces(value.traces) !== null || recording.isUnknown(value.array))
      captured.set(value.array, value);
  }
  return captured;
}
