// The trials of a search, one after another, and what is known of them: plain data that can be saved after each and gone on from.

import { type Key, randomKey, splitKey } from "@adjoint/autograd";
import { checkFunction, checkOptions } from "../arguments.ts";
import type { Plain, Settings, Space } from "./space.ts";

/** What a trial gets beside its settings. */
export interface TrialContext {
  /** A key of its own, the same whenever the search is repeated with the same seed. */
  readonly key: Key;
  /** How much may be spent, such as epochs; null where the search does not say. */
  readonly budget: number | null;
}

/** One trial: what was tried, and what came of it. Plain data. */
export interface Trial<S extends Space = Space> {
  /** What was chosen, by name. */
  readonly settings: Settings<S>;
  /** What it was given to spend; null where the search does not say. */
  readonly budget: number | null;
  /**
   * The loss, which the search makes small. Null stands for NaN and infinity, which JSON does not have: worse than any
   * number.
   */
  readonly loss: number | null;
  /** Whatever else the objective returned, such as a history. */
  readonly details: Plain;
}

/** How far a search has come. Plain data: JSON.stringify keeps all of it. */
export interface SearchState<S extends Space = Space> {
  /** The trials so far, in order. */
  readonly trials: readonly Trial<S>[];
}

/** Tries settings: gives a loss that is to be low, with or without other plain data to be kept. */
export type Objective<S extends Space> = (
  settings: Settings<S>,
  context: TrialContext,
) => Outcome | Promise<Outcome>;

type Outcome = number | { readonly loss: number; readonly details?: Plain };

/** The options that all searches have. */
export interface SearchOptions<S extends Space> {
  /** Where settings and the trials' keys are drawn from. */
  readonly seed: number;
  /** How far an earlier search had come; its trials are not repeated. Give the same space and options. */
  readonly resume?: SearchState<S>;
  /** Called after each trial, and awaited: to save the state. */
  readonly onTrial?: (state: SearchState<S>) => unknown;
}

/** What a search resolves to. */
export interface SearchResult<S extends Space> extends SearchState<S> {
  /** The trial of the lowest loss, the first of equals, among those of the largest budget. */
  readonly best: Trial<S>;
  /** The trials as text: a line each, the best first. */
  readonly table: string;
}

const searchOptions = ["seed", "resume", "onTrial"] as const;

/** What is to be tried, given the trials so far; null when the search is over. */
export type Plan<S extends Space> = (
  trials: readonly Trial<S>[],
) => { readonly settings: Settings<S>; readonly budget: number | null } | null;

/** Worse than any number where a trial failed to give one. */
export const lossOf = ({ loss }: Pick<Trial, "loss">): number => loss ?? Infinity;

/**
 * Makes the trials of a plan. Throws TypeError where the objective gives no loss; whatever it throws itself ends the search, of
 * which `onTrial` has seen all that came before. Throws Error where `resume` is another search's.
 */
export async function runTrials<S extends Space>(
  operation: string,
  objective: Objective<S>,
  { seed, resume, onTrial }: SearchOptions<S>,
  plan: Plan<S>,
): Promise<SearchResult<S>> {
  checkFunction(operation, "the objective", objective, "async (settings) => loss");
  if (onTrial !== undefined) checkFunction(operation, "onTrial", onTrial, "(state) => save(state)");
  const trials: Trial<S>[] = [];
  const known = resume?.trials ?? [];
  let key = randomKey(seed);
  for (;;) {
    const next = plan(trials);
    if (next === null) break;
    // A chain of keys, so that a trial's own key does not depend on how many follow.
    const [own, rest] = splitKey(key);
    key = rest;
    const before = known[trials.length];
    if (before !== undefined) {
      checkSame(operation, trials.length, before, next);
      trials.push(before);
      continue;
    }
    const outcome: unknown = await objective(next.settings, { key: own, budget: next.budget });
    trials.push({ ...next, ...read(operation, outcome) });
    await onTrial?.({ trials: [...trials] });
  }
  const most = Math.max(...trials.map(({ budget }) => budget ?? 0));
  const last = trials.filter(({ budget }) => (budget ?? 0) === most);
  const best = last.reduce((a, b) => (lossOf(b) < lossOf(a) ? b : a));
  return { trials, best, table: tableOf(trials) };
}

function read(
  operation: string,
  outcome: unknown,
): { readonly loss: number | null; readonly details: Plain } {
  const given = typeof outcome === "number" ? { loss: outcome } : outcome;
  const { loss, details = null } = (given ?? {}) as { readonly loss?: unknown; readonly details?: Plain };
  if (typeof loss !== "number")
    throw new TypeError(
      `${operation}: the objective gave no loss; return a number that is to be low, or { loss, details }`,
    );
  return { loss: Number.isFinite(loss) ? loss : null, details };
}

/** Throws Error where what was tried is not what is to be tried. */
function checkSame<S extends Space>(
  operation: string,
  place: number,
  before: Trial<S>,
  next: { readonly settings: Settings<S>; readonly budget: number | null },
): void {
  const { settings, budget } = before;
  if (JSON.stringify({ settings, budget }) === JSON.stringify(next)) return;
  throw new Error(
    `${operation}: trial ${place} of resume is ${JSON.stringify({ settings, budget })} and would be ${JSON.stringify(next)}; go on with the same space, seed and options, or leave resume out`,
  );
}

/** Trials as lines with columns, the largest budgets and the lowest losses first. */
function tableOf(trials: readonly Trial[]): string {
  const names = Object.keys(trials[0]?.settings ?? {});
  const hasBudgets = trials.some(({ budget }) => budget !== null);
  const text = (value: unknown) =>
    typeof value === "number" ? String(Number(value.toPrecision(4))) : JSON.stringify(value);
  const sorted = trials.toSorted(
    // Infinity less infinity would be NaN, which sorts nothing.
    (a, b) => (b.budget ?? 0) - (a.budget ?? 0) || (lossOf(a) === lossOf(b) ? 0 : lossOf(a) - lossOf(b)),
  );
  const rows = [
    ["loss", ...(hasBudgets ? ["budget"] : []), ...names],
    ...sorted.map(({ loss, budget, settings }) => [
      loss === null ? "none" : text(loss),
      ...(hasBudgets ? [text(budget)] : []),
      ...names.map((name) => text((settings as Record<string, unknown>)[name])),
    ]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => row.map((cell, i) => cell.padStart(widths[i]!)).join("  ")).join("\n");
}

/** Throws TypeError for options that a search doesn't have, or without a seed. */
export function checkSearchOptions(operation: string, options: object, own: readonly string[]): void {
  checkOptions(operation, options, [...searchOptions, ...own]);
  if (!Number.isSafeInteger((options as { readonly seed?: unknown }).seed))
    throw new TypeError(`${operation}: there is no seed to draw from; give a whole number: { seed: 0 }`);
}
