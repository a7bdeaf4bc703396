// Whether the peers computed the same thing, at the same first values.

import type { Numbers } from "./protocol.ts";

/**
 * float32 carries seven digits, and a million summands added one after another, as some peers do, cost it three to
 * four: the largest difference seen among right answers is 5·10⁻⁴, in E1's sum. A formula that is wrong differs by
 * percents.
 */
export const TOLERANCE = 1e-3;

/** Where two peers' numbers differ most: norms of parts relative to the norm of the whole, others to themselves. */
export function difference(ours: Numbers, theirs: Numbers): number {
  const parts = Object.entries(ours).filter(([name]) => name.startsWith("∇"));
  const whole = Math.hypot(...parts.map(([, value]) => value));
  const differences = Object.entries(ours).map(([name, value]) => {
    const scale = name.startsWith("∇") ? whole : Math.abs(value);
    return Math.abs(value - (theirs[name] ?? Number.NaN)) / scale;
  });
  // A number that is missing or NaN on either side must not pass for agreement.
  return differences.some(Number.isNaN) ? Number.NaN : Math.max(...differences);
}
