// Gradient descent.

import { checkOptions } from "../arguments.ts";
import { type Optimizer, optimizer } from "./optimizer.ts";

export interface SgdOptions {
  readonly learningRate: number;
  /** How much of the last step is kept: from 0 (the default) to below 1. Polyak (1964). */
  readonly momentum?: number;
  /** Whether to look ahead along the last step before correcting it. Nesterov (1983), as Sutskever et al. (2013) state it. */
  readonly nesterov?: boolean;
  /** Adds weightDecay·W to the gradient: the derivative of ½·weightDecay·‖W‖². */
  readonly weightDecay?: number;
}

/** Gradient descent: W ← W − ρ∇, the lecture's update. Throws RangeError for options out of range. */
export function sgd(options: SgdOptions): Optimizer {
  checkOptions("sgd", options, ["learningRate", "momentum", "nesterov", "weightDecay"]);
  const { learningRate, momentum = 0, nesterov = false, weightDecay = 0 } = options;
  if (!(momentum >= 0 && momentum < 1))
    throw new RangeError(`sgd: momentum ${momentum} must be from 0 to below 1, e.g. 0.9`);
  if (!(weightDecay >= 0))
    throw new RangeError(`sgd: weightDecay ${weightDecay} must be 0 or more, e.g. 1e-4`);
  if (nesterov && momentum === 0)
    throw new RangeError("sgd: nesterov needs a momentum above 0, e.g. momentum: 0.9");
  return optimizer("sgd", learningRate, ({ value, gradient, rate, memory }) => {
    const slope = weightDecay === 0 ? gradient : gradient.add(value.mul(weightDecay));
    if (momentum === 0) return value.sub(slope.mul(rate));
    const velocity = memory("velocity");
    velocity.assign(velocity.value.mul(momentum).add(slope));
    const kept = velocity.value;
    return value.sub((nesterov ? slope.add(kept.mul(momentum)) : kept).mul(rate));
  });
}
