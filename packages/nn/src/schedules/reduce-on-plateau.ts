// A rate that falls where the loss no longer does.

import { full, type Tensor, type Variable, variable, where } from "@adjoint/autograd";
import { checkOptions, checkTensor } from "../arguments.ts";
import { checkFraction, checkNotNegative, checkWhole } from "../optimizers/ranges.ts";
import type { Schedule } from "../optimizers/rate.ts";

/** The options of `reduceOnPlateau`. */
export interface PlateauOptions {
  /** What the rate is multiplied by; 0.1 by default. */
  readonly factor?: number;
  /** The number of reports in a row without progress after which the rate is reduced; 10 by default. */
  readonly patience?: number;
  /** Progress is a loss below best·(1 − threshold); 1e-4 by default. */
  readonly threshold?: number;
  /** The number of reports after a reduction that don't count as lacking progress; 0 by default. */
  readonly cooldown?: number;
  /** The rate is never less; 0 by default. */
  readonly least?: number;
}

/** A schedule to which losses are reported, and the variables with its state. */
export interface Plateau extends Schedule {
  /** The rate in use. */
  readonly rate: Variable<[]>;
  /** The least loss reported. */
  readonly best: Variable<[]>;
  /** How many reports in a row were without progress. */
  readonly waited: Variable<[]>;
  /** How many reports of the cooldown are left. */
  readonly cooling: Variable<[]>;
  /** Reports a loss, such as that of the validation set after an epoch. */
  report(loss: Tensor | number): void;
}

/**
 * The rate, times the factor whenever the loss reported has made no progress for longer than the patience:
 * `const rate = reduceOnPlateau(0.1); adam({ learningRate: rate }); … rate.report(loss)`. As PyTorch's ReduceLROnPlateau.
 * Its state is in variables, which `variables(optimizer)` finds. Throws RangeError for options out of range.
 */
export function reduceOnPlateau(rate: number, options: PlateauOptions = {}): Plateau {
  const name = "reduceOnPlateau";
  checkOptions(name, options, ["factor", "patience", "threshold", "cooldown", "least"]);
  const { factor = 0.1, patience = 10, threshold = 1e-4, cooldown = 0, least = 0 } = options;
  checkNotNegative(name, "the rate", rate, "reduceOnPlateau(0.1)");
  checkFraction(name, "factor", factor, 0.1);
  checkWhole(name, "patience", patience, 10, 0);
  checkFraction(name, "threshold", threshold, 1e-4);
  checkWhole(name, "cooldown", cooldown, 0, 0);
  checkNotNegative(name, "least", least, "1e-6");
  const kept = (what: string, start: number) =>
    variable(full([], start, { dtype: "float64" }), { name: `${name} ${what}`, trainable: false });
  const state = {
    rate: kept("rate", rate),
    best: kept("best", Infinity),
    waited: kept("waited", 0),
    cooling: kept("cooling", 0),
  };
  const report = (loss: Tensor | number) => {
    if (typeof loss !== "number") checkTensor(name, "the loss", loss, "report(loss)");
    const now: Tensor =
      typeof loss === "number" ? full([], loss, { dtype: "float64" }) : loss.detach().cast("float64");
    const { best, waited, cooling } = state;
    const isBetter = now.less(best.value.mul(1 - threshold));
    best.assign(where(isBetter, now, best.value));
    const isCooling = cooling.value.greater(0);
    const without = where(isBetter.logicalOr(isCooling), waited.value.mul(0), waited.value.add(1));
    const isDue = without.greater(patience);
    state.rate.assign(where(isDue, state.rate.value.mul(factor).maximum(least), state.rate.value));
    cooling.assign(where(isDue, without.mul(0).add(cooldown), cooling.value.sub(1).maximum(0)));
    waited.assign(where(isDue, without.mul(0), without));
  };
  const schedule: Schedule = () => state.rate.value;
  return Object.assign(schedule, { ...state, report });
}
