// Derivatives of vector functions along a line by differences alone, each with an error bar. Knows no tensors.

/** Derivatives with a bound on how far each is from the truth. Infinite where nothing can be said. */
export interface Estimates {
  readonly values: Float64Array;
  readonly errors: Float64Array;
}

/** A function of a step along a line; entries may be NaN or infinite outside its domain. */
export type Line = (step: number) => Float64Array;

const levels = 13;

/** By central differences, extrapolated to step zero. */
export function centralDerivative(line: Line, firstStep: number, noise: Float64Array): Estimates {
  return ridders(4, firstStep, noise.length, (h) => difference(line(h), line(-h), 2 * h, noise));
}

/** From one side (+1 or −1). The value at the point itself must be the limit from that side. */
export function oneSidedDerivative(
  line: Line,
  firstStep: number,
  noise: Float64Array,
  side: 1 | -1,
): Estimates {
  const here = line(0);
  return ridders(2, firstStep, noise.length, (h) => difference(line(side * h), here, side * h, noise));
}

/** Slopes, and how far rounding alone may put each off. */
interface Slopes {
  readonly value: Float64Array;
  readonly rounding: Float64Array;
}

// What rounding does to a value that nothing is known of: a few units of its last place.
const relative = 2 ** -49;

/** `noise` is that at the point; where the value is zero there, away from it there is more. */
function difference(a: Float64Array, b: Float64Array, by: number, noise: Float64Array): Slopes {
  return {
    value: a.map((value, i) => (value - b[i]!) / by),
    rounding: noise.map(
      (each, i) => (2 * Math.max(each, relative * Math.max(Math.abs(a[i]!), Math.abs(b[i]!)))) / Math.abs(by),
    ),
  };
}

/**
 * Ridders' extrapolation (1982): a tableau of differences at halved steps, each column removing one more power of the step.
 * An entry's error is its larger distance to the two it was made from, twice, plus the noise of the values it was
 * differenced from, carried through the tableau. The entry of least error counts, each component for itself, unless
 * smaller steps refute it.
 */
function ridders(base: 2 | 4, firstStep: number, size: number, measure: (h: number) => Slopes): Estimates {
  const values = new Float64Array(size).fill(NaN);
  const errors = new Float64Array(size).fill(Infinity);
  let previous: Slopes[] = [];
  let h = firstStep;
  let worse = 0;
  for (let level = 0; level < levels; level++, h /= 2) {
    const row = [measure(h)];
    if (level > 0) refute(values, errors, row[0]!, previous[0]!);
    let improved = false;
    let power = 1;
    for (let j = 1; j <= previous.length; j++) {
      power *= base;
      const [left, above] = [row[j - 1]!, previous[j - 1]!];
      const value = new Float64Array(size);
      const rounding = new Float64Array(size);
      for (let i = 0; i < size; i++) {
        value[i] = (power * left.value[i]! - above.value[i]!) / (power - 1);
        rounding[i] = (power * left.rounding[i]! + above.rounding[i]!) / (power - 1);
        const apart = Math.max(
          Math.abs(value[i]! - left.value[i]!),
          Math.abs(value[i]! - above.value[i]!),
          // Two that agree by chance are many among so many entries; three are few.
          Math.abs(value[i]! - (previous[j] ?? above).value[i]!),
        );
        const error = 2 * apart + rounding[i]!;
        if (error < errors[i]!) {
          errors[i] = error;
          values[i] = value[i]!;
          improved = true;
        }
      }
      row.push({ value, rounding });
    }
    previous = row;
    worse = improved || level < 4 ? 0 : worse + 1;
    // Smaller steps only make it worse where rounding has taken over. Elsewhere there may be jumps yet to get away from.
    if (worse >= 2 && errors.every((error, i) => row[0]!.rounding[i]! > error)) break;
  }
  return { values, errors };
}

/**
 * Differences approach their limit as the step shrinks. An estimate from which the next one moves away was an agreement by
 * chance, as two jumps within one step and one within half of it make: it counts no more.
 */
function refute(values: Float64Array, errors: Float64Array, finer: Slopes, coarser: Slopes): void {
  for (let i = 0; i < values.length; i++) {
    const [near, far] = [finer.value[i]! - values[i]!, coarser.value[i]! - values[i]!].map(Math.abs);
    if (near! > 2 * far! + errors[i]! + finer.rounding[i]!) errors[i] = Infinity;
  }
}
