// A rate that falls by the same factor in each step.

import { full } from "@adjoint/autograd";
import { checkOptions } from "../arguments.ts";
import { checkPositive, checkWhole } from "../optimizers/ranges.ts";
import type { Schedule } from "../optimizers/rate.ts";
import { scheduled } from "./schedule.ts";

/** The options of `exponentialDecay`. */
export interface ExponentialDecayOptions {
  /** What the rate is multiplied by in `every` steps. */
  readonly factor: number;
  /** In how many steps; 1 by default. */
  readonly every?: number;
}

/** rate·factor^(t/every), as PyTorch's ExponentialLR. Throws RangeError for options out of range. */
export function exponentialDecay(rate: number, options: ExponentialDecayOptions): Schedule {
  checkOptions("exponentialDecay", options, ["factor", "every"]);
  const { factor, every = 1 } = options;
  checkPositive("exponentialDecay", "factor", factor, "0.999");
  checkWhole("exponentialDecay", "every", every, 1000);
  return scheduled("exponentialDecay", rate, (step) =>
    full([], factor, { dtype: "float64" }).pow(step.div(every)).mul(rate),
  );
}
