// The functions that the page on the index offers, and how a typed one is read.

import type { Expression } from "@adjoint/autograd";
import { FormulaMistake } from "../../../packages/playground/src/lab/formula/formula-mistake.ts";
import { parsed } from "../../../packages/playground/src/lab/formula/parse.ts";

/** Why a typed formula is none, and where in the text. */
export interface Mistake {
  readonly message: string;
  /** The first character that does not fit, counted from 0. */
  readonly at: number;
}

/** Reads a formula of x, as the playground does. */
export function parseFormula(text: string): Expression | Mistake {
  try {
    return parsed(text);
  } catch (error) {
    if (!(error instanceof FormulaMistake)) throw error;
    return { message: error.message, at: error.from };
  }
}

export interface Formula {
  readonly text: string;
  readonly of: (x: Expression) => Expression;
  /** What a reader would write. */
  readonly code: string;
}

export const formulas: readonly Formula[] = [
  {
    text: "x · tanh(softplus(x))",
    code: "x.mul(x.softplus().tanh())",
    of: (x) => x.mul(x.softplus().tanh()),
  },
  { text: "tanh(x)", code: "x.tanh()", of: (x) => x.tanh() },
  { text: "1 / (1 + e⁻ˣ)", code: "x.logistic()", of: (x) => x.logistic() },
  { text: "x³/4 − x", code: "x.pow(3).div(4).sub(x)", of: (x) => x.pow(3).div(4).sub(x) },
  { text: "sin(x²)", code: "x.square().sin()", of: (x) => x.square().sin() },
  { text: "e^(−x²/2)", code: "x.square().div(-2).exp()", of: (x) => x.square().div(-2).exp() },
  { text: "relu(x)", code: "x.relu()", of: (x) => x.relu() },
  { text: "|x|", code: "x.abs()", of: (x) => x.abs() },
];
