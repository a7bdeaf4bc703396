// Sums over all places of a loop, found after it: where a loop would add up products, one product of what the places have
// beside each other does the same, without a pass over the sum at each place.

import { isFloat } from "../array/dtype.ts";
import { sizeOf } from "../array/shape.ts";
import { forMany } from "../batch/for-many.ts";
import { reshaped, summedTo } from "../primitives/moving.ts";
import { applyAll } from "../tape/apply.ts";
import type { Value } from "../tape/value.ts";
import type { ProgramStep, ProgramValue } from "./parts.ts";

/** What all places have of a value of a loop's body. */
export interface Everywhere {
  /** The places' values beside each other; or the one value that all have. */
  readonly value: Value;
  readonly differs: boolean;
}

/** How a sum over all places is found. */
export interface Total {
  /** The values that must be kept at each place. */
  readonly needs: readonly ProgramValue[];
  sum(everywhere: (value: ProgramValue) => Everywhere): Value;
}

/** Whether a step only reads its operand in another order. */
export function isView({ primitive, inputs, attributes, outputs }: ProgramStep): boolean {
  if (inputs.length !== 1 || outputs.length !== 1 || primitive.guard !== undefined) return false;
  const family = primitive.lowering?.(attributes, inputs, outputs[0]!)?.family;
  return family === "view" || family === "regroup";
}

/** What has to be kept for a value: itself, or what it is a view of; nothing for an input that is no carry. */
function keptFor(value: ProgramValue, carries: number): readonly ProgramValue[] {
  const { origin } = value;
  if (origin.kind === "step") return isView(origin.step) ? keptFor(origin.step.inputs[0]!, carries) : [value];
  return origin.kind === "argument" && origin.place < carries ? [value] : [];
}

/** A value at all places, from what is kept. */
export function everywhere(
  value: ProgramValue,
  kept: (value: ProgramValue) => Everywhere,
  length: number,
): Everywhere {
  const { origin } = value;
  if (origin.kind !== "step" || !isView(origin.step)) return kept(value);
  const { primitive, inputs, attributes } = origin.step;
  const inner = everywhere(inputs[0]!, kept, length);
  return inner.differs
    ? { value: forMany(primitive, [inner.value], attributes, [true], length)[0]!, differs: true }
    : { value: applyAll(primitive, [inner.value], attributes)[0]!, differs: false };
}

/** How to sum a value of a loop's body over so many places; null where it can only be added up at each place. */
function totalOf(value: ProgramValue, length: number, carries: number): Total | null {
  const { origin, shape } = value;
  if (origin.kind !== "step" || !isFloat(value.dtype)) return null;
  const { step } = origin;
  const { primitive, inputs, attributes, outputs } = step;
  if (isView(step)) {
    const inner = totalOf(inputs[0]!, length, carries);
    return (
      inner && {
        needs: inner.needs,
        sum: (all) => applyAll(primitive, [inner.sum(all)], attributes)[0]!,
      }
    );
  }
  const needs = inputs.flatMap((input) => keptFor(input, carries));
  if (outputs.length > 1 || primitive.guard !== undefined) return null;
  return {
    needs,
    sum(all) {
      const operands = inputs.map((input) => everywhere(input, all, length));
      const values = operands.map((each) => each.value);
      const differ = operands.map(({ differs }) => differs);
      const summed = primitive.summed?.(values, attributes, differ) ?? null;
      if (summed !== null) return summed;
      const [whole] = forMany(primitive, values, attributes, differ, length);
      return reshaped(summedTo(whole!, [1, ...shape]), shape);
    },
  };
}

/** A pass over a sum at each place costs as much as keeping an eighth of its size there; larger operands are not kept. */
const SHORTER = 8;

/**
 * How to sum each of some values over so many places: after the loop where what has to be kept is small, or is kept for
 * another sum; null where the value is better added up at each place. The first inputs are carries.
 */
export function totalsOf(
  values: readonly ProgramValue[],
  length: number,
  carries: number,
): readonly (Total | null)[] {
  const all = values.map((value) => totalOf(value, length, carries));
  const kept = new Set<ProgramValue>();
  const pays = values.map((value, i) => {
    const total = all[i]!;
    if (total === null) return false;
    const size = total.needs.reduce((sum, need) => sum + sizeOf(need.shape), 0);
    if (SHORTER * size > sizeOf(value.shape)) return false;
    for (const need of total.needs) kept.add(need);
    return true;
  });
  return all.map((total, i) => (pays[i] || total?.needs.every((need) => kept.has(need)) ? total! : null));
}
