// A step that holds a program: a function called as a whole. Its value is the program's, its derivatives are those of the
// program's steps, found by running them again when a sweep asks. So nothing between its operands and its results is kept.

import { Batching } from "../batch/batching.ts";
import { sweepForward } from "../tape/forward.ts";
import { interpretWith } from "../tape/interpreter.ts";
import { sweepBack } from "../tape/reverse.ts";
import type { Primitive, Value } from "../tape/value.ts";
import { answered, checkOperands, numbersOn, outputsOn, runAgain } from "./inside.ts";
import type { ProgramBody } from "./parts.ts";

export interface Region {
  /** What is called. It reads and assigns no variable: all that it depends on is an operand. */
  readonly program: ProgramBody;
  /** The function's name, for listings. */
  readonly name: string;
}

export const region: Primitive<Region> = {
  name: "region",
  describe(inputs, { program }) {
    checkOperands("region", inputs, program.inputs);
    return answered(program.outputs.map(({ shape, dtype }) => ({ shape, dtype })));
  },
  evaluate: (inputs, { program }) => answered(numbersOn(program, inputs)),
  unfolded: (inputs, { program }) => answered(outputsOn(program, inputs).map(({ array }) => array)),
  lowering: ({ program }) => ({ family: "control", control: { kind: "call", body: program } }),
  // The steps inside are batched one by one.
  batched: (inputs, { program }, isBatched, size) => answered(batchedOn(program, inputs, isBatched, size)),
  pullback({ inputs, attributes: { program } }, _cotangent, _wanted, cotangents) {
    const { trace, leaves, outputs } = runAgain(program, inputs);
    const reached = sweepBack(outputs, cotangents, trace);
    return leaves.map((leaf) => reached.get(leaf) ?? null);
  },
  pushforward({ inputs, attributes: { program } }, tangents) {
    const { trace, leaves, outputs } = runAgain(program, inputs);
    const moving = leaves.flatMap((leaf, i) => (tangents[i] == null ? [] : [[leaf, tangents[i]] as const]));
    return answered(sweepForward(outputs, new Map(moving), trace));
  },
  label: ({ name }) => name,
};

/** A program's outputs for each part of some operands, the parts beside each other. Constants are of the kind of `like`. */
export function batchedOn(
  program: ProgramBody,
  operands: readonly Value[],
  isBatched: readonly boolean[],
  size: number,
  like?: Value,
): readonly Value[] {
  const batching = new Batching(size);
  const run = () => outputsOn(program, batching.partsOf(operands, isBatched), like);
  return interpretWith(batching, run).map((output) => batching.wholeOf(output));
}
