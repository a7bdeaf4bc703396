// A call of a function as it is recorded: what it was given, what it gave, and everything in between.

import { isAsync } from "../array/arguments.ts";
import { CompileError } from "../array/errors.ts";
import type { NDArray } from "../array/ndarray.ts";
import { type Form, fill } from "../array/tree.ts";
import type { Build } from "../kernels/webassembly.ts";
import { partsOf } from "../program/build.ts";
import type { ProgramValue } from "../program/parts.ts";
import { Program } from "../program/program.ts";
import { type RecordedVariable, Recording, unknownArray } from "../program/recording.ts";
import { Scalar } from "../scalar/scalar.ts";
import type { Cell } from "../tape/cell.ts";
import { withoutClosedTapes } from "../tape/leaf.ts";
import { Trace } from "../tape/trace.ts";
import { heldBy, type Value } from "../tape/value.ts";
import { Tensor } from "../tensor/tensor.ts";
import { ScalarCall, type ScalarSignature } from "./scalar/signature.ts";
import { argumentsOf, resultOf } from "./signature.ts";

export interface RecordedCall {
  readonly form: Form;
  readonly unknown: readonly NDArray[];
  readonly output: Form;
  /** The tensors of the output that are always the same; null for those that are computed. */
  readonly constants: readonly (Tensor | null)[];
  /** The variables of which the function looked at the gradient, or might. */
  readonly touched: readonly RecordedVariable[];
  /** Values from around the function that somebody watches, by their arrays. */
  readonly captured: ReadonlyMap<NDArray, Value>;
  /** Whether the function goes back along the tape of variables, which may begin before its arguments. */
  readonly sweeps: boolean;
  /** For each variable that is assigned what it holds on the way. */
  readonly assigned: readonly { readonly variable: Cell; readonly values: readonly ProgramValue[] }[];
  readonly program: Program;
}

/** Any function, called with what `this` is. */
export type Call = (args: readonly unknown[]) => unknown;

/** Runs a function once on arguments of which no number is known. Throws CompileError where it asks for one. */
export function recordCall(
  f: Call,
  args: readonly unknown[],
  build: Build | undefined,
): RecordedCall | ScalarSignature {
  const given = argumentsOf(args);
  const isScalar = given.leaves.map((leaf) => leaf instanceof Scalar);
  const unknown = given.leaves.flatMap((leaf) => (leaf instanceof Scalar ? [] : [unknownArray(leaf.array)]));
  const scalars = new ScalarCall(isScalar.filter(Boolean).length);
  const tensors = unknown.map((array) => new Tensor(array));
  const nextOf = { tensor: 0, scalar: 0 };
  const leaves = isScalar.map((is) => (is ? scalars.stand[nextOf.scalar++]! : tensors[nextOf.tensor++]!));
  const stand = fill(given.form, leaves) as readonly unknown[];
  const recordOnce = (): { recording: Recording; returned: unknown } => {
    const recording = new Recording(true);
    const returned = scalars.recording.record(() => recording.record(() => f(stand)));
    if (isAsync(returned))
      throw new CompileError(
        "compile: the function is async; compile what happens between its awaits, and await outside",
      );
    return { recording, returned };
  };
  const sweptBefore = Trace.sweepsOfVariables;
  let { recording, returned } = recordOnce();
  // A variable that the function makes is made anew in each call, unless it keeps it: that shows when it runs again.
  if (recording.hasMadeVariables) ({ recording, returned } = recordOnce());
  const result = resultOf(returned);
  const results = result.leaves.filter((leaf) => leaf instanceof Scalar);
  const outputs = result.leaves.filter((leaf) => leaf instanceof Tensor);
  if (scalars.isOf(results.length)) {
    const isMixed = unknown.length + outputs.length + recording.steps.length + recording.variables.size > 0;
    if (isMixed)
      throw new CompileError(
        "compile: the function computes with Scalars and with Tensors, and one program holds either; compile the two parts by themselves, or make the Scalars tensors: tensor(x), variable(tensor(x))",
      );
    return scalars.signature(given.form, result.form, results, build);
  }
  const current = outputs.map(heldBy);
  const constants = current.map((leaf) =>
    recording.isUnknown(leaf.array) ? null : (withoutClosedTapes(leaf) as Tensor),
  );
  const arrays = current.map(({ array }) => array);
  const parts = partsOf(recording, unknown, arrays, true);
  return {
    form: given.form,
    unknown,
    output: result.form,
    constants,
    touched: recording.outer,
    captured: recording.captured,
    sweeps: Trace.sweepsOfVariables > sweptBefore,
    assigned: parts.assigned,
    program: new Program({ ...parts, inputForm: given.form, outputForm: result.form }),
  };
}
