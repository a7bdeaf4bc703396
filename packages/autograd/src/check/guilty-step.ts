// Which step of a tape is to blame: each is checked by itself, on the numbers that it had.

import { apply } from "../tape/apply.ts";
import { forgotten, watchedLeaf } from "../tape/leaf.ts";
import { tape } from "../tape/tape.ts";
import { includes, Trace } from "../tape/trace.ts";
import type { Step, Value } from "../tape/value.ts";
import { asTensor, type Tensor } from "../tensor/tensor.ts";
import { dot, examine, type Mismatch, scalesOf } from "./examine.ts";
import { jumpAt } from "./jumps.ts";
import { Stream } from "./random.ts";
import type { GuiltyStep } from "./report.ts";
import { nextLevel, roomy, runOf, type Subject, subjectOf, toVector, valuesAt } from "./subject.ts";
import { tieMove } from "./ties.ts";
import { locate } from "./where.ts";

/** Whether it is the slope in one entry of the inputs that is wrong, or in entries that are tied and smooth together. */
const isOwn = ({ test, input }: Pick<Mismatch, "test" | "input">) =>
  test === "tied" || (test === "difference" && input !== null);

/** The steps that a subject takes at its point, and where in the user's code each was taken. */
function stepsOf(subject: Subject) {
  const trace = new Trace();
  const leaves = subject.inputs.map((input) => asTensor(watchedLeaf(input, trace)));
  const { result, lineOf } = locate(() => subject.run(leaves));
  trace.open = false;
  const isMoving = (value: Value) => includes(value.traces, trace);
  const steps = tape(result, trace).flatMap((value) =>
    value.step === null ? [] : [{ value, step: value.step }],
  );
  return { steps, isMoving, lineOf };
}

/**
 * Checks steps of the tape by themselves until the own rule of one fails; returns that one, or what of another one excuses
 * the rules at this point. A full examination takes long, so the steps that fail a rough one are first in line; apart from
 * that, the order is the tape's.
 */
export function findGuiltyStep(
  subject: Subject,
  order: number,
  seed: number,
): { guilty: GuiltyStep | null; excuse: string | null } {
  const { steps: taken, lineOf } = stepsOf(subject);
  const steps = taken.flatMap(({ value, step }) => {
    // A float32 constant may occur among float64 numbers, for example behind a cast.
    const local = roomy(localSubject(step));
    if (local.inputs.length === 0) return [];
    return [
      { value, step, local, name: nameOf(step), isSuspect: isSuspect(local, order, new Stream(seed + 61)) },
    ];
  });
  const inLine = [...steps.filter((each) => each.isSuspect), ...steps.filter((each) => !each.isSuspect)];
  const onKink = new Set<unknown>();
  const steep = new Set<unknown>();
  for (const each of inLine) {
    const { value, step, local } = each;
    let level = local;
    if (isSteep(local, new Stream(seed + 59))) steep.add(each);
    for (let k = 1; k <= order; k++) {
      const stream = new Stream(seed + 104729 * k);
      const found = examine(level, stream, {
        order: k,
        everyKink: true,
        // A kink in another entry would not clear it.
        isEnough: (mismatches) => k === 1 && mismatches.some(isOwn),
      });
      if (found.kinks > 0) onKink.add(each);
      // At a kink in one entry, slopes in other entries are not in doubt; other differences may come from the conventions.
      const real = found.mismatches.filter(({ test, input }) =>
        found.kinks === 0 ? test !== "kink" : k === 1 && isOwn({ test, input }),
      );
      if (real.length > 0) {
        return { guilty: blamed(step, lineOf(value), k), excuse: null };
      }
      if (k < order) level = nextLevel(level, stream);
    }
  }
  const firstOf = (found: Set<unknown>) => steps.find((each) => found.has(each))?.name ?? null;
  const kink = firstOf(onKink) ?? jumpAt(subject, new Stream(seed + 53));
  if (kink !== null) return { guilty: null, excuse: `on a kink of ${kink}, where conventions don't compose` };
  const root = firstOf(steep);
  if (root !== null)
    return { guilty: null, excuse: `where the slope of ${root} is infinite, and conventions don't compose` };
  const wave = steps.find(({ local }) => isFinerThanSteps(local));
  if (wave !== undefined)
    return { guilty: null, excuse: `where ${wave.name} varies faster than can be told` };
  // One that jumps when its operands move by themselves, as atan2 at (0, 0), though the function does not move them so.
  const jump = steps.find(({ local }) => jumpAt(local, new Stream(seed + 43)) !== null);
  const excuse = jump === undefined ? null : `at a jump of ${jump.name}, where conventions don't compose`;
  return { guilty: null, excuse };
}

/** Whether a slope at the point is infinite, or the rule gives none. */
function isSteep(local: Subject, stream: Stream): boolean {
  const run = runOf(local);
  return !run.pulled(stream.vector(run.values.length)).every(Number.isFinite);
}

// Of a number, and of what differences move it by: the smallest steps that rounding permits.
const smallest = 2 ** -40;
/** So many entries are moved one by one: all of a large step would take the square of its size. */
const mostEntries = 12;
const alike = (a: number, b: number) => Math.abs(a - b) <= 2 ** -6 * Math.abs(b);

/**
 * Whether, at a number far smaller than the steps that differences take there, the rule holds on a side for steps of the
 * number's own size and on none for theirs: as at or between two jumps of x mod 10⁻¹⁶.
 */
function isFinerThanSteps(local: Subject): boolean {
  const point = toVector(local.inputs);
  const scales = scalesOf(point);
  const run = runOf(local);
  const { values } = run;
  const small = Array.from(point.keys()).filter((i) => point[i] !== 0 && Math.abs(point[i]!) < scales[i]!);
  return small.slice(0, mostEntries).some((entry) => {
    const size = Math.abs(point[entry]!);
    const stated = run.pushed(point.map((_, i) => Number(i === entry)));
    const holds = (step: number) => {
      const sides = [step, -step].map((by) => ({
        by,
        there: valuesAt(
          local,
          point.map((x, i) => (i === entry ? x + by : x)),
        ),
      }));
      return stated.map((slope, i) =>
        Number(sides.some(({ by, there }) => alike((there[i]! - values[i]!) / by, slope))),
      );
    };
    const [own, taken] = [holds(smallest * size), holds(smallest * scales[entry]!)];
    return stated.some((slope, i) => slope !== 0 && own[i] === 1 && taken[i] === 0);
  });
}

const blamed = (step: Step, line: string | null, order: number): GuiltyStep => ({
  operation: nameOf(step),
  line,
  shapes: step.inputs.map((input) => [...input.shape]),
  order,
});

/**
 * The first step whose rule fails where equal numbers among its operands move together and its result is smooth: what ties
 * inside a function mostly does not tie in its inputs, so that no direction of these shows it. Operands that do not
 * depend on the inputs stay.
 */
export function findTiedStep(
  subject: Subject,
  seed: number,
): { guilty: GuiltyStep; mismatch: Mismatch } | null {
  const { steps, isMoving, lineOf } = stepsOf(subject);
  const seen = new Set<Step>();
  for (const { value, step } of steps) {
    if (seen.has(step)) continue;
    seen.add(step);
    const local = roomy(localSubject(step, isMoving));
    if (!isSuspectAtTies(local, new Stream(seed + 67))) continue;
    const { mismatches } = examine(local, new Stream(seed + 104729), {
      order: 1,
      everyKink: true,
      tiesOnly: true,
    });
    const mismatch = mismatches.find(({ test }) => test === "tied");
    if (mismatch !== undefined) return { guilty: blamed(step, lineOf(value), 1), mismatch };
  }
  return null;
}

/** Whether a result that is smooth where all ties move, as far as one step to each side tells, has a slope of another size. */
function isSuspectAtTies(local: Subject, stream: Stream): boolean {
  const point = toVector(local.inputs);
  const direction = tieMove(point, scalesOf(point), stream);
  if (direction === null) return false;
  const run = runOf(local);
  const pushed = run.pushed(direction);
  const at = (step: number) =>
    valuesAt(
      local,
      point.map((x, i) => x + step * direction[i]!),
    );
  const [right, left] = [at(roughStep), at(-roughStep)];
  return pushed.some((slope, i) => {
    const here = run.values[i]!;
    const [above, below] = [(right[i]! - here) / roughStep, (here - left[i]!) / roughStep];
    const size = Math.max(Math.abs(slope), Math.abs(above), Math.abs(below));
    return Math.abs(above - below) <= rough * size && Math.abs(slope - (above + below) / 2) > rough * size;
  });
}

/** In a direction drawn at random: whether the modes differ from each other, or from a difference, as rounding hardly explains. */
function isSuspect(local: Subject, order: number, stream: Stream): boolean {
  let level = local;
  for (let k = 1; k <= order; k++) {
    const point = toVector(level.inputs);
    const direction = stream.vector(point.length);
    const run = runOf(level);
    const weights = stream.vector(run.values.length);
    const at = (step: number) =>
      dot(
        weights,
        valuesAt(
          level,
          point.map((x, i) => x + step * direction[i]!),
        ),
      );
    const forward = dot(weights, run.pushed(direction));
    const reverse = dot(run.pulled(weights), direction);
    const numerical = (at(roughStep) - at(-roughStep)) / (2 * roughStep);
    const size = Math.max(Math.abs(forward), Math.abs(reverse), Math.abs(numerical));
    if (Math.max(Math.abs(forward - reverse), Math.abs(forward - numerical)) > rough * size) return true;
    if (k < order) level = nextLevel(level, stream);
  }
  return false;
}

const roughStep = 2 ** -16;
/** Rounding and the step's own size leave differences far below this fraction, unless a function varies fast. */
const rough = 2 ** -12;

const nameOf = ({ primitive, attributes }: Step) =>
  [primitive.name, primitive.label?.(attributes) ?? ""].filter(Boolean).join(" ");

/** One step as a subject: its primitive on its own inputs, or on those that move, where inputs that are the same move together. */
function localSubject(step: Step, isMoving: (input: Value) => boolean = () => true): Subject {
  const distinct = [...new Set(step.inputs.filter(isMoving))];
  const f = (...inputs: Tensor[]) => {
    const operands = step.inputs.map((input) => inputs[distinct.indexOf(input)] ?? forgotten(input));
    return apply(step.primitive, operands, step.attributes);
  };
  return subjectOf("checkGradients", f as (...inputs: never[]) => unknown, distinct.map(forgotten));
}
