// The ends of a chart's vertical axis.

import { powerOfTen } from "./scale.ts";

/**
 * From the least to the greatest number, 0 included; on a logarithmic axis from the least to the greatest power of ten
 * around the positive ones. Never empty.
 */
export function domainOf(
  columns: readonly (readonly (number | null)[])[],
  isLogarithmic: boolean,
): readonly [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const column of columns)
    for (const y of column) {
      if (y === null || !Number.isFinite(y) || (isLogarithmic && y <= 0)) continue;
      if (y < low) low = y;
      if (y > high) high = y;
    }
  if (low > high) return isLogarithmic ? [0.1, 1] : [0, 1];
  if (isLogarithmic) {
    const [a, b] = [powerOfTen(Math.floor(Math.log10(low))), powerOfTen(Math.ceil(Math.log10(high)))];
    return a === b ? [a / 10, b] : [a, b];
  }
  [low, high] = [Math.min(0, low), Math.max(0, high)];
  return low === high ? [0, 1] : [low, high];
}
