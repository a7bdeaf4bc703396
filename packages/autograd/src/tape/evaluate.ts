// An operation carried out: shape rule, numbers, and the memory of the step where somebody watches an operand.

import type { NDArray } from "../array/ndarray.ts";
import { listOf } from "./outputs.ts";
import { type TraceSet, union } from "./trace.ts";
import { algebraOf, type Outputs, type Primitive, type Step, type Value } from "./value.ts";

/** The results of a primitive on operands. Throws what its shape rule or its evaluation throws. */
export function evaluate(
  primitive: Primitive,
  inputs: readonly Value[],
  attributes: unknown,
): Outputs<Value> {
  const outputs = listOf(primitive.describe(inputs, attributes));
  const arrays = inputs.map((input) => input.array);
  return remember(
    primitive,
    inputs,
    attributes,
    primitive.evaluate(arrays, attributes, outputs[0]!, outputs),
  );
}

/** Values of these numbers that remember the step that made them, where an operand is watched. */
export function remember(
  primitive: Primitive,
  inputs: readonly Value[],
  attributes: unknown,
  arrays: Outputs<NDArray>,
): Outputs<Value> {
  let traces: TraceSet | null = null;
  for (const input of inputs) if (input.traces !== null) traces = union(input.traces, traces);
  if (primitive.stops === true) traces = null;
  const { make } = algebraOf(inputs[0]!);
  if (!Array.isArray(arrays)) {
    const step: Step | null = traces === null ? null : { primitive, inputs, attributes, outputs: null };
    return make(arrays as NDArray, step, traces);
  }
  const outputs: Value[] = [];
  const step: Step | null = traces === null ? null : { primitive, inputs, attributes, outputs };
  for (const array of arrays as readonly NDArray[]) outputs.push(make(array, step, traces));
  return outputs;
}
