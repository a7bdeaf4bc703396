// What an atom is: one elementary function of one element, stated once. Everything else
// (derivatives of any order, kernels, text, tests) is derived from these fields.

import type { Expression } from "../expression.ts";
import type { Lane, Lanes } from "../lanes.ts";

/** How many operands an elementary function has. */
export type Arity = 1 | 2 | 3;

/** What an elementwise function yields: `"same"` is the operands' type, `"bool"` a truth value (1 or 0 inside). */
export type ResultKind = "same" | "bool";

/** Which element types an operand may have: `"float"`, any `"number"` (not bool), only `"bool"`, or `"any"`. */
export type OperandKind = "float" | "number" | "bool" | "any";

/** An interval of the real line; its ends count as outside (the function need not be smooth there). */
export interface Interval {
  /** The lower end; −∞ for none. */
  readonly from: number;
  /** The upper end; ∞ for none. */
  readonly to: number;
}

/** A tuple of N copies of T. */
export type Repeat<T, N extends Arity> = N extends 1 ? [T] : N extends 2 ? [T, T] : [T, T, T];

/**
 * One elementary function of N elements.
 *
 * `value` is the reference meaning, on float64 numbers; for elements of another type, its result is rounded to that type
 * after every atom. `partials` are the derivatives with respect to
 * each operand, as expressions in the operands and, last, the output y (tanh: 1 − y²).
 * A partial that is 0 everywhere is written `() => 0`.
 */
export interface Atom<N extends Arity = Arity, R extends ResultKind = ResultKind> {
  /** The name, in printed expressions and errors. */
  readonly name: string;
  /** How many operands it has. */
  readonly arity: N;
  /** The type of the result: that of the operands, or bool. */
  readonly result: R;
  /** Which element types it takes: one kind for all operands, or one for each. */
  readonly operands: OperandKind | Repeat<OperandKind, N>;
  /** Its value on numbers. */
  readonly value: (...operands: Repeat<number, N>) => number;
  /**
   * How lanes compute it, where `lanes/table.ts` does not say it; where neither does, its value is called lane by lane.
   * Operands are float lanes, or masks where they are truth values; so is the result. Within 2 ulps of the exact value, and
   * with the value's special cases.
   */
  readonly lanes?: (lanes: Lanes, ...operands: Repeat<Lane, N>) => Lane;
  /**
   * Its value on int32 elements, modulo 2³², where rounding to a float64 may lose low bits. Absent: `value`,
   * reduced to 32 bits.
   */
  readonly whole?: {
    readonly value: (...operands: Repeat<number, N>) => number;
    /** Operands and result are float lanes of 64 bits that hold int32 numbers. */
    readonly lanes: (lanes: Lanes, ...operands: Repeat<Lane, N>) => Lane;
  };
  /**
   * The derivative with respect to each operand, as an expression of the operands and, last, the output; a number where
   * it is constant.
   */
  readonly partials: Repeat<
    (...operandsAndOutput: [...Repeat<Expression, N>, Expression]) => Expression | number,
    N
  >;
  /** Where the function is smooth: an interval for each operand. Absent: everywhere. */
  readonly smoothOn?: Repeat<Interval, N>;
  /** Expressions in the operands whose zeros are kinks, jumps or poles; absent: none. */
  readonly kinks?: (...operands: Repeat<Expression, N>) => Expression[];
  /** Swapping the two operands changes nothing. */
  readonly commutative?: boolean;
  /**
   * A zero operand makes the result zero, also beside an infinity or NaN; the same holds in the products of its
   * derivatives.
   */
  readonly zeroWins?: boolean;
  /** Where the printed form is not `name(a, b)`. Binding power as in arithmetic: 1 for +, 2 for ·, 3 for sign and power. */
  readonly notation?:
    | { readonly infix: string; readonly power: number }
    | { readonly prefix: string; readonly power: number };
}

export const everywhere: Interval = { from: -Infinity, to: Infinity };
