// Schedules one after another.

import { full, where } from "@adjoint/autograd";
import { checkFunction } from "../arguments.ts";
import { checkNotNegative } from "../optimizers/ranges.ts";
import { rateAt, type Schedule } from "../optimizers/rate.ts";

/** From a step on: a rate, or a schedule, which counts from there. */
export interface Stage {
  /** The step at which it begins; the first begins at 0. */
  readonly from: number;
  /** The learning rate from there on, or a schedule of it. */
  readonly rate: number | Schedule;
}

/**
 * Schedules one after another, each of which counts its steps from 0:
 * `joined([{ from: 0, rate: warmUp(0.1, { steps: 5 }) }, { from: 5, rate: cosineDecay(0.1, { steps: 95 }) }])`. As PyTorch's
 * SequentialLR; with numbers, its MultiStepLR. Throws RangeError unless they begin at 0 and at rising whole numbers.
 */
export function joined(stages: readonly Stage[]): Schedule {
  const list: readonly Stage[] = Array.isArray(stages) ? stages : [];
  const starts = list.map(({ from }) => from);
  if (starts[0] !== 0 || !starts.every((from, i) => Number.isSafeInteger(from) && !(from <= starts[i - 1]!)))
    throw new RangeError(
      `joined: the schedules begin at [${starts.join(", ")}] and must begin at 0 and at rising whole numbers, e.g. [{ from: 0, rate: warmUp(0.1, { steps: 5 }) }, { from: 5, rate: 0.1 }]`,
    );
  const parts = list.map(({ from, rate }) => {
    if (typeof rate !== "number") {
      checkFunction("joined", "a rate", rate, "warmUp(0.1, { steps: 5 })");
      return { from, schedule: rate };
    }
    checkNotNegative("joined", "the rate", rate, "0.1");
    return { from, schedule: () => full([], rate, { dtype: "float64" }) };
  });
  return (step) =>
    parts
      .map(({ from, schedule }) => ({ from, rate: rateAt("joined", schedule, step.sub(from)) }))
      // The last one that has begun.
      .reduce((before, { from, rate }) => ({
        from,
        rate: where(step.greaterEqual(from), rate, before.rate),
      })).rate;
}
