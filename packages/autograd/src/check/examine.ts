// Examines one subject at one order: numerical derivatives against forward mode, forward against reverse mode, and
// linearity of the pullback. Every comparison has its own error bar; no tolerance is chosen by hand.

import { ancestorsOf, traceDescent } from "./descent.ts";
import { noiseOf, noiseWithoutTies } from "./noise.ts";
import {
  centralDerivative,
  type FinestDerivatives,
  finestDerivatives,
  finestStep,
  type Line,
  oneSidedDerivative,
} from "./numerical.ts";
import type { Stream } from "./random.ts";
import { fromVector, type Run, runOf, type Subject, toVector, valuesAt } from "./subject.ts";
import { tieMoves } from "./ties.ts";

/** One comparison that failed. */
export interface Mismatch {
  readonly test: "difference" | "tied" | "dot" | "linearity" | "kink" | "failure";
  /** Which entry of the flattened results, where one is known. */
  readonly output: number | null;
  /** Which entry of the flattened inputs, where one is known. */
  readonly input: number | null;
  readonly analytic: number;
  readonly numerical: number;
  /** How far the two may be apart. */
  readonly error: number;
}

/** Whether the two are so far apart that a bar which is wide beside them, and so uncertain itself, explains nothing. */
export function isSure({ test, analytic, numerical, error }: Mismatch): boolean {
  const isWide = error > telling * Math.max(Math.abs(analytic), Math.abs(numerical));
  return test !== "difference" || !isWide || Math.abs(analytic - numerical) > doubt * error;
}

/** What an examination found. */
export interface Examination {
  readonly mismatches: readonly Mismatch[];
  /** Comparisons made, those whose bar was too wide to tell, and those at a kink. */
  readonly compared: number;
  readonly undecided: number;
  readonly kinks: number;
  /** Mismatches that the finest differences neither confirmed nor refuted. */
  readonly suspected: number;
  /** Whether rounding hid so much that nothing follows from the rest: most differences, or all between an input and a result. */
  readonly isBlind: boolean;
}

/** Up to this many entries, each is examined by itself; beyond, directions that mix all of them are. */
const fewEntries = 12;
const mixedDirections = 10;
const probes = 6;
const mixedWeightings = 3;

/** An error bar that is wider than this fraction of the derivatives' size tells nothing. */
const telling = 1e-4;
/**
 * A mismatch that is this small beside the largest number of all may be rounding that the first look at it missed: of terms
 * that were larger than all of these numbers, and cancelled.
 */
const asRounding = 2 ** -20;
/** Results with noise that is larger by this factor at the point than beside it jump there: rounding is much the same at both. */
const jumping = 2 ** 10;
/** How many times wider still such a bar may have to be. */
const doubt = 10;

export interface ExaminationOptions {
  /** The order of the derivatives. */
  readonly order: number;
  /**
   * Compare both sides always. Otherwise only where the rules and the differences don't agree well: at a kink whose
   * convention is the mean of its sides they do, and nothing needs explaining.
   */
  readonly everyKink?: boolean;
  /** Compare with differences along directions that keep ties, and nothing else. */
  readonly tiesOnly?: boolean;
  /** Ends the examination where the mismatches so far are enough. Asked after each direction. */
  readonly isEnough?: (mismatches: readonly Mismatch[]) => boolean;
}

export function examine(
  subject: Subject,
  stream: Stream,
  { order, everyKink = false, tiesOnly = false, isEnough = () => false }: ExaminationOptions,
): Examination {
  const point = toVector(subject.inputs);
  const inputs = fromVector(point, subject.inputs);
  const { results, descent } = traceDescent(() => subject.run(inputs));
  const values = toVector(results);
  const n = point.length;
  const m = values.length;
  const nothing = { mismatches: [], compared: 0, undecided: 0, kinks: 0, suspected: 0, isBlind: false };
  if (n === 0 || m === 0) return nothing;
  if (!values.every(Number.isFinite)) return { ...nothing, undecided: 1, isBlind: true };
  const scales = scalesOf(point);
  // The derivative of a maximum is no maximum: it jumps where a tie breaks, and says nothing of slopes along it.
  const ties = order > 1 ? [] : tieMoves(point, scales, stream, everyKink);
  const tied = ties.map((vector): Direction => ({ vector, entry: null, keepsTies: true }));
  const directions = [...(tiesOnly ? [] : directionsFor(n, scales, stream)), ...tied];
  const weightings = weightingsFor(m, stream);
  // All derivatives come from one run, so that the noise of all of them takes five more runs, not five for each direction.
  const everything = (run: Run) => [
    run.values,
    ...directions.map(({ vector }) => run.pushed(vector)),
    ...weightings.map(({ vector }) => run.pulled(vector)),
  ];
  const run = runOf(subject);
  const exact = everything(run);
  // A derivative that is negligible beside one of order one that was examined, as where a softmax is saturated, counts as known.
  const moves = exact.slice(1, 1 + directions.length);
  const beside = values.map((value, i) =>
    moves.reduce(
      (most, move) => Math.max(most, Number.isFinite(move[i]!) ? Math.abs(move[i]!) : 0),
      order > 1 ? Math.abs(value) : 0,
    ),
  );
  const isStepwise = results.flatMap(({ array, size }) => {
    const floats = ancestorsOf([array], descent, true);
    const isStep = !inputs.some((input) => floats.has(input.array));
    return Array.from({ length: size }, () => isStep);
  });
  const besides = noiseBeside(subject, point, scales, stream);
  const compare = (noises: readonly Float64Array[]): Examination => {
    const pushes = directions.map(
      (direction, i): Push => ({ direction, move: moves[i]!, moveNoise: noises[1 + i]! }),
    );
    const pulls = weightings.map((weighting, i): Pull => {
      const at = 1 + directions.length + i;
      return { weighting, gradient: exact[at]!, gradientNoise: noises[at]! };
    });
    const noise = noises[0]!;
    const noiseAround = larger(noise, besides);
    const seen = new Sight(subject.inputs, results, order);
    const found: Found = { mismatches: [], compared: 0, undecided: 0, kinks: 0, suspected: 0, seen };
    const at = { subject, point, values, noise, noiseAround, beside, isStepwise, stream, everyKink };
    for (const push of pushes) {
      if (push.direction.keepsTies) compareAtTies(at, push, found);
      else compareWithDifferences(at, push, found);
      if (isEnough(found.mismatches)) return { ...found, isBlind: seen.isBlind };
    }
    if (tiesOnly) return { ...found, isBlind: false };
    compareModes(pushes, pulls, found);
    checkLinearity(run, pulls, found);
    return { ...found, isBlind: seen.isBlind };
  };
  const repeated = () => joined(everything(runOf(subject)));
  const noises = noiseOf(repeated, joined(exact), stream, { nanHides: true });
  const first = compare(apart(noises, exact));
  if (first.mismatches.length === 0) return first;
  // Where nothing moves, as far as a function that returns its input would.
  const largest = largestOf(joined([...exact, ...directions.map(({ vector }) => vector)]));
  const isAsRounding = ({ analytic, numerical }: Mismatch) =>
    Math.abs(analytic - numerical) <= asRounding * largest;
  // What equal operands lose, as in atan2(x, x), may be the same in every repetition that keeps them equal.
  const untied = () => noiseWithoutTies(repeated, joined(exact), stream, { nanHides: true });
  const found = first.mismatches.every(isAsRounding)
    ? compare(apart(larger(noises, untied()), exact))
    : first;
  if (found.mismatches.length === 0) return found;
  // Two more places, since where a function has an extremum it has no noise either.
  const others = [0, 1].map(() => noiseBeside(subject, point, scales, stream));
  const around = others.reduce(larger, besides);
  return withoutJumps(
    found,
    Array.from(around, (noise, i) => noises[i]! > jumping * noise),
  );
}

/**
 * What was found, but for differences of results that jump at the point: steps that are larger than their noise may be
 * larger than what the function does between one jump and the next, as those of x mod 10⁻⁸ are.
 */
function withoutJumps(found: Examination, isJump: readonly boolean[]): Examination {
  const isTold = ({ test, output }: Mismatch) =>
    test === "dot" || test === "linearity" || output === null || !isJump[output];
  const mismatches = found.mismatches.filter(isTold);
  return { ...found, mismatches, undecided: found.undecided + found.mismatches.length - mismatches.length };
}

/** Which differences told something, for each input with each result. */
class Sight {
  readonly #order: number;
  readonly #inputs: readonly number[];
  readonly #results: readonly number[];
  readonly #told = new Map<string, number>();
  readonly #hidden = new Map<string, number>();

  constructor(inputs: readonly Sized[], results: readonly Sized[], order: number) {
    this.#order = order;
    this.#inputs = ownersOf(inputs);
    this.#results = ownersOf(results);
  }

  /** `input` is null where all of them moved together. */
  note(input: number | null, result: number, isTold: boolean): void {
    const tally = isTold ? this.#told : this.#hidden;
    const pair = `${input === null ? "all" : this.#inputs[input]!} ${this.#results[result]!}`;
    tally.set(pair, (tally.get(pair) ?? 0) + 1);
  }

  get isBlind(): boolean {
    const [told, hidden] = [this.#told, this.#hidden].map((tally) =>
      [...tally.values()].reduce((sum, each) => sum + each, 0),
    );
    if (hidden! > told!) return true;
    // Derivatives jump at a kink, so nothing can be said of theirs there; that hides nothing at order one.
    return this.#order === 1 && [...this.#hidden.keys()].some((pair) => !this.#told.has(pair));
  }
}

interface Sized {
  readonly size: number;
}

/** For each entry of a flat vector the tensor that it belongs to. */
const ownersOf = (tensors: readonly Sized[]): number[] =>
  tensors.flatMap(({ size }, i) => Array.from({ length: size }, () => i));

interface Direction {
  readonly vector: Float64Array;
  /** The only entry that moves, or null where several do. */
  readonly entry: number | null;
  /** Whether entries that are equal stay equal. */
  readonly keepsTies: boolean;
}

/** How far each entry of a point moves, so that steps are of its own size. */
export const scalesOf = (point: Float64Array): Float64Array =>
  point.map((value) => (value === 0 ? 1 : Math.min(Math.max(Math.abs(value), 2 ** -10), 2 ** 10)));

function directionsFor(n: number, scales: Float64Array, stream: Stream): Direction[] {
  const unit = (entry: number): Direction => {
    const vector = new Float64Array(n);
    vector[entry] = scales[entry]!;
    return { vector, entry, keepsTies: false };
  };
  if (n <= fewEntries) return Array.from({ length: n }, (_, entry) => unit(entry));
  const mixed = Array.from({ length: mixedDirections }, () => ({
    vector: stream.vector(n).map((value, i) => value * scales[i]!),
    entry: null,
    keepsTies: false,
  }));
  return [...mixed, ...Array.from({ length: probes }, () => unit(Math.floor(stream.next() * n)))];
}

type Found = {
  mismatches: Mismatch[];
  compared: number;
  undecided: number;
  kinks: number;
  suspected: number;
  readonly seen: Pick<Sight, "note">;
};

const firstStep = 2 ** -4;
const awayFromPoint = 0.7 * 2 ** -7;

interface Place {
  readonly subject: Subject;
  readonly point: Float64Array;
  /** At the point, and their noise there and beside it. */
  readonly values: Float64Array;
  readonly noise: Float64Array;
  readonly noiseAround: Float64Array;
  /** For each result, the scale of its derivatives: the largest in any direction. */
  readonly beside: Float64Array;
  /** For each result whether inputs reach it through truth values and whole numbers at most, so that it can only jump. */
  readonly isStepwise: readonly boolean[];
  readonly stream: Stream;
  readonly everyKink: boolean;
}

/**
 * The noise of the values a little away from the point. Where inputs are equal at the point, their difference is exact
 * there, and rounding shows only away from it. All entries move at once, by amounts that differ,
 * so that no tie is left, and what is found there holds for every direction.
 */
function noiseBeside(
  subject: Subject,
  point: Float64Array,
  scales: Float64Array,
  stream: Stream,
): Float64Array {
  const moves = stream.vector(point.length).map((value, i) => awayFromPoint * value * scales[i]!);
  const beside = (side: number) => () =>
    valuesAt(
      subject,
      point.map((value, i) => value + side * moves[i]!),
    );
  // At the edge of a domain, only one of two opposite sides may lie inside.
  const [above, below] = [beside(1), beside(-1)];
  const values = above();
  return values.every(Number.isFinite)
    ? noiseWithoutTies(above, values, stream)
    : noiseWithoutTies(below, below(), stream);
}

/** The larger of two vectors, entry by entry; of one that is NaN, NaN. */
const larger = (a: Float64Array, b: Float64Array): Float64Array => a.map((x, i) => Math.max(x, b[i]!));

/**
 * The same along a direction that keeps ties. A result that is smooth there, though it has kinks around, has one slope, and a
 * convention that gives another is none: it belongs to no choice among the tied. What can't be told there takes nothing from
 * what the other directions tell. Where another result of the same direction has a kink, conventions may be meant.
 */
function compareAtTies(place: Place, push: Push, found: Found): void {
  const own: Found = {
    mismatches: [],
    compared: 0,
    undecided: 0,
    kinks: 0,
    suspected: 0,
    seen: { note: () => {} },
  };
  compareWithDifferences(place, push, own);
  found.compared += own.compared;
  found.kinks += own.kinks;
  found.suspected += own.suspected;
  for (const each of own.mismatches)
    found.mismatches.push(each.test === "difference" && own.kinks === 0 ? { ...each, test: "tied" } : each);
}

function compareWithDifferences(
  {
    subject,
    point,
    values: here,
    noise: noiseAtPoint,
    noiseAround: noise,
    beside,
    isStepwise,
    stream,
    everyKink,
  }: Place,
  { direction: { vector, entry }, move, moveNoise }: Push,
  found: Found,
): void {
  const stands = new Uint8Array(here.length).fill(1);
  const line = (step: number) =>
    step === 0
      ? here
      : valuesAt(
          subject,
          point.map((value, i) => value + step * vector[i]!),
        );
  const known = new Map([[0, here]]);
  const watched = (step: number) => {
    const before = known.get(step);
    if (before !== undefined) return before;
    const values = line(step);
    known.set(step, values);
    for (let i = 0; i < values.length; i++) if (values[i] !== here[i]) stands[i] = 0;
    return values;
  };
  const central = centralDerivative(watched, firstStep, noise);
  const size = rootMeanSquare(move.filter(Number.isFinite));
  // Where no result moves, an error bar is compared with how far a function that returns its input would move.
  const usual = vector.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
  let bend: Float64Array | null = null;
  const questions: Question[] = [];
  for (let i = 0; i < move.length; i++) {
    found.compared++;
    const [analytic, numerical] = [move[i]!, central.values[i]!];
    // The disturbance breaks ties of comparisons, and what depends on them jumps; rounding does not do that.
    const isStill = isStepwise[i]! && stands[i] === 1 && analytic === 0;
    const error = (isStill ? 0 : central.errors[i]!) + moveNoise[i]!;
    const scale = Math.max(Math.abs(analytic), Math.abs(numerical), size);
    // A wide error bar is itself uncertain: where steps run into a pole, it may be several times too narrow.
    const isWide = !(error < Infinity && error <= telling * (scale > 0 ? scale : usual));
    const agrees = Math.abs(analytic - numerical) <= (isWide ? doubt * error : error);
    const state = !agrees && Number.isFinite(error) ? "refuted" : isWide ? "unclear" : "confirmed";
    const isStraight = () => {
      bend ??= bendOf(watched, noise);
      return bend[i]! + moveNoise[i]! <= telling * (scale > 0 ? scale : usual);
    };
    if (state === "confirmed") {
      found.seen.note(entry, i, true);
      if (!everyKink || isStraight()) continue;
    }
    questions.push({
      state,
      isStraight,
      size: size > 0 ? size : usual,
      output: i,
      input: entry,
      analytic,
      numerical,
      error,
    });
  }
  if (questions.length === 0) return;
  // Steps of a given size don't see structure that is finer than they are, so no verdict against the rules rests on them.
  const [away, opposite] = [line(awayFromPoint), line(-awayFromPoint)];
  const sizes = new Float64Array(move.length);
  for (const { output: i, analytic, numerical } of questions) {
    const slopes = [away[i]! - here[i]!, here[i]! - opposite[i]!].map((change) => change / awayFromPoint);
    const all = [analytic, numerical, ...slopes].filter(Number.isFinite);
    sizes[i] = Math.max(0, ...all.map(Math.abs));
  }
  const near = finestStep(firstStep, noiseAtPoint, sizes);
  const noiseNear = noiseWithoutTies(() => line(near), line(near), stream);
  const leastNoise = larger(noiseAtPoint, noiseNear);
  const single = (step: number, values: Float64Array) =>
    noiseWithoutTies(() => line(step), values, stream, { times: 1 });
  const needsAll = everyKink || questions.some(({ state }) => state !== "refuted");
  const isEnough = (found: FinestDerivatives) =>
    !needsAll && questions.every((question) => isClear(question, found, moveNoise[question.output]!));
  const finest = finestDerivatives(line, single, firstStep, leastNoise, sizes, stream, isEnough);
  for (const question of questions) {
    const { state, input, output, error } = question;
    const isSettled = settle(question, finest, moveNoise[output]!, found);
    // That a derivative is negligible beside others of this result is worth knowing, too.
    const isTold = isSettled || error <= telling * beside[output]!;
    if (state !== "confirmed") found.seen.note(input, output, isTold);
  }
}

/**
 * For each result, how far apart the slopes of the two sides of the point may be by extrapolation; infinite unless they
 * agree. It costs little after a central derivative, which evaluates the function at the same places.
 */
function bendOf(line: Line, noise: Float64Array): Float64Array {
  const above = oneSidedDerivative(line, firstStep, noise, 1);
  const below = oneSidedDerivative(line, firstStep, noise, -1);
  return above.errors.map((error, i) => {
    const both = error + below.errors[i]!;
    return Math.abs(above.values[i]! - below.values[i]!) <= both ? both : Infinity;
  });
}

/** A comparison with extrapolated differences that needs a second opinion. */
interface Question extends Omit<Mismatch, "test"> {
  readonly state: "confirmed" | "unclear" | "refuted";
  /** Whether the extrapolated slopes of the two sides are the same. */
  readonly isStraight: () => boolean;
  /** The size of all derivatives in this direction together. */
  readonly size: number;
  readonly output: number;
}

/** A mismatch is clear beyond this many times the error bars of the finest differences. */
const clearly = 4;

/**
 * Whether the finest differences confirm a mismatch already: they agree with the extrapolated ones, and the rules are far
 * from the slopes of both sides. Larger steps would only make the error bars narrower.
 */
function isClear(
  { output: i, analytic, numerical, error }: Question,
  { central, above, below }: FinestDerivatives,
  moveNoise: number,
): boolean {
  const bar = central.errors[i]! + moveNoise;
  const bars = above.errors[i]! + below.errors[i]! + 2 * moveNoise;
  return (
    Math.abs(numerical - central.values[i]!) <= error + bar &&
    Math.abs(above.values[i]! - below.values[i]!) <= bars &&
    Math.abs(analytic - central.values[i]!) > clearly * Math.max(bar, bars)
  );
}

/** What the finest differences show: a kink, a mismatch, agreement, or (false) nothing. */
function settle(
  { state, size, isStraight, ...compared }: Question,
  { central, above, below }: FinestDerivatives,
  moveNoise: number,
  found: Found,
): boolean {
  const { output: i, analytic, numerical, error } = compared;
  const bars = above.errors[i]! + below.errors[i]! + 2 * moveNoise;
  if (Math.abs(above.values[i]! - below.values[i]!) > bars) {
    found.kinks++;
    const low =
      Math.min(above.values[i]! - above.errors[i]!, below.values[i]! - below.errors[i]!) - moveNoise;
    const high =
      Math.max(above.values[i]! + above.errors[i]!, below.values[i]! + below.errors[i]!) + moveNoise;
    if (state !== "confirmed" && (analytic < low || analytic > high)) {
      const sides = { numerical: (low + high) / 2, error: (high - low) / 2 };
      found.mismatches.push({ ...compared, ...sides, test: "kink" });
    }
    return true;
  }
  if (state === "confirmed") return true;
  const best = { numerical: central.values[i]!, error: central.errors[i]! + moveNoise };
  const agreesWithOther = Math.abs(numerical - best.numerical) <= error + best.error;
  // A rule is not convicted where the slopes of the sides are unknown, for a kink is not excluded: at the edge of a domain, one
  // side may be all noise. Where values are exact at the point, as at 0, the smallest steps may be too large to agree, and
  // extrapolation tells.
  const knowsSides = bars < Infinity || isStraight();
  if (knowsSides && Math.abs(analytic - best.numerical) > best.error) {
    const isCloser = agreesWithOther && error < best.error;
    found.mismatches.push({ ...compared, ...(isCloser ? {} : best), test: "difference" });
    return true;
  }
  // An error bar that is NaN, as that of a derivative that is NaN, tells nothing.
  const tells = best.error <= telling * Math.max(Math.abs(analytic), size);
  if (state === "refuted" && (agreesWithOther || !tells || !knowsSides)) found.suspected++;
  else if (!tells) found.undecided++;
  return tells;
}

interface Push {
  readonly direction: Direction;
  readonly move: Float64Array;
  readonly moveNoise: Float64Array;
}

/** Weights of the results, whose weighted sum is differentiated in reverse mode. */
interface Weighting {
  readonly vector: Float64Array;
  /** The only result that has a weight, or null where all do. */
  readonly entry: number | null;
}

function weightingsFor(m: number, stream: Stream): Weighting[] {
  const mixed = Array.from({ length: mixedWeightings }, () => ({ vector: stream.vector(m), entry: null }));
  if (m > fewEntries) return mixed;
  const units = Array.from({ length: m }, (_, entry) => {
    const vector = new Float64Array(m);
    vector[entry] = 1;
    return { vector, entry };
  });
  return [...mixed, ...units];
}

interface Pull {
  readonly weighting: Weighting;
  readonly gradient: Float64Array;
  readonly gradientNoise: Float64Array;
}

function compareModes(pushes: readonly Push[], pulls: readonly Pull[], found: Found): void {
  for (const { weighting, gradient, gradientNoise } of pulls) {
    const { vector: u, entry: output } = weighting;
    for (const { direction, move, moveNoise } of pushes) {
      found.compared++;
      const [forward, reverse] = [dot(u, move), dot(gradient, direction.vector)];
      const error = absoluteDot(u, moveNoise) + absoluteDot(gradientNoise, direction.vector);
      if (Math.abs(forward - reverse) <= error && error < Infinity) continue;
      if (!Number.isFinite(forward - reverse) || !(error < Infinity)) found.undecided++;
      else
        found.mismatches.push({
          test: "dot",
          output,
          input: direction.entry,
          analytic: reverse,
          numerical: forward,
          error,
        });
    }
  }
}

/** Pulling back 2u − 3v must give 2 and −3 times what u and v give. */
function checkLinearity(run: Run, [u, v]: readonly Pull[], found: Found): void {
  const weights = u!.weighting.vector.map((value, i) => 2 * value - 3 * v!.weighting.vector[i]!);
  run.pulled(weights).forEach((value, i) => {
    found.compared++;
    const expected = 2 * u!.gradient[i]! - 3 * v!.gradient[i]!;
    const error = 4 * (2 * u!.gradientNoise[i]! + 3 * v!.gradientNoise[i]!);
    if (Math.abs(value - expected) > error) {
      found.mismatches.push({
        test: "linearity",
        output: null,
        input: i,
        analytic: value,
        numerical: expected,
        error,
      });
    }
  });
}

function joined(vectors: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(vectors.reduce((sum, { length }) => sum + length, 0));
  let start = 0;
  for (const vector of vectors) {
    all.set(vector, start);
    start += vector.length;
  }
  return all;
}

const largestOf = (vector: Float64Array): number =>
  vector.reduce((most, x) => Math.max(most, Number.isFinite(x) ? Math.abs(x) : 0), 0);

/** A joined vector taken apart again, into parts as long as those of `like`. */
function apart(all: Float64Array, like: readonly Float64Array[]): Float64Array[] {
  let end = 0;
  return like.map(({ length }) => {
    end += length;
    return all.subarray(end - length, end);
  });
}

/** Two vectors' product. */
export function dot(a: Float64Array, b: Float64Array): number {
  return sumInHalves((i) => a[i]! * b[i]!, 0, a.length);
}

function absoluteDot(a: Float64Array, b: Float64Array): number {
  return sumInHalves((i) => Math.abs(a[i]! * b[i]!), 0, a.length);
}

// Added in halves, so that the rounding of long sums is below the noise that they are compared with.
function sumInHalves(term: (i: number) => number, from: number, to: number): number {
  if (to - from > 16) {
    const middle = (from + to) >>> 1;
    return sumInHalves(term, from, middle) + sumInHalves(term, middle, to);
  }
  let sum = 0;
  for (let i = from; i < to; i++) sum += term(i);
  return sum;
}

function rootMeanSquare(vector: Float64Array): number {
  return vector.length === 0 ? 0 : Math.sqrt(dot(vector, vector) / vector.length);
}
