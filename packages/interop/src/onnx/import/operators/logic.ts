// Truth values: comparisons, their combinations, and the choice by them.

import { type Tensor, where } from "@adjoint/autograd";
import { allWhole, checkSameType, Datum, mapWhole, numbersIfKnown } from "../datum.ts";
import type { Operator, Operators } from "./operator.ts";

/** A comparison of two values of one type. */
const comparison = (
  since: number,
  known: (a: bigint, b: bigint) => boolean,
  compare: (a: Tensor, b: Tensor) => Tensor,
): Operator => ({
  since,
  inputs: [2, 2],
  prepare:
    () =>
    ([a, b]) => {
      checkSameType(a!, b!);
      return allWhole([a, b])
        ? mapWhole("bool", [a!, b!], (x, y) => BigInt(known(x!, y!)))
        : Datum.of(compare(a!.tensor, b!.tensor));
    },
});

const combination = (
  known: (a: bigint, b: bigint) => bigint,
  combine: (a: Tensor, b: Tensor) => Tensor,
): Operator => ({
  since: 7,
  inputs: [2, 2],
  prepare:
    () =>
    ([a, b]) =>
      allWhole([a, b])
        ? mapWhole("bool", [a!, b!], (x, y) => known(x!, y!))
        : Datum.of(combine(a!.tensor, b!.tensor)),
});

/** Whether it is known which elements a condition takes, so that whole numbers remain known. */
function knownTruths(condition: Datum): Datum | null {
  if (condition.whole !== null) return condition;
  const truths = numbersIfKnown(condition.tensor);
  return truths === null ? null : Datum.ofWhole("bool", condition.shape, Array.from(truths, BigInt));
}

export const logic: Operators = {
  And: combination(
    (a, b) => a & b,
    (a, b) => a.and(b),
  ),
  Equal: comparison(
    7,
    (a, b) => a === b,
    (a, b) => a.equal(b),
  ),
  Greater: comparison(
    7,
    (a, b) => a > b,
    (a, b) => a.greater(b),
  ),
  GreaterOrEqual: comparison(
    12,
    (a, b) => a >= b,
    (a, b) => a.greaterEqual(b),
  ),
  IsInf: {
    since: 10,
    inputs: [1, 1],
    prepare(node) {
      const [negative, positive] = [node.flag("detect_negative", true), node.flag("detect_positive", true)];
      return ([x]) => {
        const infinite = x!.tensor.isInfinite();
        if (negative && positive) return Datum.of(infinite);
        const side = negative ? x!.tensor.less(0) : x!.tensor.greater(0);
        return Datum.of(negative || positive ? infinite.and(side) : infinite.and(infinite.not()));
      };
    },
  },
  IsNaN: {
    since: 9,
    inputs: [1, 1],
    prepare:
      () =>
      ([x]) =>
        Datum.of(x!.tensor.isNaN()),
  },
  Less: comparison(
    7,
    (a, b) => a < b,
    (a, b) => a.less(b),
  ),
  LessOrEqual: comparison(
    12,
    (a, b) => a <= b,
    (a, b) => a.lessEqual(b),
  ),
  Not: {
    since: 1,
    inputs: [1, 1],
    prepare:
      () =>
      ([x]) =>
        x!.whole === null ? Datum.of(x!.tensor.not()) : mapWhole("bool", [x!], (value) => 1n - value!),
  },
  Or: combination(
    (a, b) => a | b,
    (a, b) => a.or(b),
  ),
  Where: {
    since: 9,
    inputs: [3, 3],
    prepare:
      () =>
      ([condition, a, b]) => {
        checkSameType(a!, b!);
        const truths = allWhole([a, b]) ? knownTruths(condition!) : null;
        return truths === null
          ? a!.with(where(condition!.tensor, a!.tensor, b!.tensor))
          : mapWhole(a!.type, [truths, a!, b!], (isTrue, x, y) => (isTrue === 1n ? x! : y!));
      },
  },
  Xor: combination(
    (a, b) => a ^ b,
    (a, b) => a.notEqual(b),
  ),
};
