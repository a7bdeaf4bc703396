// Adadelta: steps in the unit of the weights, from the mean squares of gradients and of earlier steps.

import { checkOptions } from "../arguments.ts";
import { link } from "./link.ts";
import { follow } from "./moments.ts";
import { type Optimizer, optimizer } from "./optimizer.ts";
import { checkFraction, checkPositive } from "./ranges.ts";
import type { Schedule } from "./rate.ts";

/** The options of `adadelta`. */
export interface AdadeltaOptions {
  /** Multiplies the steps, which need none; 1 by default. */
  readonly learningRate?: number | Schedule;
  /** How slowly the mean squares are forgotten; 0.9 by default. */
  readonly decay?: number;
  /** Lets the first steps be more than 0; 1e-6 by default. */
  readonly epsilon?: number;
}

/**
 * Steps scaled by the ratio of the root mean squares of past steps and gradients, so that no learning rate is needed.
 * Zeiler (2012), algorithm 1; as PyTorch's Adadelta. Throws RangeError for options out of range.
 */
export function adadelta(options: AdadeltaOptions = {}): Optimizer {
  checkOptions("adadelta", options, ["learningRate", "decay", "epsilon"]);
  const { learningRate = 1, decay = 0.9, epsilon = 1e-6 } = options;
  checkFraction("adadelta", "decay", decay, 0.9);
  checkPositive("adadelta", "epsilon", epsilon, "1e-6");
  const rule = link("adadelta", ({ gradient, memory }) => {
    const meanSquare = follow(memory("meanSquare"), gradient.square(), decay);
    const meanSquareStep = memory("meanSquareStep");
    const step = meanSquareStep.value.add(epsilon).sqrt().div(meanSquare.add(epsilon).sqrt()).mul(gradient);
    follow(meanSquareStep, step.square(), decay);
    return step;
  });
  return optimizer("adadelta", learningRate, rule);
}
