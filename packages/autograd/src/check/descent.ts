// Of what a result was made: every operation's operands, whether or not derivatives flow through it.

import { isFloat } from "../array/dtype.ts";
import type { NDArray } from "../array/ndarray.ts";
import { interpose } from "../tape/interpose.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** What each array was made of while a function ran. */
export type Descent = ReadonlyMap<NDArray, readonly NDArray[]>;

/** Runs a function and notes of what it makes its arrays. */
export function traceDescent(run: () => Tensor[]): { results: Tensor[]; descent: Descent } {
  const descent = new Map<NDArray, readonly NDArray[]>();
  let operands: NDArray[] = [];
  // An operation may make several arrays, one after another, of the same operands.
  let isNext = true;
  const results = interpose(
    {
      perturb(operand) {
        if (isNext) operands = [];
        isNext = false;
        operands.push(operand);
        return operand;
      },
      made({ array }) {
        // An operation may hand its operand on.
        const others = operands.filter((operand) => operand !== array);
        if (!descent.has(array)) descent.set(array, others);
        isNext = true;
      },
    },
    run,
  );
  return { results, descent };
}

/** Some arrays and all that they were made of; with `floatsOnly`, what comparisons, orders and indices conduct is left out. */
export function ancestorsOf(arrays: readonly NDArray[], descent: Descent, floatsOnly = false): Set<NDArray> {
  const all = new Set(arrays);
  for (const array of all)
    for (const operand of descent.get(array) ?? [])
      if (!floatsOnly || isFloat(operand.dtype)) all.add(operand);
  return all;
}
