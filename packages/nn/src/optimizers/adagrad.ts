// Adagrad: steps divided by the root of the sum of all squares of the gradient so far.

import { checkOptions } from "../arguments.ts";
import { link } from "./link.ts";
import { type Optimizer, optimizer } from "./optimizer.ts";
import { checkNotNegative } from "./ranges.ts";
import type { Schedule } from "./rate.ts";

/** The options of `adagrad`. */
export interface AdagradOptions {
  /** 0.01 by default. */
  readonly learningRate?: number | Schedule;
  /** What the sums of squares start at; 0 by default. */
  readonly initialSum?: number;
  /** Keeps the division finite; 1e-10 by default. */
  readonly epsilon?: number;
}

/** W ← W − ρ∇/(√Σ∇² + ε). Duchi, Hazan & Singer (2011); as PyTorch's Adagrad. Throws RangeError for options out of range. */
export function adagrad(options: AdagradOptions = {}): Optimizer {
  checkOptions("adagrad", options, ["learningRate", "initialSum", "epsilon"]);
  const { learningRate = 0.01, initialSum = 0, epsilon = 1e-10 } = options;
  checkNotNegative("adagrad", "initialSum", initialSum, "0.1");
  checkNotNegative("adagrad", "epsilon", epsilon, "1e-10");
  const rule = link("adagrad", ({ gradient, memory }) => {
    const sum = memory("sumOfSquares", gradient.shape, initialSum);
    sum.assign(sum.value.add(gradient.square()));
    return gradient.div(sum.value.sqrt().add(epsilon));
  });
  return optimizer("adagrad", learningRate, rule);
}
