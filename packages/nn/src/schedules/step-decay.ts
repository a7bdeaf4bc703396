// A rate that falls by steps.

import { full } from "@adjoint/autograd";
import { checkOptions } from "../arguments.ts";
import { checkPositive, checkWhole } from "../optimizers/ranges.ts";
import type { Schedule } from "../optimizers/rate.ts";
import { scheduled } from "./schedule.ts";

/** The options of `stepDecay`. */
export interface StepDecayOptions {
  /** The number of steps between changes of the rate. */
  readonly every: number;
  /** What it is multiplied by then; 0.1 by default. */
  readonly factor?: number;
}

/** rate·factor^⌊t/every⌋, as PyTorch's StepLR. Throws RangeError for options out of range. */
export function stepDecay(rate: number, options: StepDecayOptions): Schedule {
  checkOptions("stepDecay", options, ["every", "factor"]);
  const { every, factor = 0.1 } = options;
  checkWhole("stepDecay", "every", every, 1000);
  checkPositive("stepDecay", "factor", factor, "0.1");
  return scheduled("stepDecay", rate, (step) =>
    full([], factor, { dtype: "float64" }).pow(step.div(every).floor()).mul(rate),
  );
}
