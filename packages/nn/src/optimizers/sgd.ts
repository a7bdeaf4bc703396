// Gradient descent.

import { checkOptions } from "../arguments.ts";
import { link } from "./link.ts";
import { type Optimizer, optimizer } from "./optimizer.ts";
import { checkFraction, checkNotNegative } from "./ranges.ts";
import type { Schedule } from "./rate.ts";

/** The options of `sgd`. */
export interface SgdOptions {
  /** ρ: a number, or a schedule. Required. */
  readonly learningRate: number | Schedule;
  /** How much of the last step is kept: from 0 (the default) to below 1. Polyak (1964). */
  readonly momentum?: number;
  /** Whether to look ahead along the last step before correcting it. Nesterov (1983), as Sutskever et al. (2013) state it. */
  readonly nesterov?: boolean;
  /** Adds weightDecay·W to the gradient: the derivative of ½·weightDecay·‖W‖². */
  readonly weightDecay?: number;
}

/** Gradient descent: W ← W − ρ∇, the lecture's update; as PyTorch's SGD. Throws RangeError for options out of range. */
export function sgd(options: SgdOptions): Optimizer {
  checkOptions("sgd", options, ["learningRate", "momentum", "nesterov", "weightDecay"]);
  const { learningRate, momentum = 0, nesterov = false, weightDecay = 0 } = options;
  checkFraction("sgd", "momentum", momentum, 0.9);
  checkNotNegative("sgd", "weightDecay", weightDecay, "1e-4");
  if (nesterov && momentum === 0)
    throw new RangeError("sgd: nesterov needs a momentum above 0, e.g. momentum: 0.9");
  const rule = link("sgd", ({ value, gradient, memory }) => {
    const slope = weightDecay === 0 ? gradient : gradient.add(value.mul(weightDecay));
    if (momentum === 0) return slope;
    const velocity = memory("velocity");
    velocity.assign(velocity.value.mul(momentum).add(slope));
    return nesterov ? slope.add(velocity.value.mul(momentum)) : velocity.value;
  });
  return optimizer("sgd", learningRate, rule);
}
