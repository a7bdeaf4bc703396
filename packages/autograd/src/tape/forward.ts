// Forward mode. Scans a tape forwards, asking each step's primitive how its output moves.

import { isFloat } from "../array/dtype.ts";
import type { Tensor } from "../primitives/tensor.ts";
import { layout } from "./layout.ts";
import type { Step } from "./primitive.ts";
import { appliedOf, missingRule, sweepBack } from "./reverse.ts";
import { Trace } from "./trace.ts";

/** The outputs' tangents from those of a trace's leaves; null where an output does not move. */
export function sweepForward(
  outputs: readonly Tensor[],
  tangents: ReadonlyMap<Tensor, Tensor>,
  trace: Trace,
): (Tensor | null)[] {
  const moving = new Map(tangents);
  for (const tensor of layout(outputs, trace)) {
    if (moving.has(tensor) || tensor.step === null) continue;
    const inputs = tensor.step.inputs.map((input) => moving.get(input) ?? null);
    if (inputs.every((tangent) => tangent === null)) continue;
    const tangent = pushForward(tensor.step, tensor, inputs);
    if (tangent !== null) moving.set(tensor, tangent);
  }
  return outputs.map((output) => moving.get(output) ?? null);
}

function pushForward(step: Step, output: Tensor, tangents: readonly (Tensor | null)[]): Tensor | null {
  const { primitive } = step;
  const applied = appliedOf(step, output);
  if (primitive.pushforward !== undefined) return primitive.pushforward(applied, tangents);
  if (primitive.pullback === undefined) throw missingRule(step);
  if (!isFloat(output.dtype)) return null;
  // The pullback is linear in the cotangent: record it once, from zero, and transpose that.
  const trace = new Trace();
  const cotangent = output.zerosOf(output.shape).leaf(trace);
  const wanted = tangents.map((tangent) => tangent !== null);
  const shares = trace.during(() => primitive.pullback!(applied, cotangent, wanted));
  const used = shares.flatMap((share, i) =>
    share !== null && tangents[i] != null ? [{ share, tangent: tangents[i] }] : [],
  );
  const moved = sweepBack(
    used.map(({ share }) => share),
    used.map(({ tangent }) => tangent),
    trace,
  );
  return moved.get(cotangent) ?? null;
}
