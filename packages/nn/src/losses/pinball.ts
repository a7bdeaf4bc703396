// The loss whose mean is least at a quantile.

import { DTypeError, guarded, type Tensor } from "@adjoint/autograd";
import { checkTensor } from "../arguments.ts";
import { checkBroadcasts, checkNumber, type Loss, type LossOptions, perElement } from "./loss.ts";

/** The options of `pinball`. */
export interface PinballOptions extends LossOptions {
  /**
   * The quantile to predict, between 0 and 1; 0.5, the median, by default. A tensor that broadcasts to the predictions
   * has one for each element, such as [0.1, 0.5, 0.9] for predictions [batch, 3].
   */
  readonly level?: number | Tensor;
}

const message = "pinball: level {} is no quantile's; levels lie between 0 and 1, e.g. 0.9";

function levelsOf(level: number | Tensor, { shape, dtype }: Tensor): number | Tensor {
  if (typeof level !== "object") {
    checkNumber("pinball", "level", level, (x) => x > 0 && x < 1, "between 0 and 1, e.g. 0.9");
    return level;
  }
  checkTensor("pinball", "level", level, "give a number, or a tensor of levels");
  checkBroadcasts("pinball", "levels", level, shape);
  if (level.dtype !== dtype)
    throw new DTypeError(
      `pinball: levels are ${level.dtype} and predictions ${dtype}; they must be of one type: cast("${dtype}")`,
    );
  // The numbers next to 0 and to 1, since a check allows its ends.
  return guarded(level, { from: Number.MIN_VALUE, to: 1 - Number.EPSILON / 2, message });
}

/**
 * level·d where the target lies d above the prediction, (1 − level)·d where it lies d below, of each element: its mean is
 * least where that share of the targets lies below the prediction. Derivative 0 where they agree. Throws RangeError for a
 * level outside (0, 1), ShapeError or DTypeError for levels that don't fit. Koenker & Bassett (1978).
 */
export const pinball: Loss<PinballOptions> = perElement(
  "pinball",
  (p, t, { level = 0.5 }: PinballOptions) => {
    const levels = levelsOf(level, p);
    const rest = typeof levels === "number" ? 1 - levels : levels.neg().add(1);
    return t.sub(p).relu().mul(levels).add(p.sub(t).relu().mul(rest));
  },
  { options: ["level"] },
);
