// A histogram.

export interface Bins {
  /** One more than there are counts. */
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}

/** Counts the finite values in so many bins of equal width between the least and the greatest. */
export function binsOf(values: ArrayLike<number>, count: number): Bins {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  const finite = Array.from(values).filter(Number.isFinite);
  for (const value of finite) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (finite.length === 0) [low, high] = [0, 1];
  // Half of it, where adding a half would change nothing.
  const room = Math.max(0.5, Math.abs(low) / 2);
  if (low === high) [low, high] = [low - room, high + room];
  const counts = Array.from({ length: count }, () => 0);
  for (const value of finite) {
    const bin = Math.min(count - 1, Math.floor(((value - low) / (high - low)) * count));
    counts[bin]!++;
  }
  return { edges: Array.from({ length: count + 1 }, (_, i) => low + ((high - low) * i) / count), counts };
}
