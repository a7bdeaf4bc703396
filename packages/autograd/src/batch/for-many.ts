// One operation for many: by the primitive's own rule, or part by part.

import { rangeAlong, reshaped, spread, stacked } from "../primitives/moving.ts";
import { applyAll } from "../tape/apply.ts";
import { listOf } from "../tape/outputs.ts";
import type { Primitive, Value } from "../tape/value.ts";
import { filled } from "../tape/zeros.ts";

/**
 * The results of an operation on each part of some operands, those that have one more axis in front, of this size; each
 * result has such an axis.
 */
export function forMany(
  primitive: Primitive,
  inputs: readonly Value[],
  attributes: unknown,
  isBatched: readonly boolean[],
  size: number,
): readonly Value[] {
  if (primitive.shifted !== undefined) {
    const wholes = inputs.map((input, i) => (isBatched[i] ? input : spread(input, [size, ...input.shape])));
    return applyAll(primitive, wholes, primitive.shifted(attributes, size));
  }
  const made = primitive.batched?.(inputs, attributes, isBatched, size) ?? null;
  return made === null ? partByPart(primitive, inputs, attributes, isBatched, size) : listOf(made);
}

function partByPart(
  primitive: Primitive,
  inputs: readonly Value[],
  attributes: unknown,
  isBatched: readonly boolean[],
  size: number,
): readonly Value[] {
  if (size === 0) return nothing(primitive, inputs, attributes, isBatched);
  const parts = Array.from({ length: size }, (_, at) =>
    applyAll(
      primitive,
      inputs.map((input, i) => (isBatched[i] ? partAt(input, at) : input)),
      attributes,
    ),
  );
  return parts[0]!.map((_, k) => stacked(parts.map((outputs) => outputs[k]!)));
}

/** One part of a whole. */
export const partAt = (whole: Value, at: number): Value =>
  reshaped(rangeAlong(whole, 0, at, 1), whole.shape.slice(1));

/** Results without parts. */
function nothing(
  primitive: Primitive,
  inputs: readonly Value[],
  attributes: unknown,
  isBatched: readonly boolean[],
): readonly Value[] {
  const descriptions = inputs.map(({ shape, dtype }, i) => ({
    shape: isBatched[i] ? shape.slice(1) : shape,
    dtype,
  }));
  return listOf(primitive.describe(descriptions, attributes)).map(({ shape, dtype }) =>
    filled(0, [0, ...shape], dtype, inputs[0]!),
  );
}
