// What schedules have in common: the check of their rates, and their form.

import type { Tensor } from "@adjoint/autograd";
import { checkTensor } from "../arguments.ts";
import { checkNotNegative } from "../optimizers/ranges.ts";
import type { Schedule } from "../optimizers/rate.ts";

/** A schedule from its formula, with the checks that all have: of the rate, and of the step. */
export function scheduled(name: string, rate: number, formula: (step: Tensor<[]>) => Tensor): Schedule {
  checkNotNegative(name, "the rate", rate, `${name}(0.1, { … })`);
  return (step) => {
    checkTensor(
      name,
      "the step",
      step,
      'give a number of steps as a tensor: tensor(0, { dtype: "float64" })',
    );
    return formula(step.cast("float64"));
  };
}
