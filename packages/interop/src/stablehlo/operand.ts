// The values that the text names, and the names of the operations that make them.

import { type ElementType, type Shape, tensorType } from "./types.ts";

/** A value of the text. */
export interface Operand {
  /** Its name in the text: `%3`, `%arg0`, `%4#1`. */
  readonly name: string;
  /** The type of its elements. */
  readonly type: ElementType;
  /** The size of each axis. */
  readonly shape: Shape;
  /** The number that all of its elements are, where that is known. */
  readonly constant?: number;
}

/** How two numbers are compared. NaN is in no order, and NE alone is true of it. */
export type Direction = "EQ" | "NE" | "LT" | "LE" | "GT" | "GE";

/** The operations of StableHLO with one operand and a result of its type. */
export type Unary =
  | "abs"
  | "cbrt"
  | "ceil"
  | "cosine"
  | "exponential"
  | "exponential_minus_one"
  | "floor"
  | "log"
  | "log_plus_one"
  | "logistic"
  | "negate"
  | "not"
  | "round_nearest_even"
  | "rsqrt"
  | "sign"
  | "sine"
  | "sqrt"
  | "tan"
  | "tanh";

/** Those with two operands of one type, and a result of it. */
export type Binary =
  | "add"
  | "and"
  | "atan2"
  | "divide"
  | "maximum"
  | "minimum"
  | "multiply"
  | "or"
  | "power"
  | "remainder"
  | "shift_left"
  | "shift_right_logical"
  | "subtract"
  | "xor";

/** The functions of chlo, a dialect that XLA and StableHLO's own tools expand into StableHLO. */
export type Special = "acos" | "acosh" | "asin" | "asinh" | "atan" | "erf" | "erf_inv";

/** What combines elements in a reduction. */
export type Combining = "add" | "and" | "maximum" | "minimum" | "multiply" | "or";

export const typesOf = (operands: readonly Operand[]): string => operands.map(tensorType).join(", ");
export const namesOf = (operands: readonly Operand[]): string => operands.map(({ name }) => name).join(", ");
export const list = (numbers: Shape): string => `[${numbers.join(", ")}]`;
export const array = (numbers: Shape): string =>
  `array<i64${numbers.length === 0 ? "" : `: ${numbers.join(", ")}`}>`;

/** Private functions of a module by their names, each with its text. */
export type Functions = Map<string, string>;
