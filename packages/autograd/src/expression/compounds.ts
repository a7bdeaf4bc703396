// Elementwise functions of the common vocabulary that are made of atoms. Each is a name, an arity and an
// expression; it becomes a method beside the atoms'.

import type { Arity, Repeat, ResultKind } from "./atoms/atom.ts";
import type { Expression } from "./expression.ts";

/** An elementwise function stated as an expression of its operands. */
export interface Compound<N extends Arity = Arity, R extends ResultKind = "same"> {
  readonly name: string;
  readonly arity: N;
  readonly result: R;
  readonly build: (...operands: Repeat<Expression, N>) => Expression;
  /** Throws where the operands beside the first are known to be wrong. Called wherever the compound is called as a method. */
  readonly check?: (others: readonly unknown[]) => void;
}

/** Rectifier max(0, x); derivative 0 at 0, and NaN stays NaN. */
export const relu: Compound<1> = {
  name: "relu",
  arity: 1,
  result: "same",
  // The condition is x ≤ 0 rather than x > 0, so that NaN stays NaN and a broken run shows.
  build: (x) => x.lessEqual(0).select(0, x),
};

/** Logistic function 1/(1 + e⁻ˣ), by the name that machine learning gives it. */
export const sigmoid: Compound<1> = {
  name: "sigmoid",
  arity: 1,
  result: "same",
  build: (x) => x.logistic(),
};

/**
 * x held between a lower and an upper bound. The derivative is that of x between the bounds and at them, so that a
 * parameter that was clipped to a bound may leave it again; outside, and where the bounds are equal, it is the bound's.
 * Throws RangeError for bounds that are numbers and cross or are NaN. Where bounds are tensors, a NaN does not bind,
 * and where they cross, the result is the lower one.
 */
export const clip: Compound<3> = {
  name: "clip",
  arity: 3,
  result: "same",
  build(x, low, high) {
    // Bounds that are equal leave x nowhere to go. NaN, which lies nowhere, stays NaN between them, too.
    const between = low.equal(high).select(x.equal(low).select(low, x), x);
    return x.less(low).select(low, x.greater(high).select(high, between));
  },
  check(bounds) {
    const [low, high] = bounds.map(numberOf);
    // An operand that is no number is not known yet.
    if ((low ?? -Infinity) <= (high ?? Infinity)) return;
    throw new RangeError(
      `clip: nothing lies between the bounds ${low ?? "(a tensor)"} and ${high ?? "(a tensor)"}; give the lower one first, and no NaN`,
    );
  },
};

/** The number that an operand is, given as such or as a constant; undefined for any other operand. */
function numberOf(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  const { isConstant, constant } = (value ?? {}) as Partial<Expression>;
  return isConstant === true ? constant : undefined;
}

/** Truth of an element of any type, as NumPy has it: 0 is false, and all else is true, NaN too. */
const truth = (x: Expression): Expression => x.notEqual(0);

/** Whether both are true, where 0 is false and all else true; `and` takes truth values only. NumPy's `logical_and`. */
export const logicalAnd: Compound<2, "bool"> = {
  name: "logicalAnd",
  arity: 2,
  result: "bool",
  build: (a, b) => truth(a).and(truth(b)),
};

/** Whether one or both are true, where 0 is false and all else true; `or` takes truth values only. NumPy's `logical_or`. */
export const logicalOr: Compound<2, "bool"> = {
  name: "logicalOr",
  arity: 2,
  result: "bool",
  build: (a, b) => truth(a).or(truth(b)),
};

/** Whether one is true and the other is not, where 0 is false and all else true. NumPy's `logical_xor`. */
export const logicalXor: Compound<2, "bool"> = {
  name: "logicalXor",
  arity: 2,
  result: "bool",
  // Not by notEqual: it has a kink wherever its operands are equal, and truth values are, almost everywhere.
  build(a, b) {
    const [p, q] = [truth(a), truth(b)];
    return p.or(q).and(p.and(q).not());
  },
};

/** Whether it is 0, which is false; `not` takes truth values only. NumPy's `logical_not`. */
export const logicalNot: Compound<1, "bool"> = {
  name: "logicalNot",
  arity: 1,
  result: "bool",
  build: (x) => x.equal(0),
};
