// Points at which an entry of the vocabulary can be differentiated.

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
  const kinks = kinkConditions(fn.expression).map((each) => interpreter(each));
  const operands = fn.signature.operands.map((kind, i) => {
    if (kind === "bool") return fc.constantFrom(0, 1);
    const { from, to } = (entry as Partial<Atom>).smoothOn?.[i] ?? { from: -Infinity, to: Infinity };
    return fc.double({ min: Math.max(from + 0.2, -3), max: Math.min(to - 0.2, 3), noNaN: true });
  });
  return fc
    .tuple(...operands)
    .map((point) => [...point])
    .filter((point) => kinks.every((kink) => Math.abs(kink(...point)) > 0.1));
}
