// Elementwise functions of the common vocabulary that are made of atoms. Each is a name, an arity and an
// expression; it becomes a method beside the atoms'.

import type { Arity, Repeat } from "./atoms/atom.ts";
import type { Expression } from "./expression.ts";

/** An elementwise function stated as an expression of its operands. */
export interface Compound<N extends Arity = Arity> {
  readonly name: string;
  readonly arity: N;
  readonly result: "same";
  readonly build: (...operands: Repeat<Expression, N>) => Expression;
}

/** Rectifier max(0, x); derivative 0 at 0, and NaN stays NaN. */
export const relu: Compound<1> = {
  name: "relu",
  arity: 1,
  result: "same",
  // Asking "x ≤ 0?" rather than "x > 0?" lets a NaN through, so that a broken run shows.
  build: (x) => x.lessEqual(0).select(0, x),
};

/** x held between a lower and an upper bound; outside, and at the bounds, the derivative in x is 0. */
export const clip: Compound<3> = {
  name: "clip",
  arity: 3,
  result: "same",
  build: (x, low, high) => x.lessEqual(low).select(low, x.greaterEqual(high).select(high, x)),
};
