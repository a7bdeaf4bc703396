// Which numbers of a program must be looked at before anything changes. What is known to be allowed, such as the places that
// an order consists of, is not looked at.

import type { NDArray } from "../array/ndarray.ts";
import type { Guard, Primitive } from "../tape/value.ts";
import { type ProgramBody, type ProgramStep, type ProgramValue, programsIn } from "./parts.ts";

/** Numbers that must be checked before anything changes. */
export interface GuardedValue {
  readonly numbers: ProgramValue;
  look(numbers: NDArray): void;
  /** Whether it may answer differently to the same numbers. */
  readonly mayDiffer: boolean;
}

/** The numbers that must be checked before anything changes. */
export const guardsOf = ({ steps }: ProgramBody): readonly GuardedValue[] =>
  steps.flatMap((step) => {
    const { inputs, attributes } = step;
    const guard = guardOf(step);
    if (guard === undefined) return [];
    return [
      {
        numbers: inputs[guard.operand]!,
        look: (numbers: NDArray) => guard.look(numbers, attributes, inputs),
        mayDiffer: guard.mayDiffer?.(attributes) ?? false,
      },
    ];
  });

/** Whether a step may throw because of numbers, itself or within a program that it holds. */
export const mayRefuse = (step: ProgramStep): boolean =>
  guardOf(step) !== undefined ||
  step.primitive.mayThrow === true ||
  programsIn(step).some(({ steps }) => steps.some(mayRefuse));

/** The guard of a step; undefined where it has none, or where the numbers that it looks at are known to be allowed. */
function guardOf({ primitive, inputs, attributes }: ProgramStep): Guard<unknown> | undefined {
  const { guard } = primitive;
  const allowed = guard?.allowsBelow?.(attributes, inputs);
  const isKnown = guard !== undefined && allowed !== undefined && boundOf(inputs[guard.operand]!) <= allowed;
  return isKnown ? undefined : guard;
}

/** All elements of a value are whole numbers from 0 to below this one; Infinity where that is not known. */
function boundOf(value: ProgramValue): number {
  for (let { origin } = value; origin.kind === "step"; ) {
    const { primitive, attributes, inputs }: ProgramStep = origin.step;
    if (primitive.isBelow !== undefined) return primitive.isBelow(attributes, inputs);
    if (!isMoved(primitive, origin.step)) return Infinity;
    ({ origin } = inputs[0]!);
  }
  return Infinity;
}

/** Whether a step gives elements of its operand and no others. */
function isMoved({ lowering }: Primitive, { attributes, inputs, outputs: [output] }: ProgramStep): boolean {
  const family = lowering?.(attributes, inputs, output!)?.family;
  return family === "view" || family === "regroup";
}
