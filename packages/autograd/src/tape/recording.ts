// A place to stand in for evaluation: while a function is recorded, its operations are noted, not computed, and
// variables answer with what they will hold at that point of it. Outside of recordings nothing is noted.

import type { NDArray } from "../array/ndarray.ts";
import type { Tensor } from "../primitives/tensor.ts";
import type { Variable } from "../primitives/variable.ts";
import type { Description, Primitive } from "./primitive.ts";

/** What a variable holds at some point of a recording. */
export interface VariableState {
  value: Tensor;
  grad: Tensor | null;
}

export interface Recorder {
  /** Whether a step is to be noted, not computed. */
  takes(primitive: Primitive, inputs: readonly NDArray[], output: Description): boolean;
  /** Notes a step and gives the array of its result, whose numbers are unknown. */
  note(primitive: Primitive, inputs: readonly NDArray[], attributes: unknown, output: Description): NDArray;
  /** The state of a variable at this point. `make` gives its value the array of unknown numbers that it is told. */
  stateOf(variable: Variable, make: (array: NDArray) => Tensor): VariableState;
}

let present: Recorder | null = null;

/** What records now; null outside recordings. */
export function recorder(): Recorder | null {
  return present;
}

/** Runs a function under a recorder; null runs it outside of any. */
export function recordWith<T>(inner: Recorder | null, run: () => T): T {
  const outer = present;
  present = inner;
  try {
    return run();
  } finally {
    present = outer;
  }
}
