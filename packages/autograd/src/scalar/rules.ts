// Operation codes and derivative rules of the scalar tape, all derived from the vocabulary: each entry of one or two
// operands has a code of its own. No operation is named here.

import { type ElementwiseFunction, functionOf } from "../expression/elementwise-function.ts";
import { Expression, substitute } from "../expression/expression.ts";
import { Builder, sum } from "../expression/simplify.ts";
import { type NumberFunction, toFunction } from "../expression/to-function.ts";
import { vocabulary } from "../expression/vocabulary.ts";

/**
 * The codes that are not operations of the vocabulary. An `externalCall` stands for a computation done outside the
 * tape, and a `part` for one of its results.
 */
export const Kind = { constant: 0, leaf: 1, older: 2, call: 3, externalCall: 4, part: 5, first: 6 } as const;

/** The function of each code, from `Kind.first` on. */
export const functions: readonly ElementwiseFunction[] = [
  ...new Array<ElementwiseFunction>(Kind.first),
  ...vocabulary.filter((entry) => entry.arity <= 2).map(functionOf),
];

const codes: ReadonlyMap<ElementwiseFunction, number> = new Map(
  functions.flatMap((fn, code) => (code < Kind.first ? [] : [[fn, code] as const])),
);

/** A function's operation code; undefined for a function that is recorded as a call. */
export function codeOf(fn: ElementwiseFunction): number | undefined {
  return codes.get(fn);
}

/** The function that adds two cotangents of one value. */
export const total: ElementwiseFunction = (() => {
  const build = new Builder();
  return functionOf(sum(build, build.input(0), build.input(1)).atom!);
})();

/**
 * The cotangent of one operand as an expression of n + 2 inputs: the n operands, the output, and the output's
 * cotangent. Null where it is zero everywhere.
 */
export function cotangent(fn: ElementwiseFunction, operand: number): Expression | null {
  const rule = fn.pullback(operand);
  if (rule === null) return null;
  const places = rule.operands.map((source) => {
    if (source.from === "input") return Expression.input(source.index);
    return Expression.input(source.from === "output" ? fn.arity : fn.arity + 1);
  });
  return rule.fn === null ? places[0]! : substitute(rule.fn.expression, places);
}

const numeric = new WeakMap<ElementwiseFunction, readonly (NumberFunction | null)[]>();

/** The cotangent of each operand as a function of numbers; null where `cotangent` is. */
export function cotangents(fn: ElementwiseFunction): readonly (NumberFunction | null)[] {
  let rules = numeric.get(fn);
  if (rules === undefined) {
    rules = Array.from({ length: fn.arity }, (_, operand) => {
      const expression = cotangent(fn, operand);
      return expression === null ? null : toFunction(expression, fn.arity + 2);
    });
    numeric.set(fn, rules);
  }
  return rules;
}
