// LAMB: Adam's direction, in steps that are a share of each variable's length.

import { onesLike, where } from "@adjoint/autograd";
import { checkOptions } from "../arguments.ts";
import { adamLink } from "./adam.ts";
import { link } from "./link.ts";
import { type Optimizer, optimizer } from "./optimizer.ts";
import { checkNotNegative } from "./ranges.ts";
import type { Schedule } from "./rate.ts";

/** The options of `lamb`. */
export interface LambOptions {
  /** 0.001 by default. */
  readonly learningRate?: number | Schedule;
  /** How slowly the mean and the mean square of the gradients are forgotten; 0.9 and 0.999 by default. */
  readonly betas?: readonly [number, number];
  /** Keeps the division finite; 1e-6 by default. */
  readonly epsilon?: number;
  /** Adds weightDecay·W to the direction before it is scaled; 0 by default. */
  readonly weightDecay?: number;
}

/**
 * W ← W − ρ·(‖W‖/‖r‖)·r with r = m̂/(√v̂ + ε) + λW for each variable. You et al. (2020), algorithm 2 with φ(z) = z; where
 * W or r is 0 the ratio is 1. Throws RangeError for options out of range.
 */
export function lamb(options: LambOptions = {}): Optimizer {
  checkOptions("lamb", options, ["learningRate", "betas", "epsilon", "weightDecay"]);
  const { learningRate = 1e-3, betas = [0.9, 0.999], epsilon = 1e-6, weightDecay = 0 } = options;
  checkNotNegative("lamb", "weightDecay", weightDecay, "0.01");
  const trusting = link("lamb", ({ value, gradient }) => {
    const direction = gradient.add(value.mul(weightDecay));
    const [length, asked] = [value.norm(), direction.norm()];
    const isUsable = length.greater(0).logicalAnd(asked.greater(0));
    return direction.mul(where(isUsable, length.div(asked), onesLike(length)));
  });
  return optimizer("lamb", learningRate, adamLink("lamb", { betas, epsilon }), trusting);
}
