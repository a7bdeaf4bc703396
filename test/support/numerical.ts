// Numerical derivatives that say how wrong they may be, and distances between floating-point numbers.

/** A number and a bound on its distance from the truth. */
export interface Estimate {
  readonly value: number;
  readonly error: number;
}

/** A function to differentiate. One that gives a plain number is taken to be right within 8 units of rounding. */
export type Measured = (x: number) => number | Estimate;

const EPSILON = Number.EPSILON;

// The differences between neighbours of the tableau estimate the truncation error; they are taken twice, since
// they may both be small by accident. Taken once, 8 in a million of the cases in numerical.test.ts escaped their
// bar and 32 in a million of the one-sided ones; taken twice none and 12.
const CAUTION = 2;

/**
 * The derivative of f at x by Ridders' method: central differences with steps h0, h0/2, h0/4 …, extrapolated
 * to step zero. f must be smooth on [x − h0, x + h0]; where it is not finite the step is passed over.
 *
 * The error is the larger difference to the neighbours in the tableau, doubled, plus the rounding of f carried
 * through every difference and extrapolation; the entry with the least error is returned. It is infinite where
 * nothing can be said.
 * Steps are powers of two, so that x ± h is as exact as x allows and rounding grows less than threefold.
 * Ridders (1982); Press et al., Numerical Recipes, section 5.7 (dfridr, whose bar leaves rounding out).
 */
export function ridders(f: Measured, x: number, h0: number): Estimate {
  return extrapolate(4, 14, (level) => slopeAcross(f, x, powerOfTwoBelow(h0) / 2 ** level));
}

/**
 * The derivative of f at x from one side (+1 from above, −1 from below), by forward differences, extrapolated
 * in the same way. What f is at x itself does not matter, only its limit from that side.
 */
export function riddersOneSided(f: Measured, x: number, h0: number, side: 1 | -1): Estimate {
  const base = side > 0 ? nextUp(x) : -nextUp(-x);
  return extrapolate(2, 18, (level) => {
    const h = powerOfTwoBelow(h0) / 2 ** level;
    return side > 0 ? slope(f, base, x + h, h) : slope(f, x - h, base, h);
  });
}

/** The slope between two points `width` apart, with what rounding does to it. */
function slope(f: Measured, from: number, to: number, width: number): Estimate | null {
  const low = measure(f(from));
  const high = measure(f(to));
  const actual = to - from;
  // Rounding may move the ends. The tableau takes steps to be halved: an error of 2⁻²⁰ in that is far below its bar.
  if (!(Math.abs(actual - width) <= width * 2 ** -20) || !Number.isFinite(low.error + high.error))
    return null;
  const value = (high.value - low.value) / actual;
  const error = (low.error + high.error) / actual + 2 * EPSILON * Math.abs(value);
  return Number.isFinite(value) ? { value, error } : null;
}

/** The slope across x. */
function slopeAcross(f: Measured, x: number, h: number): Estimate | null {
  const across = slope(f, x - h, x + h, 2 * h);
  const shift = Math.abs(x + h - x - (x - (x - h))) / 2;
  if (across === null || shift === 0) return across;
  // Rounding put x off the middle; the slope is off by that times the second derivative.
  const [above, below] = [slope(f, x, x + h, h), slope(f, x - h, x, h)];
  if (above === null || below === null) return null;
  return { value: across.value, error: across.error + (shift * Math.abs(above.value - below.value)) / h };
}

function measure(result: number | Estimate): Estimate {
  if (typeof result !== "number") return Number.isFinite(result.value) ? result : { value: NaN, error: NaN };
  return {
    value: result,
    error: Number.isFinite(result) ? 8 * EPSILON * Math.abs(result) + Number.MIN_VALUE : NaN,
  };
}

/** An entry of Richardson's tableau: its rounding as `error`, its estimated truncation beside it. */
interface Entry extends Estimate {
  readonly truncation: number;
}

/** Richardson's tableau: entry j of a row removes the power of the step that halving divides by baseʲ. */
function extrapolate(base: 2 | 4, levels: number, slopeAt: (level: number) => Estimate | null): Estimate {
  let best: Estimate = { value: NaN, error: Infinity };
  let above: Entry[] = [];
  for (let level = 0; level < levels; level++) {
    const first = slopeAt(level);
    if (first === null) {
      above = [];
      continue;
    }
    const row: Entry[] = [{ ...first, truncation: Infinity }];
    for (let j = 1; j <= above.length; j++) {
      const [left, corner] = [row[j - 1]!, above[j - 1]!];
      const factor = base ** j;
      const value = (factor * left.value - corner.value) / (factor - 1);
      const error = (factor * left.error + corner.error) / (factor - 1);
      const differences = Math.max(Math.abs(value - left.value), Math.abs(value - corner.value));
      // From row to row the differences in a column shrink baseʲ-fold, and along a row not faster. Where they
      // shrank base times more than that, they agree by accident.
      const before = Math.max(above[j]?.truncation ?? 0, j > 1 ? left.truncation : 0);
      const truncation = Math.max(differences, before / (factor * base));
      row.push({ value, error, truncation });
      const total = CAUTION * truncation + error;
      if (total < best.error) best = { value, error: total };
    }
    above = row;
  }
  return best;
}

function powerOfTwoBelow(x: number): number {
  return 2 ** Math.floor(Math.log2(x));
}

const float = new Float64Array(1);
const bits = new BigInt64Array(float.buffer);

/** The place of a float64 among all float64s in order; neighbours differ by 1, and both zeros are at 0. */
function place(x: number): bigint {
  float[0] = x;
  const raw = bits[0]!;
  return raw < 0n ? -(raw & 0x7fffffffffffffffn) : raw;
}

/** The next float64 above x. */
export function nextUp(x: number): number {
  if (Number.isNaN(x) || x === Infinity) return x;
  const next = place(x) + 1n;
  bits[0] = next < 0n ? -next | -0x8000000000000000n : next;
  return float[0]!;
}

/** The gap between |x| and the next float64. */
export function ulp(x: number): number {
  const size = Math.min(Math.abs(x), Number.MAX_VALUE);
  return size === Number.MAX_VALUE ? 2 ** 971 : nextUp(size) - size;
}

/** How many float64s apart two numbers are; infinite where just one is NaN. */
export function ulpDistance(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b) ? 0 : Infinity;
  const distance = place(a) - place(b);
  return Number(distance < 0n ? -distance : distance);
}

/** |a − b| in units of the gap between floats at b: finer than `ulpDistance` where b is a power of two. */
export function relativeUlps(a: number, b: number): number {
  if (Object.is(a, b) || a === b) return 0;
  return Math.abs(a - b) / ulp(b);
}
