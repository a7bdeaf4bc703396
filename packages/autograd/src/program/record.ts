// record(f): a function's program.

import { checkFunction, isAsync } from "../array/arguments.ts";
import { CompileError } from "../array/errors.ts";
import { type Flat, fill, flatten, refusals, type Walk } from "../array/tree.ts";
import { heldBy } from "../tape/value.ts";
import { Tensor } from "../tensor/tensor.ts";
import { Variable } from "../tensor/variable.ts";
import { partsOf } from "./build.ts";
import { Program } from "./program.ts";
import { Recording, unknownArray } from "./recording.ts";

/** How trees of tensors are taken apart where variables are no leaves but stay as they are. */
const walk = (where: string): Walk<Tensor> => ({
  isLeaf: (value): value is Tensor => value instanceof Tensor && !(value instanceof Variable),
  isFixed: (value) => value instanceof Variable,
  ...refusals(where),
});

/** A tree of tensors taken apart. `where` stands before what its errors say. */
export const takenApart = (where: string, tree: unknown): Flat<Tensor> => flatten<Tensor>(tree, walk(where));

/**
 * What f does between tensors, for arguments of the shapes and types of the examples, which may be trees: its steps in
 * order, the variables that it reads and assigns, and its outputs. f runs on tensors without numbers, once, or twice if it
 * makes variables, and changes no variable; one that it makes and keeps, as an optimizer keeps its memory, is read and
 * assigned by the program. Other values among the arguments, and tensors that f takes from around it, are constants.
 * Throws CompileError where f asks for numbers.
 */
export function record<Args extends readonly unknown[]>(
  f: (...args: Args) => unknown,
  ...examples: Args
): Program {
  checkFunction("record", f, "(x) => model.forward(x)");
  const given = takenApart("record: argument", examples);
  const unknown = given.leaves.map((leaf) => unknownArray(leaf.array));
  const stand = fill(
    given.form,
    unknown.map((array) => new Tensor(array)),
  ) as Args;
  const runs = (recording: Recording): unknown => {
    const returned = recording.record(() => f(...stand));
    if (isAsync(returned))
      throw new CompileError(
        "record: the function is async; record what happens between its awaits, and await outside",
      );
    return returned;
  };
  let recording = new Recording(false);
  let returned = runs(recording);
  // What f has made and kept, such as the memory of an optimizer, is there when it runs again, and becomes a variable.
  if (recording.hasMadeVariables) {
    recording = new Recording(false);
    returned = runs(recording);
  }
  const result = takenApart("record: the result", returned);
  const outputs = result.leaves.map((leaf) => heldBy(leaf).array);
  return new Program({
    ...partsOf(recording, unknown, outputs, false),
    inputForm: given.form,
    outputForm: result.form,
  });
}
