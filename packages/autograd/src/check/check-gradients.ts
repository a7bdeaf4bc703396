// checkGradients: is a function's derivative right or wrong, or can't that be told at this point?

import { checkOptions } from "../array/arguments.ts";
import type { NDArray } from "../array/ndarray.ts";
import { interpose } from "../tape/interpose.ts";
import { compiledDoubt } from "./compiled.ts";
import { examine, isSure, type Mismatch } from "./examine.ts";
import { changeOf, unreachedInputs } from "./findings.ts";
import { findGuiltyStep, findTiedStep } from "./guilty-step.ts";
import { inFloat64 } from "./in-double.ts";
import { keptBits32, noiseOf } from "./noise.ts";
import { Stream } from "./random.ts";
import { type Disagreement, Report, type Verdict } from "./report.ts";
import {
  nextLevel,
  type Point,
  placeOf,
  pulled,
  roomy,
  type Subject,
  sizeOfAll,
  subjectOf,
} from "./subject.ts";
import { anchored } from "./surrogates.ts";
import { type TaylorSlopes, taylorSlopes } from "./taylor.ts";

/** The options of `checkGradients`. */
export interface CheckOptions {
  /** The highest order of derivatives: 2 by default, so that the derivative of the derivative is checked too. */
  readonly order?: number;
  /** The seed of the directions and weights that are drawn. The same seed gives the same check. */
  readonly seed?: number;
  /** Whether to compare what `compile` makes of f and of its gradient with eager results, too; false by default. */
  readonly compiled?: boolean;
}

const optionNames = ["order", "seed", "compiled"];

/**
 * Checks the derivatives of f at a point, f(...point) being any tree of tensors and the point's entries trees too. A
 * variable in the point moves wherever f reads it: `checkGradients(() => loss(model), variables(model))`. Compares
 * forward mode with numerical derivatives that have error bars, reverse mode with forward mode, and tries the
 * pullback's linearity; then the same of the derivative, to the order asked for. A point at which nothing can be told
 * (ill-conditioned, outside the domain) is inconclusive, never wrong; so is a function that is not deterministic, or
 * that no input reaches. A function of `customVjp` or `customJvp` with a surrogate is checked against that one, which
 * the report's notes say. What is computed in float32 is checked in float64, and the float32 gradient is then compared
 * with that one. Throws what f throws at the point itself, and with `compiled` what compiling it throws. As PyTorch's
 * `gradcheck` and `gradgradcheck`, with error bars in place of tolerances.
 */
export function checkGradients(
  f: (...inputs: never[]) => unknown,
  point: Point,
  options: CheckOptions = {},
): Report {
  checkOptions("checkGradients", options, optionNames);
  const { order = 2, seed = 1, compiled = false } = options;
  if (!Number.isInteger(order) || order < 1)
    throw new RangeError(`checkGradients: order ${order} must be a whole number, 1 or more`);
  const stated = subjectOf("checkGradients", f, point);
  const change = changeOf(stated);
  if (change !== null) return inconclusive([change]);
  const findings = unreachedInputs(stated, new Stream(seed + 71));
  // For a function that no input reaches, derivatives that are zero show nothing.
  if (findings.length > 0 && findings.length === stated.inputs.length) return inconclusive(findings);
  const isSingle = usesFloat32(stated);
  const judged = isSingle ? judgeInFloat64(stated, order, seed) : judge(stated, order, seed);
  const doubt =
    compiled && judged.verdict !== "wrong" ? compiledDoubt(stated, isSingle, new Stream(seed + 97)) : null;
  const report = doubt === null ? judged : doubted(judged, doubt);
  return findings.length === 0 ? report : new Report({ ...report, findings });
}

function judgeInFloat64(stated: Subject, order: number, seed: number): Report {
  const subject = roomy(stated);
  const report = inFloat64(() => judge(subject, order, seed));
  const doubt = report.verdict === "wrong" ? null : singlePrecisionDoubt(subject, stated, seed);
  return doubt === null ? report : doubted(report, doubt);
}

/** Findings that make the answer "wrong" although all derivatives agree. */
const doubted = (report: Report, doubt: Disagreement): Report =>
  new Report({ ...report, verdict: "wrong", disagreements: [doubt], notes: [] });

/** Whether a function takes, computes or returns anything in float32. */
function usesFloat32(subject: Subject): boolean {
  let found = subject.inputs.some(({ dtype }) => dtype === "float32");
  const perturb = (operand: NDArray) => {
    found ||= operand.dtype === "float32";
    return operand;
  };
  const results = interpose({ perturb }, () => subject.run(subject.inputs));
  return found || results.some(({ dtype }) => dtype === "float32");
}

interface Totals {
  compared: number;
  undecided: number;
  kinks: number;
  readonly taylor: TaylorSlopes | null;
  readonly findings: readonly string[];
}

function inconclusive(findings: readonly string[]): Report {
  return new Report({
    verdict: "inconclusive",
    order: 0,
    disagreements: [],
    guilty: null,
    taylor: null,
    findings,
    notes: [],
    compared: 0,
    undecided: 0,
    kinks: 0,
  });
}

/**
 * A wrong rule is mostly wrong in all directions. Once so many entries of the inputs show it, or so many results where all
 * inputs move together, the other directions are not looked at.
 */
const enoughMismatches = 3;
const showsEnough = (mismatches: readonly Mismatch[]) =>
  new Set(mismatches.map(({ input }) => input)).size >= enoughMismatches ||
  mismatches.filter(({ input }) => input === null).length >= enoughMismatches;

function judge(stated: Subject, order: number, seed: number): Report {
  const { subject, notes, during } = anchored(stated);
  const report = during(() => judgeRules(subject, order, seed));
  return notes.length === 0 ? report : new Report({ ...report, notes: [...report.notes, ...notes] });
}

function judgeRules(subject: Subject, order: number, seed: number): Report {
  const taylor = order < 2 || isEmpty(subject) ? null : taylorSlopes(subject, new Stream(seed + 17));
  const totals: Totals = { compared: 0, undecided: 0, kinks: 0, taylor, findings: [] };
  const notes: string[] = [];
  let suspected = 0;
  let isBlind = false;
  let level = subject;
  for (let k = 1; k <= order; k++) {
    const stream = new Stream(seed + 7919 * k);
    const found = examine(level, stream, { order: k, isEnough: showsEnough });
    suspected += found.suspected;
    isBlind ||= found.isBlind;
    totals.compared += found.compared;
    totals.undecided += found.undecided;
    totals.kinks += found.kinks;
    if (found.mismatches.length > 0) return explain(subject, found.mismatches, k, seed, totals);
    if (k < order) level = nextLevel(level, stream);
  }
  const tied = findTiedStep(subject, seed);
  if (tied !== null) {
    const { guilty, mismatch } = tied;
    const disagreements = [describe(subject, mismatch, 1)];
    return new Report({ verdict: "wrong", order: 0, disagreements, guilty, notes, ...totals });
  }
  if (suspected > 0) return explain(subject, [], order, seed, totals);
  const isUnclear = isBlind || totals.undecided * 2 > totals.compared;
  const verdict: Verdict = isUnclear || totals.compared === 0 ? "inconclusive" : "right";
  if (totals.compared === 0 && totals.undecided > 0)
    notes.push(
      "the function gives NaN or an infinity at this point, beside which no difference tells anything; take another point, or ask explainNonFinite which step makes it",
    );
  else if (totals.compared === 0)
    notes.push("there is nothing to compare: no float input, no float result, or no elements");
  else if (isUnclear)
    notes.push(
      "most error bars, or all between one input and one result, are too wide to tell: the point is ill-conditioned or at the edge of the domain",
    );
  return new Report({ verdict, order, disagreements: [], guilty: null, notes, ...totals });
}

const isEmpty = (subject: Subject) =>
  sizeOfAll(subject.inputs) === 0 || sizeOfAll(subject.run(subject.inputs)) === 0;

const descriptions: Record<Mismatch["test"], string> = {
  difference: "forward mode against differences",
  tied: "forward mode against differences where equal numbers move together",
  dot: "reverse mode against forward mode",
  linearity: "linearity of the pullback",
  kink: "the convention at a kink against both sides",
  failure: "the derivative could not be computed",
};

/**
 * The verdict where differences contradict the rules: wrong if a step's own rule fails, or nothing but the rules can be to
 * blame. Without a mismatch, no difference was certain.
 */
function explain(
  subject: Subject,
  mismatches: readonly Mismatch[],
  order: number,
  seed: number,
  totals: Totals,
): Report {
  const disagreements = mismatches.map((mismatch) => describe(subject, mismatch, order));
  const { guilty, excuse } = findGuiltyStep(subject, order, seed);
  const isDoubtful = guilty === null && !mismatches.some(isSure);
  const notes: string[] = [];
  if (excuse !== null) notes.push(`the point lies ${excuse}; move it a little`);
  else if (isDoubtful)
    notes.push(
      "differences contradict the rules, and the smallest that rounding permits don't confirm it: the function varies faster than can be told",
    );
  else if (guilty === null)
    notes.push(
      "no step's own rule fails: a value leaves the tape on the way (detach, stopGradient, item) or is not a function of the inputs alone",
    );
  const verdict: Verdict = excuse === null && !isDoubtful ? "wrong" : "inconclusive";
  return new Report({ verdict, order: order - 1, disagreements, guilty, notes, ...totals });
}

function describe(subject: Subject, mismatch: Mismatch, order: number): Disagreement {
  const { analytic, numerical, error, test } = mismatch;
  const place = mismatch.input === null ? null : placeOf(subject, mismatch.input);
  return {
    order,
    test: descriptions[test],
    input: place?.name ?? null,
    index: place?.index ?? null,
    analytic,
    numerical,
    error,
  };
}

/** Compares the float32 gradient with the float64 one; the error bar is the effect of rounding to float32 at every step. */
function singlePrecisionDoubt(double: Subject, stated: Subject, seed: number): Disagreement | null {
  const stream = new Stream(seed + 31);
  const outputs = stated.run(stated.inputs);
  const weights = stream.vector(sizeOfAll(outputs)).map(Math.fround);
  const actual = pulled(stated, weights);
  const pull = () => inFloat64(() => pulled(double, weights));
  const exact = pull();
  const bars = noiseOf(pull, exact, stream, { bits: keptBits32 });
  for (let i = 0; i < exact.length; i++) {
    // The same NaN or infinity in both is no difference, and an error bar that is not finite tells nothing.
    if (Object.is(actual[i]!, exact[i]!) || !(bars[i]! < Infinity)) continue;
    if (!(Math.abs(actual[i]! - exact[i]!) <= bars[i]! + 2 ** -126)) {
      const place = placeOf(double, i);
      return {
        order: 1,
        test: "float32 against float64",
        input: place?.name ?? null,
        index: place?.index ?? null,
        analytic: actual[i]!,
        numerical: exact[i]!,
        error: bars[i]!,
      };
    }
  }
  return null;
}
