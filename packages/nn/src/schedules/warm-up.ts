// A rate that rises from little to all.

import { checkOptions } from "../arguments.ts";
import { checkNotNegative, checkWhole } from "../optimizers/ranges.ts";
import type { Schedule } from "../optimizers/rate.ts";
import { scheduled } from "./schedule.ts";

/** The options of `warmUp`. */
export interface WarmUpOptions {
  /** The number of steps after which it is the whole rate. */
  readonly steps: number;
  /** The first rate; 0 by default, so that the first step moves nothing. */
  readonly first?: number;
}

/** Evenly from the first rate to the whole one, then that; as PyTorch's LinearLR. Throws RangeError for options out of range. */
export function warmUp(rate: number, options: WarmUpOptions): Schedule {
  checkOptions("warmUp", options, ["steps", "first"]);
  const { steps, first = 0 } = options;
  checkWhole("warmUp", "steps", steps, 100);
  checkNotNegative("warmUp", "first", first, "0.001");
  return scheduled("warmUp", rate, (step) =>
    step
      .minimum(steps)
      .mul((rate - first) / steps)
      .add(first),
  );
}
