// Lion: steps of one size in each direction, by the sign of a running mean.

import { checkOptions } from "../arguments.ts";
import { link } from "./link.ts";
import { follow } from "./moments.ts";
import { type Optimizer, optimizer } from "./optimizer.ts";
import { checkBetas } from "./ranges.ts";
import type { Schedule } from "./rate.ts";
import { weightDecay as decay } from "./weight-decay.ts";

/** The options of `lion`. */
export interface LionOptions {
  /** 1e-4 by default: 3 to 10 times smaller than for Adam. */
  readonly learningRate?: number | Schedule;
  /** How much the mean counts beside the gradient in a step, and how slowly the mean is forgotten; 0.9 and 0.99 by default. */
  readonly betas?: readonly [number, number];
  /** In each step a weight loses learningRate·weightDecay of itself; 0 by default. */
  readonly weightDecay?: number;
}

/** W ← W − ρ(sign(β₁m + (1 − β₁)∇) + λW). Chen et al. (2023), algorithm 2. Throws RangeError for options out of range. */
export function lion(options: LionOptions = {}): Optimizer {
  checkOptions("lion", options, ["learningRate", "betas", "weightDecay"]);
  const { learningRate = 1e-4, betas = [0.9, 0.99], weightDecay = 0 } = options;
  checkBetas("lion", betas);
  const [beta1, beta2] = betas;
  const rule = link("lion", ({ gradient, memory }) => {
    const mean = memory("mean");
    const direction = mean.value
      .mul(beta1)
      .add(gradient.mul(1 - beta1))
      .sign();
    follow(mean, gradient, beta2);
    return direction;
  });
  return optimizer("lion", learningRate, rule, decay(weightDecay));
}
