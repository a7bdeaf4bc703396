// A step that holds a program: a function called as a whole. Its value is the program's, its derivatives are those of the
// program's steps, found by running them again when a sweep asks. So nothing between its operands and its results is kept.

import type { Description } from "../array/description.ts";
import { isFloat } from "../array/dtype.ts";
import { ShapeError } from "../array/errors.ts";
import { sameShape, shapeText } from "../array/shape.ts";
import { Batching } from "../batch/batching.ts";
import { sweepForward } from "../tape/forward.ts";
import { interpretWith } from "../tape/interpreter.ts";
import { watchedLeaf } from "../tape/leaf.ts";
import { sweepBack } from "../tape/reverse.ts";
import { Trace } from "../tape/trace.ts";
import { algebraOf, type Outputs, type Primitive, type Value } from "../tape/value.ts";
import type { ProgramBody, ProgramValue } from "./parts.ts";
import { replay } from "./replay.ts";
import { runSteps } from "./run-steps.ts";

export interface Region {
  /** What is called. It reads and assigns no variable: all that it depends on is an operand. */
  readonly program: ProgramBody;
  /** The function's name, for listings. */
  readonly name: string;
}

/** The outputs as a primitive answers them. */
export const answered = <T>(outputs: readonly T[]): Outputs<T> =>
  outputs.length === 1 ? outputs[0]! : outputs;

/** A program's outputs for these operands, by its steps. */
export function outputsOn(program: ProgramBody, operands: readonly Value[]): readonly Value[] {
  const make = (array: Value["array"]) => algebraOf(operands[0]!).make(array);
  const valueAt = runSteps(program, (value) => {
    const { origin } = value;
    if (origin.kind === "argument") return operands[origin.place]!;
    if (origin.kind === "constant") return make(origin.array);
    throw new Error(`region: the program inside has a ${origin.kind}`);
  });
  return program.outputs.map(valueAt);
}

/** The program run again on leaves of a trace of its own: what a rule sweeps. */
function runAgain(program: ProgramBody, inputs: readonly Value[]) {
  const trace = new Trace();
  const leaves = inputs.map((input) => (isFloat(input.dtype) ? watchedLeaf(input, trace) : input));
  const outputs = trace.during(() => outputsOn(program, leaves));
  return { trace, leaves, outputs };
}

export const region: Primitive<Region> = {
  name: "region",
  describe(inputs, { program }) {
    const fits = (input: ProgramValue, i: number) =>
      inputs[i] !== undefined && input.dtype === inputs[i].dtype && sameShape(input.shape, inputs[i].shape);
    if (inputs.length !== program.inputs.length || !program.inputs.every(fits))
      throw new ShapeError(
        `region: operands ${listed(inputs)} of a program that takes ${listed(program.inputs)}; they must be the same`,
      );
    return answered(program.outputs.map(({ shape, dtype }) => ({ shape, dtype })));
  },
  evaluate(inputs, { program }) {
    const numbers = replay(program, ({ origin }) => {
      if (origin.kind === "argument") return inputs[origin.place]!;
      if (origin.kind === "constant") return origin.array;
      throw new Error(`region: the program inside has a ${origin.kind}`);
    });
    return answered(program.outputs.map(numbers));
  },
  composed: (inputs, { program }) => answered(outputsOn(program, inputs)),
  // The steps inside are batched one by one.
  batched: (inputs, { program }, isBatched, size) => {
    const batching = new Batching(size);
    return answered(
      interpretWith(batching, () => outputsOn(program, batching.partsOf(inputs, isBatched))).map((output) =>
        batching.wholeOf(output),
      ),
    );
  },
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

const listed = (values: readonly Description[]) =>
  values.map(({ dtype, shape }) => `${dtype} ${shapeText(shape)}`).join(", ");
