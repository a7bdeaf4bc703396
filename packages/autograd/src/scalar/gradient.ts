// Reverse mode that records its results on the tape, so that they can be differentiated in turn.

import type { ElementwiseFunction } from "../expression/elementwise-function.ts";
import { descend } from "./backward.ts";
import { functions, Kind, total } from "./rules.ts";
import { CAPACITY, type Dependencies, type Leaf, type Place, type Segment } from "./segment.ts";

/** Writes on the tape. `S` is the type of a value. */
export interface Writer<S> {
  apply(fn: ElementwiseFunction, operands: readonly S[]): S;
  constant(value: number): S;
  /** A value that is on the tape already. */
  at(segment: Segment, index: number, dependencies: Dependencies | null): S;
}

/** The derivative of `root` with respect to each input; undefined where `root` does not depend on the input. */
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
          "gradient: this Scalar depends on a result of a compiled function, whose derivatives are numbers; ask for the gradient inside (compile(() => loss.gradient(inputs))), or call the function uncompiled",
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

/** The key of a leaf is the leaf, wherever its nodes lie. The key of an intermediate is its place. */
const keyOf = (input: Leaf | Place) => ("segment" in input ? placeKey(input.segment, input.index) : input);

const placeKey = (segment: Segment, index: number) => segment.serial * CAPACITY + index;
