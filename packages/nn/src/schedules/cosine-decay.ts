// A rate that falls along half a cosine, once or again and again.

import { checkOptions } from "../arguments.ts";
import { checkNotNegative, checkWhole } from "../optimizers/ranges.ts";
import type { Schedule } from "../optimizers/rate.ts";
import { scheduled } from "./schedule.ts";

/** The options of `cosineDecay`. */
export interface CosineDecayOptions {
  /** The number of steps after which the rate is the last one. */
  readonly steps: number;
  /** The last rate; 0 by default. */
  readonly last?: number;
  /** Whether the rate starts again after that number of steps, instead of staying at the last; false by default. */
  readonly restarts?: boolean;
}

/**
 * last + ½(rate − last)(1 + cos(πt/steps)), then the last rate. As PyTorch's CosineAnnealingLR up to there, whose rate
 * rises again, and with restarts as its CosineAnnealingWarmRestarts. Loshchilov & Hutter (2017). Throws RangeError for options
 * out of range.
 */
export function cosineDecay(rate: number, options: CosineDecayOptions): Schedule {
  checkOptions("cosineDecay", options, ["steps", "last", "restarts"]);
  const { steps, last = 0, restarts = false } = options;
  checkWhole("cosineDecay", "steps", steps, 1000);
  checkNotNegative("cosineDecay", "last", last, "1e-5");
  return scheduled("cosineDecay", rate, (step) => {
    const within = restarts ? step.mod(steps) : step.minimum(steps);
    return within
      .mul(Math.PI / steps)
      .cos()
      .add(1)
      .mul((rate - last) / 2)
      .add(last);
  });
}
