// Where a function of one number is not smooth: its kinks and jumps, which are searched for whatever was declared, and
// the ends of its domain. And whether two inputs of one output have different slopes, so that the output does not
// determine the slope.

/** A function of a number beside its derivatives, and how far each may be off. */
export interface Derivatives {
  /** value, slope, second and third derivative. */
  readonly at: readonly ((x: number) => number)[];
  readonly rounding: readonly ((x: number) => number)[];
  /** The same as `at` in float32, every step rounded. */
  readonly single: readonly ((x: number) => number)[];
}

/** A place where a derivative jumps: of order 0 the value itself. Its limits from both sides. */
export interface Kink {
  readonly at: number;
  readonly order: number;
  readonly below: number;
  readonly above: number;
}

/** What was found about a function on an interval. */
export interface Survey {
  readonly xs: Float64Array;
  readonly values: Float64Array;
  readonly slopes: Float64Array;
  /** Between which numbers it has none. */
  readonly edges: readonly number[];
  readonly kinks: readonly Kink[];
}

/** How far from 0 kinks are searched for. */
export const surveyed = 10;
const perUnit = 64;

/** Places nearer than this, at the size of 1 or else their own, count as one: declared numbers have been rounded. */
const near = 2 ** -30;
export const alike = (a: number, b: number): boolean => Math.abs(a - b) <= near * Math.max(1, Math.abs(a));

/** Examines the function. `conditions` are functions whose zeros may be kinks, `declared` the kinks that are declared. */
export function survey(
  f: Derivatives,
  conditions: readonly ((x: number) => number)[],
  declared: readonly number[],
): Survey {
  const xs = Float64Array.from({ length: 2 * surveyed * perUnit + 1 }, (_, i) => i / perUnit - surveyed);
  const values = xs.map(f.at[0]!);
  const slopes = xs.map(f.at[1]!);
  const edges: number[] = [];
  const candidates: number[] = [...declared];
  for (let i = 1; i < xs.length; i++) {
    const [a, b] = [xs[i - 1]!, xs[i]!];
    const isNumber = (x: number) => !Number.isNaN(f.at[0]!(x));
    if (isNumber(a) && !isNumber(b)) edges.push(bisect(a, b, isNumber));
    else if (isNumber(b) && !isNumber(a)) edges.push(bisect(b, a, isNumber));
  }
  for (const condition of conditions) candidates.push(...zerosOf(condition, xs));
  const finite = values.filter(Number.isFinite);
  const range =
    finite.reduce((most, y) => Math.max(most, y), 0) - finite.reduce((least, y) => Math.min(least, y), 0);
  // Where a slope would leave the range several times over within a cell, the function turns faster than this grid sees.
  const isSeen = (i: number) =>
    !(Math.max(Math.abs(slopes[i - 1]!), Math.abs(slopes[i]!)) / perUnit > 4 * range);
  candidates.push(...jumpsOf(f.at[0]!, xs, values, isSeen), ...jumpsOf(f.at[1]!, xs, slopes, isSeen));
  const kinks: Kink[] = [];
  for (const c of candidates) {
    if (kinks.some(({ at }) => alike(at, c)) || edges.some((edge) => alike(edge, c))) continue;
    const kink = kinkAt(f, c);
    if (kink !== null) kinks.push(kink);
  }
  return { xs, values, slopes, edges, kinks: kinks.sort((a, b) => a.at - b.at) };
}

/** The last number for which a question is answered as at `from`, on the way to `to`. */
export function bisect(from: number, to: number, asAtFrom: (x: number) => boolean): number {
  let [a, b] = [from, to];
  for (;;) {
    const middle = a + (b - a) / 2;
    if (middle === a || middle === b) return a;
    if (asAtFrom(middle)) a = middle;
    else b = middle;
  }
}

function zerosOf(condition: (x: number) => number, xs: Float64Array): number[] {
  const zeros: number[] = [];
  let before = NaN;
  for (let i = 0; i < xs.length; i++) {
    const here = condition(xs[i]!);
    // A condition that is zero everywhere marks no place.
    if (here === 0 && before !== 0) zeros.push(xs[i]!);
    else if (here * before < 0) {
      const sign = Math.sign(before);
      zeros.push(bisect(xs[i - 1]!, xs[i]!, (x) => Math.sign(condition(x)) === sign));
    }
    before = here;
  }
  return zeros;
}

/** Where a function changes much more within one cell than in those beside it: followed down to one place. */
function jumpsOf(
  f: (x: number) => number,
  xs: Float64Array,
  ys: Float64Array,
  isSeen: (cell: number) => boolean,
): number[] {
  const jumps: number[] = [];
  const change = (i: number) => Math.abs(ys[i]! - ys[i - 1]!);
  for (let i = 2; i + 1 < xs.length; i++) {
    if (!isSeen(i)) continue;
    if (!(change(i) > 4 * Math.max(change(i - 1), change(i + 1)) + 1e-9 * Math.abs(ys[i]!))) continue;
    let [a, b] = [xs[i - 1]!, xs[i]!];
    for (;;) {
      const middle = a + (b - a) / 2;
      if (middle === a || middle === b) break;
      if (Math.abs(f(middle) - f(a)) >= Math.abs(f(b) - f(middle))) b = middle;
      else a = middle;
    }
    jumps.push(a);
  }
  return jumps;
}

// How near to a place its two sides are compared. A jump remains when the distance shrinks, a steep slope does not.
const [wide, narrow] = [2 ** -26, 2 ** -32];
// Distances between them at which a side must be as it is at both; unevenly apart, so that no wave looks alike at all of them.
const between = [1.7, 4.1, 9.3, 21, 47].map((times) => times * narrow);

/** The lowest derivative, up to the third, that jumps at a place. */
function kinkAt(f: Derivatives, at: number): Kink | null {
  const scale = Math.max(1, Math.abs(at));
  const [value] = f.at as [(x: number) => number];
  const [far, close] = [2 ** -6, narrow].map((part) =>
    Math.max(Math.abs(value(at - part * scale)), Math.abs(value(at + part * scale))),
  ) as [number, number];
  if (close > 2 ** 20 * (1 + far)) {
    const pole = [value(at - narrow * scale), value(at + narrow * scale)] as const;
    return { at, order: 0, below: pole[0], above: pole[1] };
  }
  for (let order = 0; order < f.at.length; order++) {
    const derivative = f.at[order]!;
    const jump = (distance: number) => derivative(at + distance * scale) - derivative(at - distance * scale);
    const sides = [at - narrow * scale, at + narrow * scale] as const;
    const [below, above] = [derivative(sides[0]), derivative(sides[1])];
    const bar = 4 * (f.rounding[order]!(sides[0]) + f.rounding[order]!(sides[1]));
    const size = Math.abs(jump(narrow));
    // What the next derivative explains is a steep slope, however fast it looks. Between the sides it may be somewhat
    // steeper than at them, half as much again; at a cusp such as √|x| it would have to be twice.
    const next = f.at[order + 1];
    const steep = next === undefined ? 0 : Math.max(...sides.map((side) => Math.abs(next(side))));
    if (size <= 3 * narrow * scale * steep) continue;
    // And a side that is not steady at this distance, as of a fast oscillation, says nothing about the place.
    const isSteady = ([1, -1] as const).every((side) => {
      const nearest = derivative(at + side * narrow * scale);
      return [...between, wide].every(
        (distance) => Math.abs(nearest - derivative(at + side * distance * scale)) <= size / 2,
      );
    });
    if (size > bar && isSteady && size > Math.abs(jump(wide)) / 2) return { at, order, below, above };
  }
  return null;
}

/** Two inputs with one output and different slopes. */
export interface Pair {
  readonly inputs: readonly [number, number];
  readonly output: number;
  readonly slopes: readonly [number, number];
}

// Round numbers first: they make the clearer example.
const roundNumbers = [1, 2, 0.5, -1, -2, -0.5, 3, -3, 0.25, -0.25, 4, -4];

/** Slopes that differ by more than this fraction of the largest one differ by more than rounding. */
const different = 1e-6;
const clearlyDifferent = 1e-2;

/** A pair that shows that the derivative is no function of the output; null where none is found. */
export function pairOfOneOutput(f: Derivatives, { xs, values, slopes, kinks }: Survey): Pair | null {
  const [value, slope] = f.at as [(x: number) => number, (x: number) => number];
  const isSpecial = (x: number) => kinks.some(({ at }) => Math.abs(at - x) < 1e-6);
  const steepest = slopes
    .filter((_, i) => Math.abs(xs[i]!) <= surveyed / 2)
    .reduce((most, each) => (Number.isFinite(each) ? Math.max(most, Math.abs(each)) : most), 0);
  let best: Pair | null = null;
  let largest = different * steepest;
  const step = 1 / perUnit;
  for (const a of [...roundNumbers, ...xs.filter((_, i) => i % 16 === 0)]) {
    const output = value(a);
    if (!Number.isFinite(output) || isSpecial(a)) continue;
    for (let i = 1; i < xs.length; i++) {
      if (!((values[i]! - output) * (values[i - 1]! - output) <= 0)) continue;
      const b = crossing(value, xs[i - 1]!, xs[i]!, output);
      if (Math.abs(a - b) <= 2 * step || isSpecial(b)) continue;
      const slopeThere = slope(b);
      const apart = Math.abs(slopeThere - slope(a));
      if (!(apart > largest)) continue;
      // At a jump nothing crosses; elsewhere the nearest float to the crossing misses by its own gap at most.
      const missed = 4 * (f.rounding[0]!(a) + f.rounding[0]!(b) + Math.abs(slopeThere) * gap(b));
      if (!(Math.abs(value(b) - output) <= missed)) continue;
      best = { inputs: [a, b], output, slopes: [slope(a), slopeThere] };
      if (apart > clearlyDifferent * steepest) return best;
      largest = apart;
    }
  }
  return best;
}

const gap = (x: number) => 2 ** -52 * Math.abs(x) + Number.MIN_VALUE;

/** Where a function takes a value between two places that lie on both sides of it, or one of them on it. */
function crossing(f: (x: number) => number, a: number, b: number, y: number): number {
  if (f(a) === y) return a;
  if (f(b) === y) return b;
  const side = Math.sign(f(a) - y);
  const last = bisect(a, b, (x) => Math.sign(f(x) - y) === side);
  const next = last + gap(last) * Math.sign(b - a);
  return Math.abs(f(next) - y) < Math.abs(f(last) - y) ? next : last;
}

/** Whether the values only rise or only fall: "rises", "falls", or null. Steps smaller than their rounding don't count. */
export function directionOf(
  f: Derivatives,
  { xs, values }: Survey,
): "rises" | "falls" | "is constant" | null {
  let [rises, falls] = [true, true];
  for (let i = 1; i < xs.length; i++) {
    const step = values[i]! - values[i - 1]!;
    if (Number.isNaN(step) || step === 0) continue;
    const bar = f.rounding[0]!(xs[i]!) + f.rounding[0]!(xs[i - 1]!);
    if (step < -bar) rises = false;
    if (step > bar) falls = false;
  }
  if (rises && falls) return "is constant";
  return rises ? "rises" : falls ? "falls" : null;
}
