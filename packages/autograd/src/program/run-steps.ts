// The steps of a program through the door, as eager code does them, so that whatever watches eager code watches them.

import { applyAll } from "../tape/apply.ts";
import type { Value } from "../tape/value.ts";
import { type ProgramParts, type ProgramStep, type ProgramValue, stepsOf } from "./parts.ts";

const none: ReadonlySet<ProgramStep> = new Set();

/**
 * Does the steps, but for some that are left out; gives each value, of which those that no step makes are asked of
 * `outside` when they are needed.
 */
export function runSteps(
  { values }: Pick<ProgramParts, "values">,
  outside: (value: ProgramValue) => Value,
  leftOut: ReadonlySet<ProgramStep> = none,
): (value: ProgramValue) => Value {
  const known = new Map<ProgramValue, Value>();
  const valueAt = (value: ProgramValue): Value => {
    let one = known.get(value);
    if (one === undefined) known.set(value, (one = outside(value)));
    return one;
  };
  for (const step of stepsOf(values)) {
    if (leftOut.has(step)) continue;
    const { primitive, inputs, attributes, outputs } = step;
    const made = applyAll(primitive, inputs.map(valueAt), attributes);
    for (const [i, output] of outputs.entries()) known.set(output, made[i]!);
  }
  return valueAt;
}
