// Weights that tend to zero.

import { type Link, link } from "./link.ts";
import { checkNotNegative } from "./ranges.ts";

/**
 * Adds α·W to the gradient. Before an optimizer in a chain this is L2 regularization with the weight α, the derivative of
 * ½α‖W‖²: `chain(weightDecay(1e-4), adam())`. After one it is decoupled decay, by learningRate·α·W in each step, which the
 * optimizer's moments don't see: `chain(adam(), weightDecay(0.01))` is AdamW. Loshchilov & Hutter (2019) compare them.
 * Throws RangeError for an α below 0.
 */
export function weightDecay(alpha: number): Link {
  checkNotNegative("weightDecay", "alpha", alpha, "weightDecay(1e-4)");
  return link("weightDecay", ({ value, gradient }) => gradient.add(value.mul(alpha)));
}
