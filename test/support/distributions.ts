// Draws against the distributions that they claim.

/** How far the draws' distribution function is from F, times √n (Kolmogorov 1933). */
export function kolmogorov(draws: readonly number[], F: (x: number) => number): number {
  const sorted = [...draws].sort((a, b) => a - b);
  return (
    Math.sqrt(draws.length) *
    sorted.reduce((most, x, i) => Math.max(most, F(x) - i / sorted.length, (i + 1) / sorted.length - F(x)), 0)
  );
}

/** Exceeded with probability 2·exp(−2·2.7²) ≈ 9·10⁻⁷. In a normal run keys are fixed and this can't fail by chance. */
export const critical = 2.7;

export const moment = (draws: readonly number[], k: number): number =>
  draws.reduce((sum, x) => sum + x ** k, 0) / draws.length;

/**
 * Pearson's chi-square of the counts of kinds with these probabilities, over the value that it exceeds with probability 10⁻⁶
 * (by Wilson & Hilferty (1931): a chi-square's cube root is nearly normal). Below 1 the counts fit. Kinds of probability 0 must
 * not occur at all.
 */
export function misfit(counts: readonly number[], probabilities: readonly number[]): number {
  const n = counts.reduce((a, b) => a + b, 0);
  const possible = probabilities.filter((p) => p > 0).length;
  const square = counts.reduce((sum, count, i) => {
    const expected = n * probabilities[i]!;
    if (expected === 0) return sum + (count === 0 ? 0 : Infinity);
    return sum + (count - expected) ** 2 / expected;
  }, 0);
  const freedom = possible - 1;
  const spread = 2 / (9 * freedom);
  return square / (freedom * (1 - spread + 4.753 * Math.sqrt(spread)) ** 3);
}
