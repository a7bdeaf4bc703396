// Reverse mode whose results are on the tape again, so that they can be differentiated in turn.

import type { ElementwiseFunction } from "../expression/elementwise-function.ts";
import { descend } from "./backward.ts";
import { functions, Kind, total } from "./rules.ts";
import { CAPACITY, type Dependencies, type Leaf, type Place, type Segment } from "./segment.ts";

/** How to write on the tape. */
export interface Writer<S> {
  apply(fn: ElementwiseFunction, operands: readonly S[]): S;
  constant(value: number): S;
  /** A value that is there already. */
  at(segment: Segment, index: number, dependencies: Dependencies | null): S;
}

/** The derivatives of `root` with respect to leaves and intermediates; undefined where it does not depend on one. */
export function gradient<S>(
  root: Place,
  inputs: readonly (Leaf | Place)[],
  write: Writer<S>,
): (S | undefined)[] {
  const sums = new Map<Leaf | number, S>();
  const wanted = new Set(inputs.map(keyOf));
  const add = (sum: S | undefined, term: S) => (sum === undefined ? term : write.apply(total, [sum, term]));

  descend<S>([{ place: root, cotangent: write.constant(1) }], (segment, arrivals, dependencies) => {
    const adjoints: (S | undefined)[] = [];
    let low = Infinity;
    for (const { index, cotangent } of arrivals) {
      adjoints[index] = add(adjoints[index], cotangent);
      low = Math.min(low, segment.low[index]!);
    }

    for (let i = adjoints.length - 1; i >= low; i--) {
      const g = adjoints[i];
      if (g === undefined) continue;
      const key = segment.code[i] === Kind.leaf ? segment.leaves[segment.a[i]!]! : placeKey(segment, i);
      if (wanted.has(key)) sums.set(key, add(sums.get(key), g));
      if (segment.code[i] === Kind.part) {
        throw new TypeError(
          "gradient: a value that it would pass through was computed by a compiled function, whose derivatives are numbers; ask for the gradient inside (compile(() => loss.gradient(inputs))), or call the function uncompiled",
        );
      }
      const step = segment.read(i, functions);
      if (step === null) continue;
      for (let k = 0; k < step.operands.length; k++) {
        const operand = step.operands[k]!;
        if (segment.code[operand] === Kind.constant && !wanted.has(placeKey(segment, operand))) continue;
        const rule = step.fn.pullback(k);
        if (rule === null) continue;
        const known = rule.operands.map((source) => {
          if (source.from === "tangent") return g;
          return write.at(segment, source.from === "output" ? i : step.operands[source.index]!, dependencies);
        });
        const term = rule.fn === null ? known[0]! : write.apply(rule.fn, known);
        adjoints[operand] = add(adjoints[operand], term);
      }
    }
    return (index) => adjoints[index];
  });
  return inputs.map((input) => sums.get(keyOf(input)));
}

/** A leaf is itself wherever it lies; an intermediate is where it lies. */
const keyOf = (input: Leaf | Place) => ("segment" in input ? placeKey(input.segment, input.index) : input);

const placeKey = (segment: Segment, index: number) => segment.serial * CAPACITY + index;
