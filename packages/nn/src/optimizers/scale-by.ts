// Gradients, or steps, times a number.

import { type Link, mapPaths, multiplyingBy } from "./link.ts";
import { checkNotNegative } from "./ranges.ts";
import { rateAt, type Schedule } from "./rate.ts";

/**
 * Multiplies by a number, or by a function of the step: own rates for some variables,
 * `chain(adam(), only((path) => path.startsWith("head."), scaleBy(10)))`. As optax's `scale` and `scale_by_schedule`.
 * Throws RangeError for a number below 0.
 */
export function scaleBy(factor: number | Schedule): Link {
  if (typeof factor !== "function") checkNotNegative("scaleBy", "the factor", factor, "scaleBy(0.1)");
  return {
    name: "scaleBy",
    apply(gradients, { steps }) {
      const now = typeof factor === "function" ? rateAt("scaleBy", factor, steps) : factor;
      return mapPaths(
        gradients,
        typeof now === "number" ? (gradient) => gradient.mul(now) : multiplyingBy(now),
      );
    },
  };
}
