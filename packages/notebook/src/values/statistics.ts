// What a large array of numbers is like, in one pass.

export interface Statistics {
  readonly size: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** The root of the mean square distance from the mean. */
  readonly deviation: number;
  readonly nan: number;
  readonly infinite: number;
  readonly zeros: number;
}

/** Least, greatest, mean and deviation of the finite numbers (NaN where there is none), and counts of the others. */
export function statisticsOf(numbers: ArrayLike<number>): Statistics {
  const size = numbers.length;
  let [min, max, nan, infinite, zeros] = [Infinity, -Infinity, 0, 0, 0];
  // Welford (1962): sums of squares would lose the deviation of numbers that are large beside it.
  let [count, mean, squares] = [0, 0, 0];
  for (let i = 0; i < size; i++) {
    const value = numbers[i]!;
    if (Number.isFinite(value)) {
      if (value < min) min = value;
      if (value > max) max = value;
      if (value === 0) zeros++;
      count++;
      const distance = value - mean;
      mean += distance / count;
      squares += distance * (value - mean);
    } else if (Number.isNaN(value)) nan++;
    else infinite++;
  }
  if (count === 0) {
    const none = Number.NaN;
    return { size, min: none, max: none, mean: none, deviation: none, nan, infinite, zeros };
  }
  return { size, min, max, mean, deviation: Math.sqrt(squares / count), nan, infinite, zeros };
}
