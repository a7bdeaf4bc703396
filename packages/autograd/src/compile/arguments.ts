// What a function was called with, and gave: trees of leaves among anything else.

import { kindOf } from "../array/arguments.ts";
import { type Flat, flatten, refusals } from "../array/tree.ts";
import type { Leaves } from "../tape/engine.ts";

const among = <Leaf>(engines: readonly Leaves<Leaf>[]) => ({
  isLeaf: (value: unknown): value is Leaf => engines.some((engine) => engine.isLeaf(value)),
  isFixed: (value: object) => engines.some((engine) => engine.isFixed(value)),
});

/**
 * The arguments of a call, taken apart into leaves of some engines. Throws TypeError for what may hold numbers that a
 * program would not see change.
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

/** The result of a call, taken apart. Throws TypeError for what may hold leaves and can't be walked. */
export function resultOf<Leaf>(result: unknown, ...engines: readonly Leaves<Leaf>[]): Flat<Leaf> {
  return flatten<Leaf>(result, { ...among(engines), ...refusals("compile: the result") });
}
