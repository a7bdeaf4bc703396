// A rate that rises once, and falls far below where it began.

import { type Tensor, where } from "@adjoint/autograd";
import { checkOptions } from "../arguments.ts";
import { checkPositive, checkWhole } from "../optimizers/ranges.ts";
import type { Schedule } from "../optimizers/rate.ts";
import { scheduled } from "./schedule.ts";

/** The options of `oneCycle`. */
export interface OneCycleOptions {
  /** How many steps there are in all. */
  readonly steps: number;
  /** The part of the steps in which the rate rises: above 0 and below 1, 0.3 by default. */
  readonly rising?: number;
  /** The first rate is the largest divided by this; 25 by default. */
  readonly divide?: number;
  /** The last rate is the first divided by this; 1e4 by default. */
  readonly divideLast?: number;
}

/**
 * From rate/divide to the rate and down to rate/(divide·divideLast), each along half a cosine; then the last rate. Smith &
 * Topin (2019); as PyTorch's OneCycleLR. Throws RangeError for options out of range.
 */
export function oneCycle(rate: number, options: OneCycleOptions): Schedule {
  checkOptions("oneCycle", options, ["steps", "rising", "divide", "divideLast"]);
  const { steps, rising = 0.3, divide = 25, divideLast = 1e4 } = options;
  checkWhole("oneCycle", "steps", steps, 1000, 2);
  checkPositive("oneCycle", "divide", divide, "25");
  checkPositive("oneCycle", "divideLast", divideLast, "1e4");
  const top = rising * steps - 1;
  if (!(rising < 1 && top > 0))
    throw new RangeError(
      `oneCycle: rising ${rising} of ${steps} steps must be below 1 and be more than one step, e.g. 0.3 of 1000`,
    );
  const [first, last] = [rate / divide, rate / divide / divideLast];
  const between = (from: number, to: number, share: Tensor) =>
    share
      .mul(Math.PI)
      .cos()
      .add(1)
      .mul((from - to) / 2)
      .add(to);
  return scheduled("oneCycle", rate, (step) => {
    const up = between(first, rate, step.div(top));
    const down = between(
      rate,
      last,
      step
        .minimum(steps - 1)
        .sub(top)
        .div(steps - 1 - top),
    );
    return where(step.lessEqual(top), up, down);
  });
}
