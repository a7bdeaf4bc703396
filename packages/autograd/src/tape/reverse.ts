// Reverse mode. Scans a tape backwards from its outputs, asking each step's primitive for its rule.
// Knows no operation: rules live in primitives/, and cotangents only ever accumulate.

import { isFloat } from "../array/dtype.ts";
import type { Tensor } from "../primitives/tensor.ts";
import { layout } from "./layout.ts";
import type { Applied, Step } from "./primitive.ts";
import { includes, Trace } from "./trace.ts";

/**
 * The cotangents of a trace's leaves (tensors without a step of their own in it), from those of the outputs.
 * A leaf that the outputs were made from has one, if only of zeros; one they don't depend on is absent.
 */
export function sweepBack(
  outputs: readonly Tensor[],
  cotangents: readonly (Tensor | null)[],
  trace: Trace,
): Map<Tensor, Tensor> {
  const reached = new Map<Tensor, Tensor>();
  const add = (tensor: Tensor, cotangent: Tensor) => {
    const present = reached.get(tensor);
    reached.set(tensor, present === undefined ? cotangent : present.accumulate(cotangent));
  };
  outputs.forEach((output, i) => {
    const cotangent = cotangents[i];
    if (cotangent != null && depends(output, trace)) add(output, cotangent);
  });
  const tape = layout([...reached.keys()], trace);
  for (let i = tape.length - 1; i >= 0; i--) {
    const output = tape[i]!;
    const cotangent = reached.get(output);
    if (!hasStepIn(output, trace)) {
      if (cotangent === undefined && isFloat(output.dtype)) reached.set(output, output.zerosOf(output.shape));
      continue;
    }
    if (cotangent === undefined) continue;
    // An intermediate's cotangent is done with once it has been handed on.
    reached.delete(output);
    const { step } = output;
    const wanted = step.inputs.map((input) => depends(input, trace));
    pullBack(step, output, cotangent, wanted).forEach((share, k) => {
      if (share !== null && wanted[k]) add(step.inputs[k]!, share);
    });
  }
  return reached;
}

const depends = (tensor: Tensor, trace: Trace) => isFloat(tensor.dtype) && includes(tensor.traces, trace);

/** A leaf of the trace may have a step, but one that belongs to an older trace. */
function hasStepIn(tensor: Tensor, trace: Trace): tensor is Tensor & { readonly step: Step } {
  return tensor.step?.inputs.some((input) => includes(input.traces, trace)) ?? false;
}

function pullBack(
  step: Step,
  output: Tensor,
  cotangent: Tensor,
  wanted: readonly boolean[],
): readonly (Tensor | null)[] {
  const { primitive } = step;
  const applied = appliedOf(step, output);
  if (primitive.pullback !== undefined) return primitive.pullback(applied, cotangent, wanted);
  if (primitive.pushforward === undefined) throw missingRule(step);
  // The pushforward is linear in the tangents: record it once, from zero, and pull back through that.
  return step.inputs.map((input, i) => {
    if (!wanted[i]) return null;
    const trace = new Trace();
    const tangent = input.zerosOf(input.shape).leaf(trace);
    const tangents = step.inputs.map((_, k) => (k === i ? tangent : null));
    const moved = trace.during(() => primitive.pushforward!(applied, tangents));
    return moved === null ? null : (sweepBack([moved], [cotangent], trace).get(tangent) ?? null);
  });
}

export function appliedOf(step: Step, output: Tensor): Applied<unknown> {
  return { inputs: step.inputs, output, attributes: step.attributes };
}

export function missingRule({ primitive }: Step): Error {
  return new Error(
    `${primitive.name}: has no derivative rule; state a pullback or a pushforward where it is defined, or stop the gradient before it: x.detach()`,
  );
}
