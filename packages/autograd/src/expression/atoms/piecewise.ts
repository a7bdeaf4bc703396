// Functions with kinks and jumps, comparisons and the choice between two values.
// The conventions at kinks and ties are stated here and nowhere else:
//   abs′(0) = 0, sign′ = floor′ = 0, and a tie of maximum or minimum is shared equally.
// Since abs′(0) is 0, a chain of operations through |x| has no curvature at 0, not even |x|·|x|: write x.square(). Inside one
// expression the square of |x| is simplified to that of x.

import type { Lane, Lanes } from "../lanes.ts";
import { type Atom, everywhere } from "./atom.ts";

/** Absolute value; derivative 0 at 0. */
export const abs: Atom<1, "same"> = {
  name: "abs",
  arity: 1,
  result: "same",
  operands: "number",
  value: Math.abs,
  lanes: (l, x) => l.abs(x),
  partials: [(x) => x.sign()],
  kinks: (x) => [x],
};

/** −1, 0 or 1; NaN for NaN. The derivative is 0, at the jump too. */
export const sign: Atom<1, "same"> = {
  name: "sign",
  arity: 1,
  result: "same",
  operands: "number",
  value: Math.sign,
  lanes: (l, x) => {
    const one = l.or(l.constant(1), l.and(x, l.constant(-0)));
    return l.choose(l.isLess(l.constant(0), l.abs(x)), one, x);
  },
  partials: [() => 0],
  kinks: (x) => [x],
};

/** Largest whole number not above x. The derivative is 0, at the jumps too. */
export const floor: Atom<1, "same"> = {
  name: "floor",
  arity: 1,
  result: "same",
  operands: "number",
  value: Math.floor,
  lanes: (l, x) => l.floor(x),
  partials: [() => 0],
  // Zero at every whole number, where the jumps are.
  kinks: (x) => [x.sub(x.add(0.5).floor())],
};

/** The larger of two; NaN if either is. At a tie each gets half of the gradient. */
export const maximum: Atom<2, "same"> = {
  name: "maximum",
  arity: 2,
  result: "same",
  operands: "any",
  value: Math.max,
  // The two orders differ where an operand is NaN (the other then has all bits set) or the zeros have different signs.
  lanes: (l, a, b) => {
    if (a.kind === "mask") return l.or(a, b);
    const [p, q] = [l.greater(a, b), l.greater(b, a)];
    return l.or(l.and(p, q), l.isNotEqual(p, q));
  },
  partials: [(a, b) => share(a.greaterEqual(b), a.equal(b)), (a, b) => share(a.lessEqual(b), a.equal(b))],
  kinks: (a, b) => [a.sub(b)],
  commutative: true,
};

/** The smaller of two; NaN if either is. At a tie each gets half of the gradient. */
export const minimum: Atom<2, "same"> = {
  name: "minimum",
  arity: 2,
  result: "same",
  operands: "any",
  value: Math.min,
  // The two orders differ where an operand is NaN, whose exponent then stands, or the zeros have different signs.
  lanes: (l, a, b) => (a.kind === "mask" ? l.and(a, b) : l.or(l.lesser(a, b), l.lesser(b, a))),
  partials: [(a, b) => share(a.lessEqual(b), a.equal(b)), (a, b) => share(a.greaterEqual(b), a.equal(b))],
  kinks: (a, b) => [a.sub(b)],
  commutative: true,
};

type E = Parameters<Atom<1>["partials"][0]>[0];

// With the choice of zero outermost, the operand that was not chosen contributes exactly zero even where its derivative is infinite.
const share = (wins: E, ties: E): E => wins.select(ties.select(0.5, 1), 0);

function comparison(
  name: string,
  infix: string,
  value: (a: number, b: number) => boolean,
  lanes: (l: Lanes, a: Lane, b: Lane) => Lane,
  commutative = false,
): Atom<2, "bool"> {
  return {
    name,
    arity: 2,
    result: "bool",
    operands: "any",
    value: (a, b) => (value(a, b) ? 1 : 0),
    // As a whole number, the mask for true is −1, and so the smaller.
    lanes: (l, a, b) => (a.kind === "mask" ? lanes(l, b, a) : lanes(l, a, b)),
    partials: [() => 0, () => 0],
    kinks: (a, b) => [a.sub(b)],
    commutative,
    notation: { infix: ` ${infix} `, power: 0 },
  };
}

/** a = b; false for NaN. */
export const equal: Atom<2, "bool"> = comparison(
  "equal",
  "=",
  (a, b) => a === b,
  (l, a, b) => l.isEqual(a, b),
  true,
);
/** a ≠ b; true for NaN. */
export const notEqual: Atom<2, "bool"> = comparison(
  "notEqual",
  "≠",
  (a, b) => a !== b,
  (l, a, b) => l.isNotEqual(a, b),
  true,
);
/** a < b; false for NaN. */
export const less: Atom<2, "bool"> = comparison(
  "less",
  "<",
  (a, b) => a < b,
  (l, a, b) => l.isLess(a, b),
);
/** a ≤ b; false for NaN. */
export const lessEqual: Atom<2, "bool"> = comparison(
  "lessEqual",
  "≤",
  (a, b) => a <= b,
  (l, a, b) => l.isLessEqual(a, b),
);
/** a > b; false for NaN. */
export const greater: Atom<2, "bool"> = comparison(
  "greater",
  ">",
  (a, b) => a > b,
  (l, a, b) => l.isLess(b, a),
);
/** a ≥ b; false for NaN. */
export const greaterEqual: Atom<2, "bool"> = comparison(
  "greaterEqual",
  "≥",
  (a, b) => a >= b,
  (l, a, b) => l.isLessEqual(b, a),
);

/** Both; truth values only. */
export const and: Atom<2, "bool"> = {
  name: "and",
  arity: 2,
  result: "bool",
  operands: "bool",
  value: (a, b) => (a !== 0 && b !== 0 ? 1 : 0),
  lanes: (l, a, b) => l.and(a, b),
  partials: [() => 0, () => 0],
  commutative: true,
};

/** Either; truth values only. */
export const or: Atom<2, "bool"> = {
  name: "or",
  arity: 2,
  result: "bool",
  operands: "bool",
  value: (a, b) => (a !== 0 || b !== 0 ? 1 : 0),
  lanes: (l, a, b) => l.or(a, b),
  partials: [() => 0, () => 0],
  commutative: true,
};

/** The opposite; truth values only. */
export const not: Atom<1, "bool"> = {
  name: "not",
  arity: 1,
  result: "bool",
  operands: "bool",
  value: (a) => (a === 0 ? 1 : 0),
  lanes: (l, a) => l.not(a),
  partials: [() => 0],
};

/** a where the condition holds, else b. The branch not taken contributes exactly zero to every derivative. */
export const select: Atom<3, "same"> = {
  name: "select",
  arity: 3,
  result: "same",
  operands: ["bool", "any", "any"],
  value: (condition, a, b) => (condition !== 0 ? a : b),
  lanes: (l, condition, a, b) => l.choose(condition, a, b),
  partials: [() => 0, (condition) => condition.select(1, 0), (condition) => condition.select(0, 1)],
  smoothOn: [everywhere, everywhere, everywhere],
};
