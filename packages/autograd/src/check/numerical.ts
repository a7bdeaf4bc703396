// Derivatives of vector functions along a line by differences alone, each with an error bar. Knows no tensors.
//
// Two ways that fail differently. Extrapolation starts from large steps and is exact where the function is smooth at their
// size; it sees no structure finer than its steps. The finest differences start where rounding ends.

import type { Stream } from "./random.ts";

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

// The assumed rounding of a value about which nothing is known: a few units in its last place.
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
          // Among so many entries, two often agree by chance, three seldom.
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
    // Smaller steps only make it worse where rounding has taken over. Elsewhere, smaller steps may get away from a jump.
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

/** Derivatives across a point and from both sides of it. */
export interface FinestDerivatives {
  readonly central: Estimates;
  readonly above: Estimates;
  readonly below: Estimates;
}

/** A step so small that rounding makes this part of the derivative uncertain tells first. */
const firstToTell = 1 / 4;
/** Below this, a step itself is lost in rounding. */
const finest = 2 ** -44;
/** The number of steps that have to agree. */
const agreeing = 4;

/** The smallest step whose difference tells something of a derivative of this size, if one up to the largest does. */
export function finestStep(largestStep: number, noise: Float64Array, sizes: Float64Array): number {
  const steps = noise.map((each, i) => each / (firstToTell * sizes[i]!)).filter((step) => step > 0);
  return Math.max(
    finest,
    steps.reduce((least, step) => Math.min(least, step), largestStep),
  );
}

/**
 * From the smallest step that tells anything up to the largest that all smaller ones agree with. The
 * only thing assumed of the function is that it is smooth at the size of the smallest step: what is coarser shows, however
 * fast it oscillates. Steps grow by irregular factors, so that no period fits them all. `sizes` are those of the derivatives
 * in question; an entry of size 0 is left out. `noise` is that of the smallest step. After Lepskii (1991): coarser estimates count while they lie within all finer.
 */
export function finestDerivatives(
  line: Line,
  noiseAt: (step: number, values: Float64Array) => Float64Array,
  largestStep: number,
  noise: Float64Array,
  sizes: Float64Array,
  stream: Stream,
): FinestDerivatives {
  const here = line(0);
  let most = noise;
  const [central, above, below] = [2, 1, 1].map((power) => new Agreement(sizes, power)) as [
    Agreement,
    Agreement,
    Agreement,
  ];
  for (let h = finestStep(largestStep, noise, sizes); h <= largestStep; h *= 2 ** (1 + 2 * stream.next())) {
    const [right, left] = [line(h), line(-h)];
    // It may grow with the step, for example where equal numbers cancel at the point.
    const [noiseRight, noiseLeft] = [noiseAt(h, right), noiseAt(-h, left)];
    most = most.map((each, i) => Math.max(each, noiseRight[i]!, noiseLeft[i]!));
    const goesOn = [
      central.add(h, difference(right, left, 2 * h, most)),
      above.add(h, difference(right, here, h, most)),
      below.add(h, difference(left, here, -h, most)),
    ];
    if (!goesOn.includes(true)) break;
  }
  return { central: central.estimates(), above: above.estimates(), below: below.estimates() };
}

/** What is left of the smaller step's slopes without the part that is `growth` times as large in the larger step's. */
function extrapolated(small: Slopes, large: Slopes, growth: number): Slopes {
  return {
    value: small.value.map((value, i) => value + (value - large.value[i]!) / (growth - 1)),
    rounding: small.rounding.map((each, i) => (growth * each + large.rounding[i]!) / (growth - 1)),
  };
}

/** What slopes of growing steps have in common, each component for itself. */
class Agreement {
  readonly #sizes: Float64Array;
  readonly #low: Float64Array;
  readonly #high: Float64Array;
  readonly #bar: Float64Array;
  /** As it was before the last step. */
  readonly #valueBefore: Float64Array;
  readonly #errorBefore: Float64Array;
  readonly #steps: Int32Array;
  readonly #ended: Uint8Array;

  /** The steps so far with their slopes, and each pair of them extrapolated to step zero. */
  readonly #power: number;
  readonly #taken: { readonly h: number; readonly plain: Slopes; readonly paired: Slopes }[] = [];

  /** `power`: the lowest of the step in the slopes' error. */
  constructor(sizes: Float64Array, power: number) {
    this.#sizes = sizes;
    this.#power = power;
    this.#low = new Float64Array(sizes.length).fill(-Infinity);
    this.#high = new Float64Array(sizes.length).fill(Infinity);
    this.#bar = this.#high.slice();
    this.#valueBefore = new Float64Array(sizes.length).fill(NaN);
    this.#errorBefore = this.#high.slice();
    this.#steps = new Int32Array(sizes.length);
    this.#ended = Uint8Array.from(sizes, (size) => Number(!(size > 0)));
  }

  /** False once no component goes on. */
  add(h: number, plain: Slopes): boolean {
    const { value, rounding } = this.#best(h, plain);
    for (let i = 0; i < value.length; i++) {
      if (this.#ended[i] === 1 || rounding[i]! > 2 * firstToTell * this.#sizes[i]!) continue;
      const low = Math.max(this.#low[i]!, value[i]! - rounding[i]!);
      const high = Math.min(this.#high[i]!, value[i]! + rounding[i]!);
      if (!(low <= high)) {
        this.#ended[i] = 1;
        continue;
      }
      const width = this.#high[i]! - this.#low[i]!;
      this.#valueBefore[i] = this.#low[i]! + width / 2;
      // Two intervals that barely meet have an intersection narrower than either is certain of.
      this.#errorBefore[i] = Math.max(width, this.#bar[i]!);
      [this.#low[i], this.#high[i], this.#bar[i]] = [low, high, rounding[i]!];
      this.#steps[i]!++;
    }
    return this.#ended.includes(0);
  }

  /** Three steps together, once there are so many: where the function is smooth, larger steps agree then. */
  #best(h: number, plain: Slopes): Slopes {
    const [before, last] = this.#taken.slice(-2);
    const newest = last ?? before;
    const paired =
      newest === undefined ? plain : extrapolated(newest.plain, plain, (h / newest.h) ** this.#power);
    this.#taken.push({ h, plain, paired });
    return last === undefined ? plain : extrapolated(last.paired, paired, (h / before!.h) ** this.#power);
  }

  /**
   * The largest step may just have begun to lean, and still touch what is left by the others. Then the one before leans by
   * half its own width at most.
   */
  estimates(): Estimates {
    const isKnown = (i: number) => this.#steps[i]! >= agreeing;
    return {
      values: this.#valueBefore.map((value, i) => (isKnown(i) ? value : NaN)),
      errors: this.#errorBefore.map((error, i) => (isKnown(i) ? error : Infinity)),
    };
  }
}
