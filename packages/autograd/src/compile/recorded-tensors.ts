// What is known of a function of tensors after it has been recorded: its program, and the facts that the
// program does not hold.

import type { NDArray } from "../array/ndarray.ts";
import type { Form } from "../array/tree.ts";
import { partsOf } from "../program/build.ts";
import type { ProgramValue } from "../program/parts.ts";
import { Program } from "../program/program.ts";
import type { RecordedVariable, Recording } from "../program/recording.ts";
import type { Cell } from "../tape/cell.ts";
import type { RecordedCall } from "../tape/engine.ts";
import { withoutClosedTapes } from "../tape/leaf.ts";
import { heldBy, type Value } from "../tape/value.ts";
import { asTensor, checkTensor, type Tensor } from "../tensor/tensor.ts";

export interface RecordedTensors {
  readonly form: Form;
  /** The arrays that stand for the arguments. */
  readonly unknown: readonly NDArray[];
  /** For each tensor of the output: the tensor, if it is the same in all calls; null if it is computed. */
  readonly constants: readonly (Tensor | null)[];
  /** The variables from outside the function whose gradient it read, or may read. */
  readonly touched: readonly RecordedVariable[];
  /** For each array of known numbers, the watched values from outside the function from which it was made. */
  readonly captured: ReadonlyMap<NDArray, readonly Value[]>;
  /** Whether the function sweeps back along the tape of variables, which may begin before its arguments. */
  readonly sweeps: boolean;
  /** For each variable that the function assigns, the values that it holds while the function runs. */
  readonly assigned: readonly { readonly variable: Cell; readonly values: readonly ProgramValue[] }[];
  readonly program: Program;
}

export function recordedTensors(
  recording: Recording,
  unknown: readonly NDArray[],
  { form, output, results }: Pick<RecordedCall, "form" | "output" | "results">,
  sweeps: boolean,
): RecordedTensors {
  const current = results.map((each) => heldBy(checkTensor("compile", each)));
  const constants = current.map((leaf) =>
    recording.isUnknown(leaf.array) ? null : asTensor(withoutClosedTapes(leaf)),
  );
  const arrays = current.map(({ array }) => array);
  const parts = partsOf(recording, unknown, arrays, true);
  return {
    form,
    unknown,
    constants,
    touched: recording.outer,
    captured: new Map(
      [...recording.captured].map(([array, values]) => [array, originsOf(values, recording)]),
    ),
    sweeps,
    assigned: parts.assigned,
    program: new Program({ ...parts, inputForm: form, outputForm: output }),
  };
}

/**
 * Returns the watched values from which some values were made and which are older than the recording: those
 * values themselves, if they are older.
 */
function originsOf(values: ReadonlySet<Value>, { begun }: Recording): readonly Value[] {
  const origins = new Set<Value>();
  const seen = new Set(values);
  // The loop also visits the values that are added to the set while it runs.
  for (const each of seen) {
    if (each.serial < begun) origins.add(each);
    else for (const input of each.step?.inputs ?? []) seen.add(heldBy(input));
  }
  return [...origins].filter(({ traces }) => traces !== null);
}
