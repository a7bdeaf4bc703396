// Takes the arguments and the result of a compiled function apart: both are trees that hold leaves of engines
// among other values.

import { kindOf } from "../array/arguments.ts";
import { type Flat, flatten, refusals } from "../array/tree.ts";
import type { Leaves } from "../tape/engine.ts";

const among = <Leaf>(engines: readonly Leaves<Leaf>[]) => ({
  isLeaf: (value: unknown): value is Leaf => engines.some((engine) => engine.isLeaf(value)),
  isFixed: (value: object) => engines.some((engine) => engine.isFixed(value)),
});

/**
 * Returns the leaves of some engines in the arguments of a call, and the form of the tree. Throws TypeError
 * for a value whose numbers may change without the program reading them again.
 */
export function argumentsOf<Leaf>(args: readonly unknown[], ...engines: readonly Leaves<Leaf>[]): Flat<Leaf> {
  return flatten<Leaf>(args, {
    ...among(engines),
    other(value, path) {
      if (ArrayBuffer.isView(value))
        throw new TypeError(
          `compile: argument${path} is ${kindOf(value)}, whose numbers a program would not see change; give a tensor: tensor(…)`,
        );
    },
    ...refusals("compile: argument"),
  });
}

/**
 * Returns the leaves and the form of a call's result. Throws TypeError for a value that may hold leaves and
 * can't be walked.
 */
export function resultOf<Leaf>(result: unknown, ...engines: readonly Leaves<Leaf>[]): Flat<Leaf> {
  return flatten<Leaf>(result, { ...among(engines), ...refusals("compile: the result") });
}
