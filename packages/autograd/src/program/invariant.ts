// What a loop's body computes from nothing but what all places share is computed once, before the loop.

import { sizeOf } from "../array/shape.ts";
import { applyAll } from "../tape/apply.ts";
import type { Value } from "../tape/value.ts";
import type { ProgramBody, ProgramStep, ProgramValue } from "./parts.ts";

/** Steps that are done before a loop, and their results there. */
export interface Hoisted {
  readonly steps: ReadonlySet<ProgramStep>;
  /** The results that the rest of the body reads. */
  readonly values: ReadonlyMap<ProgramValue, Value>;
}

const total = (values: readonly ProgramValue[]) => values.reduce((sum, { shape }) => sum + sizeOf(shape), 0);

/**
 * Does the steps of a body that depend on nothing but what is shared. Those whose results are larger than
 * their operands stay where they are: a value that is repeated costs nothing until it is stored.
 */
export function hoisted(
  { steps, outputs }: Pick<ProgramBody, "steps" | "outputs">,
  shared: (input: ProgramValue) => Value | null,
): Hoisted {
  const known = new Map<ProgramValue, Value>();
  const done = new Set<ProgramStep>();
  const at = (value: ProgramValue) => known.get(value) ?? shared(value);
  for (const step of steps) {
    const { primitive, inputs, attributes } = step;
    const operands = inputs.map(at);
    if (operands.includes(null) || total(step.outputs) > total(inputs)) continue;
    const made = applyAll(primitive, operands as readonly Value[], attributes);
    step.outputs.forEach((output, i) => {
      known.set(output, made[i]!);
    });
    done.add(step);
  }
  const read = new Set([...outputs, ...steps.flatMap((step) => (done.has(step) ? [] : step.inputs))]);
  return { steps: done, values: new Map([...known].filter(([value]) => read.has(value))) };
}
