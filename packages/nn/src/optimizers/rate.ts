// The learning rate: a number, or a function of the step, in a variable that holds the one in use.

import { full, type Tensor, type Variable, variable } from "@adjoint/autograd";
import { checkTensor, hasShape } from "../arguments.ts";
import { checkNotNegative } from "./ranges.ts";

/** A learning rate as a function of the number of steps taken before: float64 of shape [] to a number of shape []. */
export type Schedule = (step: Tensor<[]>) => Tensor;

/** What a schedule gives, in float64. */
export function rateAt(name: string, schedule: Schedule, steps: Tensor<[]>): Tensor<[]> {
  const rate = schedule(steps);
  checkTensor(
    name,
    "what the schedule returned",
    rate,
    "compute it from the step, e.g. (step) => step.mul(-0.1).exp()",
  );
  if (!hasShape<[]>(rate, []))
    throw new RangeError(
      `${name}: the schedule returned shape [${rate.shape.join(", ")}] and must return a single number, e.g. (step) => step.mul(-0.1).exp()`,
    );
  return rate.cast("float64");
}

export class Rate {
  /** A variable, float64 so that the rate has all digits that were written. */
  readonly learningRate: Variable<[]>;
  readonly schedule: Schedule | null;
  readonly #name: string;

  constructor(name: string, rate: number | Schedule) {
    this.#name = name;
    this.schedule = typeof rate === "function" ? rate : null;
    if (typeof rate !== "function")
      checkNotNegative(name, "learningRate", rate, "{ learningRate: 0.01 }, or a schedule");
    const first =
      typeof rate === "function"
        ? rateAt(name, rate, full([], 0, { dtype: "float64" }))
        : full([], rate, { dtype: "float64" });
    this.learningRate = variable(first, { name: "learningRate", trainable: false });
  }

  /** The rate of the step after so many. Not detached: where a transform watches it, its derivative goes on. */
  at(steps: Tensor<[]>): Tensor<[]> {
    if (this.schedule !== null) this.learningRate.assign(rateAt(this.#name, this.schedule, steps));
    return this.learningRate.value;
  }
}
