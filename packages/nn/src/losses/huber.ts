// A square near the target and a line far from it.

import { checkNumber, type Loss, type LossOptions, perElement } from "./loss.ts";

/** The options of `huber`. */
export interface HuberOptions extends LossOptions {
  /** The distance at which the square becomes a line; 1 by default. */
  readonly delta?: number;
}

/**
 * ½d² of each element up to a distance d of `delta`, and beyond it delta·(d − ½delta), which goes on with the same slope,
 * as PyTorch's HuberLoss. Throws RangeError for a delta that is not above 0 and finite. Huber (1964).
 */
export const huber: Loss<HuberOptions> = perElement(
  "huber",
  (p, t, { delta = 1 }: HuberOptions) => {
    checkNumber("huber", "delta", delta, (x) => x > 0 && x < Infinity, "above 0 and finite, e.g. 1");
    const difference = p.sub(t);
    const distance = difference.abs();
    const line = distance.sub(delta / 2).mul(delta);
    // The square of the difference, not of the distance, whose slope is 0 at 0: there its curvature would be lost.
    return distance.lessEqual(delta).select(difference.square().mul(0.5), line);
  },
  { options: ["delta"] },
);
