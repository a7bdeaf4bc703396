// What a result was made of: the operands of every operation, whether or not derivatives flow through it.

import { isFloat } from "../array/dtype.ts";
import type { NDArray } from "../array/ndarray.ts";
import { interpose } from "../tape/interpose.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** What each array was made of while a function ran. */
export type Descent = ReadonlyMap<NDArray, readonly NDArray[]>;

/** Runs a function and notes what each of its arrays is made of. */
export function traceDescent(run: () => Tensor[]): { results: Tensor[]; descent: Descent } {
  const descent = new Map<NDArray, readonly NDArray[]>();
  let operands: NDArray[] = [];
  // An operation may make several arrays, one after another, from the same operands.
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
        // An operation may return its operand itself.
        const others = operands.filter((operand) => operand !== array);
        if (!descent.has(array)) descent.set(array, others);
        isNext = true;
      },
    },
    run,
  );
  return { results, descent };
}

/** Some arrays and all that they were made of; with `floatsOnly`, without what influences them only through comparisons, orders and indices. */
export function ancestorsOf(arrays: readonly NDArray[], descent: Descent, floatsOnly = false): Set<NDArray> {
  const all = new Set(arrays);
  for (const array of all)
    for (const operand of descent.get(array) ?? [])
      if (!floatsOnly || isFloat(operand.dtype)) all.add(operand);
  return all;
}
