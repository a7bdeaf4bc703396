// A step that holds two programs, of which it runs one. Derivatives are those of the one that runs: its steps are done again
// when a sweep asks.

import { isFloat } from "../array/dtype.ts";
import { DTypeError, ShapeError } from "../array/errors.ts";
import { shapeText } from "../array/shape.ts";
import { elements } from "../primitives/elementwise.ts";
import { reshaped } from "../primitives/moving.ts";
import { applyAll } from "../tape/apply.ts";
import { sweepForward } from "../tape/forward.ts";
import { sweepBack } from "../tape/reverse.ts";
import type { Primitive, Value } from "../tape/value.ts";
import { zerosOf } from "../tape/zeros.ts";
import { answered, checkOperands, type InnerTape, noted, numbersOn, outputsOn, runAgain } from "./inside.ts";
import type { ProgramBody } from "./parts.ts";
import { batchedOn } from "./region.ts";

export interface Choice {
  /** What runs where operand 0 is true, on the other operands. */
  readonly onTrue: ProgramBody;
  /** What runs where it is false: a program with the same inputs, and outputs of the same shapes and types. */
  readonly onFalse: ProgramBody;
}

/** Throws where a value can't decide between two programs, or end a loop. */
export function checkCondition(
  operation: string,
  { shape, dtype }: { readonly shape: readonly number[]; readonly dtype: string },
): void {
  if (shape.length !== 0)
    throw new ShapeError(
      `${operation}: the condition has shape ${shapeText(shape)} and must be a single truth value; reduce it, e.g. mask.all() or mask.any(), or choose element by element with where(condition, a, b)`,
    );
  if (dtype !== "bool")
    throw new DTypeError(
      `${operation}: the condition is ${dtype} and must be bool; compare it, e.g. x.greater(0)`,
    );
}

export const choice: Primitive<Choice> = {
  name: "cond",
  describe([condition, ...operands], { onTrue, onFalse }) {
    checkCondition("cond", condition!);
    checkOperands("cond", operands, onTrue.inputs);
    checkOperands("cond", operands, onFalse.inputs);
    return answered(onTrue.outputs.map(({ shape, dtype }) => ({ shape, dtype })));
  },
  evaluate: ([condition, ...operands], { onTrue, onFalse }) =>
    answered(numbersOn(condition!.first !== 0 ? onTrue : onFalse, operands)),
  unfolded: ([condition, ...operands], { onTrue, onFalse }) =>
    answered(
      outputsOn(condition!.array.first !== 0 ? onTrue : onFalse, operands, condition).map(
        ({ array }) => array,
      ),
    ),
  lowering: ({ onTrue, onFalse }) => ({ family: "control", control: { kind: "choice", onTrue, onFalse } }),
  // Where the parts decide differently, both run, and each part takes its own.
  batched([condition, ...operands], { onTrue, onFalse }, [differs, ...isBatched], size) {
    if (differs !== true)
      return answered(
        choose(
          condition!,
          operands,
          onTrue,
          onFalse,
          (program) => (values) => batchedOn(program, values, isBatched, size, condition),
        ),
      );
    const [yes, no] = [onTrue, onFalse].map((program) =>
      batchedOn(program, operands, isBatched, size, condition),
    );
    return answered(
      yes!.map((each, i) =>
        elements.select(reshaped(condition!, [size, ...each.shape.slice(1).map(() => 1)]), each, no![i]!),
      ),
    );
  },
  pullback({ inputs: [condition, ...operands], attributes }, _cotangent, wanted, cotangents) {
    const { onTrue, onFalse } = attributes;
    const arrived = cotangents.flatMap((cotangent, i) => (cotangent === null ? [] : [{ i, cotangent }]));
    const asked = operands.flatMap((_, i) => (wanted[i + 1] ? [i] : []));
    const made = choose(
      condition!,
      [...operands, ...arrived.map(({ cotangent }) => cotangent)],
      onTrue,
      onFalse,
      (program) => (values) => {
        const tape = runAgain(program, values.slice(0, operands.length));
        const reached = sweepBack(
          arrived.map(({ i }) => tape.outputs[i]!),
          values.slice(operands.length),
          tape.trace,
        );
        return asked.map((i) => reached.get(tape.leaves[i]!) ?? zerosOf(operands[i]!, operands[i]!));
      },
    );
    return [null, ...operands.map((_, i) => made[asked.indexOf(i)] ?? null)];
  },
  pushforward({ inputs: [condition, ...operands], outputs, attributes }, [, ...tangents]) {
    const { onTrue, onFalse } = attributes;
    const moving = tangents.flatMap((tangent, i) => (tangent === null ? [] : [{ i, tangent }]));
    const floating = outputs.flatMap((output, i) => (isFloat(output.dtype) ? [i] : []));
    const movedOn = ({ leaves, outputs: made, trace }: InnerTape, own: readonly Value[]) => {
      const moved = sweepForward(made, new Map(moving.map(({ i }, k) => [leaves[i]!, own[k]!])), trace);
      return floating.map((i) => moved[i] ?? zerosOf(outputs[i]!, outputs[i]!));
    };
    const made = choose(
      condition!,
      [...operands, ...moving.map(({ tangent }) => tangent)],
      onTrue,
      onFalse,
      (program) => (values) =>
        movedOn(runAgain(program, values.slice(0, operands.length)), values.slice(operands.length)),
    );
    return answered(outputs.map((_, i) => made[floating.indexOf(i)] ?? null));
  },
};

/** Does one of two things that a rule makes of the two programs. */
function choose(
  condition: Value,
  operands: readonly Value[],
  onTrue: ProgramBody,
  onFalse: ProgramBody,
  ruleOf: (program: ProgramBody) => (values: readonly Value[]) => readonly Value[],
): readonly Value[] {
  const both = [onTrue, onFalse].map(
    (program) => noted(operands, condition, ruleOf(program), operands.length).program,
  );
  if (both[0]!.outputs.length === 0) return [];
  return applyAll(choice, [condition, ...operands], { onTrue: both[0]!, onFalse: both[1]! });
}
