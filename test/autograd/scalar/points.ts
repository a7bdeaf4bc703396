// Points at which an entry of the vocabulary can be differentiated, and numerical derivatives to compare with.

import fc from "fast-check";
import type { Atom } from "../../../packages/autograd/src/expression/atoms/atom.ts";
import {
  functionOf,
  kinkConditions,
} from "../../../packages/autograd/src/expression/elementwise-function.ts";
import { interpreter } from "../../../packages/autograd/src/expression/to-function.ts";
import type { Definition } from "../../../packages/autograd/src/expression/vocabulary.ts";

/** Operands within the entry's smooth domain, at least 0.1 from its kinks where that can be told. */
export function smoothPoints(entry: Definition): fc.Arbitrary<number[]> {
  const fn = functionOf(entry);
  const kinks = kinkConditions(fn.expression).map(interpreter);
  const operands = fn.signature.operands.map((kind, i) => {
    if (kind === "bool") return fc.constantFrom(0, 1);
    const { from, to } = (entry as Partial<Atom>).smoothOn?.[i] ?? { from: -Infinity, to: Infinity };
    return fc.double({ min: Math.max(from + 0.2, -3), max: Math.min(to, 3), noNaN: true });
  });
  return fc
    .tuple(...operands)
    .map((point) => [...point])
    .filter((point) => kinks.every((kink) => Math.abs(kink(...point)) > 0.1));
}

/** The derivative by central differences of shrinking steps, extrapolated, and its error (Ridders, 1982). */
export function numericalDerivative(
  f: (x: number) => number,
  x: number,
): { derivative: number; error: number } {
  let h = 0.05;
  let best = { derivative: NaN, error: Infinity };
  let row: number[] = [];
  for (let i = 0; i < 10; i++) {
    const next = [(f(x + h) - f(x - h)) / (2 * h)];
    for (let j = 1; j <= i; j++) {
      const power = 2 ** j;
      next[j] = (power * next[j - 1]! - row[j - 1]!) / (power - 1);
      const error = Math.max(Math.abs(next[j]! - next[j - 1]!), Math.abs(next[j]! - row[j - 1]!));
      if (error <= best.error) best = { derivative: next[j]!, error };
    }
    row = next;
    // The step's square halves, so the error's leading terms fall by 2, 4, 8 …
    h /= Math.SQRT2;
  }
  return best;
}
