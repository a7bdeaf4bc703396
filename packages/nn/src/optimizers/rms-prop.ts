// RMSProp: steps divided by the root of the running mean square of the gradient.

import { checkOptions } from "../arguments.ts";
import { link } from "./link.ts";
import { follow } from "./moments.ts";
import { type Optimizer, optimizer } from "./optimizer.ts";
import { checkFraction, checkNotNegative } from "./ranges.ts";
import type { Schedule } from "./rate.ts";

/** The options of `rmsProp`. */
export interface RmsPropOptions {
  /** 0.01 by default. */
  readonly learningRate?: number | Schedule;
  /** How slowly the mean square is forgotten; 0.99 by default. */
  readonly decay?: number;
  /** Keeps the division finite; 1e-8 by default. */
  readonly epsilon?: number;
  /** How much of the last step is kept; 0 by default. */
  readonly momentum?: number;
  /** Whether to divide by the deviation of the gradient in place of the root of its mean square: Graves (2013); false by default. */
  readonly centered?: boolean;
}

/** W ← W − ρ∇/(√s + ε), with s the running mean of ∇². Hinton (2012), lecture 6; as PyTorch's RMSprop. Throws RangeError for options out of range. */
export function rmsProp(options: RmsPropOptions = {}): Optimizer {
  checkOptions("rmsProp", options, ["learningRate", "decay", "epsilon", "momentum", "centered"]);
  const { learningRate = 0.01, decay = 0.99, epsilon = 1e-8, momentum = 0, centered = false } = options;
  checkFraction("rmsProp", "decay", decay, 0.99);
  checkFraction("rmsProp", "momentum", momentum, 0.9);
  checkNotNegative("rmsProp", "epsilon", epsilon, "1e-8");
  const rule = link("rmsProp", ({ gradient, memory }) => {
    let spread = follow(memory("meanSquare"), gradient.square(), decay);
    // Rounding may take a variance below 0, which has no root.
    if (centered) spread = spread.sub(follow(memory("mean"), gradient, decay).square()).maximum(0);
    const step = gradient.div(spread.sqrt().add(epsilon));
    if (momentum === 0) return step;
    const velocity = memory("velocity");
    velocity.assign(velocity.value.mul(momentum).add(step));
    return velocity.value;
  });
  return optimizer("rmsProp", learningRate, rule);
}
