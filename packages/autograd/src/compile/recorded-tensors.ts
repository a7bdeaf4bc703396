// What a function of tensors does, once it has been recorded: its program, and what must be known of it beside that.

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
  /** What stands for the arguments. */
  readonly unknown: readonly NDArray[];
  /** The tensors of the output that are always the same; null for those that are computed. */
  readonly constants: readonly (Tensor | null)[];
  /** The variables of which the function looked at the gradient, or might. */
  readonly touched: readonly RecordedVariable[];
  /** For arrays of known numbers the values from around the function that somebody watches and that they were made of. */
  readonly captured: ReadonlyMap<NDArray, readonly Value[]>;
  /** Whether the function goes back along the tape of variables, which may begin before its arguments. */
  readonly sweeps: boolean;
  /** For each variable that is assigned what it holds on the way. */
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

/** What was there before a recording, of what some values were made of while it ran: they themselves, if they were. */
function originsOf(values: ReadonlySet<Value>, { begun }: Recording): readonly Value[] {
  const origins = new Set<Value>();
  const seen = new Set(values);
  // Lasts as long as values are added to it.
  for (const each of seen) {
    if (each.serial < begun) origins.add(each);
    else for (const input of each.step?.inputs ?? []) seen.add(heldBy(input));
  }
  return [...origins].filter(({ traces }) => traces !== null);
}
