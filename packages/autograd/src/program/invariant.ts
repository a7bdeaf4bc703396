// What a loop's body computes from nothing but what all places share is computed once, before the loop.

import { sizeOf } from "../array/shape.ts";
import { applyAll } from "../tape/apply.ts";
import { algebraOf, type Value } from "../tape/value.ts";
import { noted } from "./inside.ts";
import type { ProgramBody, ProgramStep, ProgramValue } from "./parts.ts";
import { partOf, type Sorted } from "./places.ts";
import { runSteps } from "./run-steps.ts";

/** Steps that are done before a loop, and their results there. */
interface Hoisted {
  readonly steps: ReadonlySet<ProgramStep>;
  /** The results that the rest of the body reads. */
  readonly values: ReadonlyMap<ProgramValue, Value>;
}

const total = (values: readonly ProgramValue[]) => values.reduce((sum, { shape }) => sum + sizeOf(shape), 0);

/**
 * Does the steps of a body that depend on nothing but what is shared. Those whose results are larger than
 * their operands stay where they are: a value that is repeated costs nothing until it is stored.
 */
function hoisted(
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

const nothing: Pick<ProgramBody, "steps" | "outputs"> = { steps: [], outputs: [] };

/** A body without what it computes from nothing but what all places share: that is done now, and shared. */
export function withoutInvariants(
  body: ProgramBody,
  operands: Sorted<Value>,
  length: number,
): { readonly body: ProgramBody; readonly shared: readonly Value[] } {
  const all = [...operands.carries, ...operands.scanned, ...operands.shared];
  const own = operands.carries.length + operands.scanned.length;
  const like = all[0]!;
  const { make } = algebraOf(like);
  const { steps, values } = hoisted(length === 0 ? nothing : body, ({ origin }) => {
    if (origin.kind === "constant") return make(origin.array);
    return origin.kind === "argument" && origin.place >= own ? all[origin.place]! : null;
  });
  if (steps.size === 0) return { body, shared: operands.shared };
  const places = new Map([...values.keys()].map((value, i) => [value, all.length + i]));
  const given = [...all, ...values.values()];
  const descriptions = given.map((value, i) =>
    i >= operands.carries.length && i < own ? partOf(value) : value,
  );
  const { program, reads } = noted(
    descriptions,
    like,
    (list) => {
      const valueAt = runSteps(
        body,
        (value) => {
          const { origin } = value;
          if (origin.kind === "constant") return make(origin.array);
          return list[origin.kind === "argument" ? origin.place : places.get(value)!]!;
        },
        steps,
      );
      return body.outputs.map(valueAt);
    },
    own,
  );
  return { body: program, shared: reads.filter((i) => i >= own).map((i) => given[i]!) };
}
