// What a loop's body computes from what is known before the loop is computed there: once, what depends on nothing but what
// all places share; and by one product for all places, what multiplies what is scanned by a matrix that they share.

import { isFloat } from "../array/dtype.ts";
import { sizeOf } from "../array/shape.ts";
import { forMany } from "../batch/for-many.ts";
import { applyAll } from "../tape/apply.ts";
import { algebraOf, type Value } from "../tape/value.ts";
import { noted } from "./inside.ts";
import { ancestorsOf, type ProgramBody, type ProgramStep, type ProgramValue } from "./parts.ts";
import { partOf, type Sorted } from "./places.ts";
import { runSteps } from "./run-steps.ts";
import { type Everywhere, everywhere, isView } from "./totals.ts";

/** Results of steps that are done before a loop. */
type Known = ReadonlyMap<ProgramValue, Everywhere>;

const total = (values: readonly ProgramValue[]) => values.reduce((sum, { shape }) => sum + sizeOf(shape), 0);

/** A value of a body that no step makes, at all places; null for a carry. */
function outside(
  { origin }: ProgramValue,
  { carries, scanned, shared }: Sorted<Value>,
  like: Value,
): Everywhere | null {
  if (origin.kind === "constant") return { value: algebraOf(like).make(origin.array), differs: false };
  if (origin.kind !== "argument" || origin.place < carries.length) return null;
  const place = origin.place - carries.length;
  return place < scanned.length
    ? { value: scanned[place]!, differs: true }
    : { value: shared[place - scanned.length]!, differs: false };
}

/** With so many rows, products at one place are as fast as one for all places. */
const MANY_ROWS = 8;
/** So many times as large as what is scanned may be what is kept of it for all places. */
const MOST_GROWTH = 4;

/**
 * Whether it pays to multiply for all places at once: where a part is a few rows, for which each place would read the matrix
 * from end to end. What is kept stays of the order of what is scanned, or a scan that is there to save memory would save none.
 */
function isWorthHoisting(
  { primitive, inputs, attributes, outputs }: ProgramStep,
  parts: readonly boolean[],
): boolean {
  const [output] = outputs as [ProgramValue];
  const [left] = inputs as [ProgramValue];
  if (!isFloat(output.dtype) || primitive.lowering?.(attributes, inputs, output)?.family !== "product")
    return false;
  const rows = sizeOf(left.shape) / left.shape.at(-1)!;
  const isOnRows = parts[0] === true && parts[1] === false;
  return isOnRows && rows < MANY_ROWS && sizeOf(output.shape) <= MOST_GROWTH * sizeOf(left.shape);
}

/**
 * Does the steps of a body that can be done before the loop. Of those that depend on nothing but what is shared, the ones
 * whose results are larger than their operands stay: a value that is repeated costs nothing until it is stored.
 */
function doneBefore(body: ProgramBody, operands: Sorted<Value>, length: number, like: Value): Known {
  const known = new Map<ProgramValue, Everywhere>();
  /** A value that is known, or a view of one. */
  const isKnown = (value: ProgramValue): boolean =>
    known.has(value) ||
    outside(value, operands, like) !== null ||
    (value.origin.kind === "step" && isView(value.origin.step) && isKnown(value.origin.step.inputs[0]!));
  const at = (value: ProgramValue) =>
    known.get(value) ??
    everywhere(value, (each) => known.get(each) ?? outside(each, operands, like)!, length);
  /** Whether it differs from place to place. */
  const differs = (value: ProgramValue): boolean =>
    known.get(value)?.differs ??
    (value.origin.kind === "step"
      ? differs(value.origin.step.inputs[0]!)
      : outside(value, operands, like)!.differs);
  for (const step of body.steps) {
    const { primitive, inputs, attributes, outputs } = step;
    if (!inputs.every(isKnown)) continue;
    const parts = inputs.map(differs);
    const isShared = !parts.includes(true);
    if (isShared ? total(outputs) > total(inputs) : !isWorthHoisting(step, parts)) continue;
    const values = inputs.map((input) => at(input).value);
    const made = isShared
      ? applyAll(primitive, values, attributes)
      : forMany(primitive, values, attributes, parts, length);
    outputs.forEach((output, i) => {
      known.set(output, { value: made[i]!, differs: !isShared });
    });
  }
  return known;
}

const nothing: Known = new Map();

/** A body without what can be done before its loop: that is done now, and is scanned or shared like the operands. */
export function hoisted(
  body: ProgramBody,
  operands: Sorted<Value>,
  length: number,
): { readonly body: ProgramBody; readonly operands: Sorted<Value> } {
  const { carries, scanned, shared } = operands;
  const like = (carries[0] ?? scanned[0] ?? shared[0])!;
  const known = length === 0 ? nothing : doneBefore(body, operands, length, like);
  if (known.size === 0) return { body, operands };
  const isDone = (step: ProgramStep) => known.has(step.outputs[0]!);
  const needed = ancestorsOf(body.outputs, isDone);
  const read = [...known].filter(([value]) => needed.has(value));
  const [wholes, others] = [true, false].map((is) => read.filter(([, { differs }]) => differs === is));
  const given: readonly Value[] = [
    ...[...carries, ...scanned],
    ...wholes!.map(([, { value }]) => value),
    ...shared,
    ...others!.map(([, { value }]) => value),
  ];
  const own = carries.length + scanned.length;
  const all = own + wholes!.length;
  const placeOf = new Map([
    ...wholes!.map(([value], i) => [value, own + i] as const),
    ...others!.map(([value], i) => [value, all + shared.length + i] as const),
  ]);
  const leftOut = new Set(
    body.steps.filter((step) => isDone(step) || !step.outputs.some((each) => needed.has(each))),
  );
  const { make } = algebraOf(like);
  const { program, reads } = noted(
    given.map((value, i) => (i >= carries.length && i < all ? partOf(value) : value)),
    like,
    (list) => {
      const valueAt = runSteps(
        body,
        (value) => {
          const { origin } = value;
          if (origin.kind === "constant") return make(origin.array);
          if (origin.kind !== "argument") return list[placeOf.get(value)!]!;
          return list[origin.place < own ? origin.place : origin.place + wholes!.length]!;
        },
        leftOut,
      );
      return body.outputs.map(valueAt);
    },
    own,
  );
  return {
    body: program,
    operands: {
      carries,
      scanned: reads.filter((i) => i >= carries.length && i < all).map((i) => given[i]!),
      shared: reads.filter((i) => i >= all).map((i) => given[i]!),
    },
  };
}
