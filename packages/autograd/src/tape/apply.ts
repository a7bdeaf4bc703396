// The door through which every operation goes.

import { applyOnTop } from "./interpreter.ts";
import { listOf } from "./outputs.ts";
import { heldBy, type Primitive, type Value } from "./value.ts";

/** The result of a primitive on operands; the first one where it has several. Throws what its shape rule throws. */
export function apply<A>(primitive: Primitive<A>, inputs: readonly Value[], attributes: A): Value {
  const results = applyOnTop(primitive as Primitive, held(inputs), attributes);
  return Array.isArray(results) ? (results[0] as Value) : (results as Value);
}

/** All results of a primitive on operands. Throws what its shape rule throws. */
export function applyAll<A>(
  primitive: Primitive<A>,
  inputs: readonly Value[],
  attributes: A,
): readonly Value[] {
  return listOf(applyOnTop(primitive as Primitive, held(inputs), attributes));
}

/** What stands on the tape for operands: mostly themselves, and then their list is taken as it is. */
function held(inputs: readonly Value[]): readonly Value[] {
  for (const input of inputs) if (heldBy(input) !== input) return inputs.map(heldBy);
  return inputs;
}
