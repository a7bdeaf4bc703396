// A step that repeats a program as long as a condition holds. How often that is depends on numbers, so nothing can be kept
// for the way back: there is forward mode, and reverse mode says what to use in its place.

import { isFloat } from "../array/dtype.ts";
import type { NDArray } from "../array/ndarray.ts";
import { elements } from "../primitives/elementwise.ts";
import { reshaped, spread } from "../primitives/moving.ts";
import { anyOf } from "../primitives/selection.ts";
import { applyAll } from "../tape/apply.ts";
import { sweepForward } from "../tape/forward.ts";
import type { Primitive, Value } from "../tape/value.ts";
import { zerosOf } from "../tape/zeros.ts";
import { checkCondition } from "./choice.ts";
import { answered, checkOperands, noted, numbersOn, outputsOn, runAgain } from "./inside.ts";
import type { ProgramBody } from "./parts.ts";
import { batchedOn } from "./region.ts";

export interface While {
  /** Whether to go on: inputs are the carries and what all times share, the output is a truth value. */
  readonly condition: ProgramBody;
  /** The next carries, of the same inputs. */
  readonly body: ProgramBody;
  readonly carries: number;
}

type Rule = (values: readonly Value[]) => readonly Value[];

/** A loop whose condition and body are what rules do with these operands, of which the first are carried. */
function whileBy(operands: readonly Value[], carries: number, condition: Rule, body: Rule): readonly Value[] {
  const [first, second] = [condition, body].map(
    (rule) => noted(operands, operands[0]!, rule, operands.length).program,
  );
  return applyAll(whileLoop, operands, { condition: first!, body: second!, carries });
}

/** The carries in the end, of arrays or of values. */
function repeated<T>(
  inputs: readonly T[],
  { condition, body, carries }: While,
  run: (program: ProgramBody, operands: readonly T[]) => readonly T[],
  arrayOf: (value: T) => NDArray,
): readonly T[] {
  const shared = inputs.slice(carries);
  let carried = inputs.slice(0, carries);
  while (arrayOf(run(condition, [...carried, ...shared])[0]!).first !== 0)
    carried = [...run(body, [...carried, ...shared])];
  return carried;
}

export const whileLoop: Primitive<While> = {
  name: "whileLoop",
  describe(inputs, { condition, body, carries }) {
    checkOperands("whileLoop", inputs, body.inputs);
    checkOperands("whileLoop", inputs, condition.inputs);
    checkOperands("whileLoop", body.outputs, body.inputs.slice(0, carries));
    checkCondition("whileLoop", condition.outputs[0]!);
    return answered(body.outputs.map(({ shape, dtype }) => ({ shape, dtype })));
  },
  evaluate: (inputs, attributes) => answered(repeated(inputs, attributes, numbersOn, (array) => array)),
  unfolded: (inputs, attributes) =>
    answered(repeated(inputs, attributes, outputsOn, ({ array }) => array).map(({ array }) => array)),
  lowering: ({ condition, body, carries }) => ({
    family: "control",
    control: { kind: "while", condition, body, carries },
  }),
  // Until no part goes on; a part that has ended keeps what it has.
  batched(inputs, { condition, body, carries }, isBatched, size) {
    const wholes = inputs.map((each, i) =>
      i < carries && isBatched[i] !== true ? spread(each, [size, ...each.shape]) : each,
    );
    const varies = isBatched.map((is, i) => i < carries || is);
    const goesOn: Rule = (values) => batchedOn(condition, values, varies, size);
    return answered(
      whileBy(
        wholes,
        carries,
        (values) => [anyOf(goesOn(values)[0]!)],
        (values) => {
          const [mask] = goesOn(values);
          return batchedOn(body, values, varies, size).map((next, i) =>
            elements.select(reshaped(mask!, [size, ...next.shape.slice(1).map(() => 1)]), next, values[i]!),
          );
        },
      ),
    );
  },
  pushforward({ inputs, attributes: { condition, body, carries } }, tangents) {
    const floating = inputs.flatMap(({ dtype }, i) => (i < carries && isFloat(dtype) ? [i] : []));
    const moving = tangents.flatMap((tangent, i) =>
      tangent === null || i < carries ? [] : [{ i, tangent }],
    );
    const [carried, shared] = [inputs.slice(0, carries), inputs.slice(carries)];
    const all = [
      ...carried,
      ...floating.map((i) => tangents[i] ?? zerosOf(inputs[i]!, inputs[0]!)),
      ...shared,
      ...moving.map(({ tangent }) => tangent),
    ];
    const count = carries + floating.length;
    const ownOf = (values: readonly Value[]) => [
      ...values.slice(0, carries),
      ...values.slice(count, count + shared.length),
    ];
    const made = whileBy(
      all,
      count,
      (values) => outputsOn(condition, ownOf(values)),
      (values) => {
        const { leaves, outputs, trace } = runAgain(body, ownOf(values));
        const moved = sweepForward(
          outputs,
          new Map([
            ...floating.map((i, k) => [leaves[i]!, values[carries + k]!] as const),
            ...moving.map(({ i }, k) => [leaves[i]!, values[count + shared.length + k]!] as const),
          ]),
          trace,
        );
        return [...outputs, ...floating.map((i) => moved[i] ?? zerosOf(outputs[i]!, outputs[i]!))];
      },
    );
    const place = new Map(floating.map((i, k) => [i, carries + k]));
    return answered(carried.map((_, i) => (place.has(i) ? made[place.get(i)!]! : null)));
  },
  pullback() {
    throw new TypeError(
      "whileLoop: has no reverse mode, since how many values it would keep is known only when it runs; use scan with a fixed number of steps (where(done, carry, next) holds a carry that has arrived), forward mode (jvp), or customVjp with the implicit derivative of what the loop arrives at",
    );
  },
};
