// Forward mode. Scans a tape forwards, asking each step's primitive how its outputs move.

import { isFloat } from "../array/dtype.ts";
import { watchedLeaf } from "./leaf.ts";
import { listOf } from "./outputs.ts";
import { appliedOf, missingRule, sweepBack } from "./reverse.ts";
import { tape } from "./tape.ts";
import { Trace } from "./trace.ts";
import type { Step, Value } from "./value.ts";
import { zerosOf } from "./zeros.ts";

/** The outputs' tangents from those of a trace's leaves; null where an output does not move. */
export function sweepForward(
  outputs: readonly Value[],
  tangents: ReadonlyMap<Value, Value>,
  trace: Trace,
): (Value | null)[] {
  const moving = new Map(tangents);
  const done = new Set<Step>();
  for (const value of tape(outputs, trace)) {
    const { step } = value;
    if (moving.has(value) || step === null || done.has(step)) continue;
    const inputs = step.inputs.map((input) => moving.get(input) ?? null);
    if (inputs.every((tangent) => tangent === null)) continue;
    const moved = pushForward(step, value, inputs);
    if (step.outputs === null) {
      if (moved[0] != null) moving.set(value, moved[0]);
      continue;
    }
    done.add(step);
    step.outputs.forEach((output, i) => {
      if (moved[i] != null) moving.set(output, moved[i]);
    });
  }
  return outputs.map((output) => moving.get(output) ?? null);
}

function pushForward(
  step: Step,
  output: Value,
  tangents: readonly (Value | null)[],
): readonly (Value | null)[] {
  const { primitive } = step;
  const applied = appliedOf(step, output);
  if (primitive.pushforward !== undefined) return listOf(primitive.pushforward(applied, tangents));
  if (primitive.pullback === undefined) throw missingRule(step);
  // The pullback is linear in the cotangents: record it once, at zero, and transpose the record.
  const trace = new Trace();
  const cotangents = applied.outputs.map((each) =>
    isFloat(each.dtype) ? watchedLeaf(zerosOf(each, each), trace) : null,
  );
  if (cotangents.every((each) => each === null)) return cotangents;
  const wanted = tangents.map((tangent) => tangent !== null);
  const shares = trace.during(() => primitive.pullback!(applied, cotangents[0]!, wanted, cotangents));
  const used = shares.flatMap((share, i) =>
    share !== null && tangents[i] != null ? [{ share, tangent: tangents[i] }] : [],
  );
  const moved = sweepBack(
    used.map(({ share }) => share),
    used.map(({ tangent }) => tangent),
    trace,
  );
  return cotangents.map((each) => (each === null ? null : (moved.get(each) ?? null)));
}
