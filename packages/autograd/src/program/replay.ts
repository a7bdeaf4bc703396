// The numbers of a program without WebAssembly: each step's primitive computes them, as in eager code. This is how
// programs run where there are no vectors, and the reference for their numbers.

import type { NDArray } from "../array/ndarray.ts";
import { listOf } from "../tape/outputs.ts";
import { type ProgramParts, type ProgramStep, type ProgramValue, stepsOf } from "./parts.ts";

/** The numbers of every value of a program, from the numbers that come from outside. */
export function replay(
  program: ProgramParts,
  outside: (value: ProgramValue) => NDArray,
): (value: ProgramValue) => NDArray {
  const known = new Map<ProgramValue, NDArray>();
  const numbers = (value: ProgramValue): NDArray => {
    let array = known.get(value);
    if (array === undefined) known.set(value, (array = outside(value)));
    return array;
  };
  for (const step of stepsOf(program.values)) {
    const made = evaluateStep(step, step.inputs.map(numbers));
    for (const [i, output] of step.outputs.entries()) known.set(output, made[i]!);
  }
  return numbers;
}

/** The numbers that a step makes. */
export function evaluateStep(
  { primitive, attributes, outputs }: ProgramStep,
  operands: readonly NDArray[],
): readonly NDArray[] {
  return listOf<NDArray>(primitive.evaluate(operands, attributes, outputs[0]!, outputs));
}
