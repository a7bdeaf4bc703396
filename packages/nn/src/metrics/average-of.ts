// A loss as a metric.

import { stack } from "@adjoint/autograd";
import type { Loss } from "../losses/loss.ts";
import { type Metric, metric } from "./metric.ts";

/**
 * The mean of a loss over samples and what it has a loss for in each, named after it: `averageOf(absoluteError)`. All
 * count alike, also labels that a loss ignores, with 0. Its `of` throws what the loss throws.
 */
export function averageOf(loss: Loss): Metric {
  return metric({
    name: loss.name,
    part(prediction, target, weights) {
      const each = loss(prediction, target, { reduction: "none" }).cast("float64");
      const w = weights.reshape([weights.size, ...each.shape.slice(1).map(() => 1)]).broadcastTo(each.shape);
      return stack([w.gate(each).sum(), w.sum()]);
    },
    value: (total) => {
      const [sum, count] = total.data as unknown as [number, number];
      return sum / count;
    },
  });
}
