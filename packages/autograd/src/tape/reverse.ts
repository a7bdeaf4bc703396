// Reverse mode. Scans a tape backwards from its outputs, asking each step's primitive for its rule.
// Knows no operation: rules live in primitives/, and cotangents only ever accumulate.

import { isFloat } from "../array/dtype.ts";
import { watchedLeaf } from "./leaf.ts";
import { listOf } from "./outputs.ts";
import { transposing } from "./own-transpose.ts";
import { dependsOn, tape } from "./tape.ts";
import { Trace, variableTrace } from "./trace.ts";
import { type Applied, algebraOf, type Step, type Value } from "./value.ts";
import { zerosOf } from "./zeros.ts";

/**
 * The cotangents of a trace's leaves (values without a step of their own in it), and of those intermediates that are
 * wanted, from the cotangents of the outputs. A leaf that the outputs were made from has one, if only of zeros; one they
 * don't depend on is absent.
 */
export function sweepBack(
  outputs: readonly Value[],
  cotangents: readonly (Value | null)[],
  trace: Trace,
): Map<Value, Value> {
  return sweep(outputs, cotangents, dependsOn(trace), none);
}

/**
 * The cotangents of values on the tape of some outputs. Values that the outputs were not made from are absent.
 * Each value is followed along one trace, the one given or its newest, for a leaf of one trace may hide what it is made from to
 * another.
 */
export function sweepTo(
  wanted: ReadonlySet<Value>,
  outputs: readonly Value[],
  cotangents: readonly (Value | null)[],
  along?: Trace,
): Map<Value, Value> {
  const alike = new Map<Trace, Value[]>();
  for (const value of wanted) {
    const trace = along ?? (value.holder !== null ? variableTrace : value.traces?.trace);
    if (trace === undefined) continue;
    const values = alike.get(trace);
    if (values === undefined) alike.set(trace, [value]);
    else values.push(value);
  }
  const found = new Map<Value, Value>();
  for (const [trace, values] of alike) {
    const reached = sweep(outputs, cotangents, dependsOn(trace), new Set(values));
    let made: Set<Value> | undefined;
    for (const value of values) {
      const cotangent = reached.get(value);
      if (cotangent !== undefined) {
        found.set(value, cotangent);
        continue;
      }
      made ??= new Set(tape(outputs, trace));
      if (made.has(value)) found.set(value, zerosOf(value, value));
    }
  }
  return found;
}

function sweep(
  outputs: readonly Value[],
  cotangents: readonly (Value | null)[],
  counts: (value: Value) => boolean,
  wanted: ReadonlySet<Value>,
): Map<Value, Value> {
  const depends = (value: Value) => isFloat(value.dtype) && counts(value);
  const reached = new Map<Value, Value>();
  const add = (value: Value, cotangent: Value) => {
    const present = reached.get(value);
    reached.set(value, present === undefined ? cotangent : algebraOf(cotangent).plus(present, cotangent));
  };
  outputs.forEach((output, i) => {
    const cotangent = cotangents[i];
    if (cotangent != null && depends(output)) add(output, cotangent);
  });
  const entries = tape([...reached.keys()], counts);
  for (let i = entries.length - 1; i >= 0; i--) {
    const output = entries[i]!;
    if (!hasStepIn(output, counts)) {
      if (!reached.has(output) && isFloat(output.dtype)) reached.set(output, zerosOf(output, output));
      continue;
    }
    const { step } = output;
    // Several outputs of one step are made one after another, and their cotangents are handed on together: at the first.
    if (step.outputs !== null && entries[i - 1]?.step === step) continue;
    const made = step.outputs ?? [output];
    const arrived = made.map((each) => reached.get(each) ?? null);
    if (arrived.every((each) => each === null)) continue;
    // The cotangent of an intermediate is not needed any more once it has been handed on.
    for (const each of made) if (!wanted.has(each)) reached.delete(each);
    const depending = step.inputs.map(depends);
    const begun = (k: number): Value | null => {
      const sum = reached.get(step.inputs[k]!) ?? null;
      reached.delete(step.inputs[k]!);
      return sum;
    };
    pullBack(step, output, arrived, depending, begun).forEach((share, k) => {
      if (share !== null && depending[k]) add(step.inputs[k]!, share);
    });
  }
  return reached;
}

const none: ReadonlySet<Value> = new Set();

/** A leaf of the trace may have a step, but one that belongs to an older trace. */
function hasStepIn(
  value: Value,
  counts: (value: Value) => boolean,
): value is Value & { readonly step: Step } {
  return value.step?.inputs.some(counts) ?? false;
}

function pullBack(
  step: Step,
  output: Value,
  cotangents: readonly (Value | null)[],
  wanted: readonly boolean[],
  begun: (i: number) => Value | null,
): readonly (Value | null)[] {
  const { primitive } = step;
  const applied = appliedOf(step, output);
  if (primitive.pullback !== undefined)
    return primitive.pullback(applied, cotangents[0]!, wanted, cotangents, begun);
  if (primitive.pushforward === undefined) throw missingRule(step);
  // The pushforward is linear in the tangents: record it once, at zero, and pull back through the record.
  const transposed = (input: Value, i: number): Value | null => {
    if (!wanted[i]) return null;
    const trace = new Trace();
    const tangent = watchedLeaf(zerosOf(input, input), trace);
    const tangents = step.inputs.map((_, k) => (k === i ? tangent : null));
    const moved = listOf<Value | null>(trace.during(() => primitive.pushforward!(applied, tangents)));
    const both = moved.flatMap((each, k) =>
      each === null ? [] : [{ moved: each, cotangent: cotangents[k] ?? null }],
    );
    const reached = sweepBack(
      both.map((each) => each.moved),
      both.map((each) => each.cotangent),
      trace,
    );
    return reached.get(tangent) ?? null;
  };
  return transposing(primitive, () => step.inputs.map(transposed));
}

export function appliedOf(step: Step, output: Value): Applied<unknown> {
  const { inputs, attributes, outputs } = step;
  return { inputs, output: outputs?.[0] ?? output, outputs: outputs ?? [output], attributes };
}

export function missingRule({ primitive }: Step): Error {
  return new Error(
    `${primitive.name}: has no derivative rule; state a pullback or a pushforward where it is defined, or stop the gradient before it: x.detach()`,
  );
}
