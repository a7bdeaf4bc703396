// Successive halving: many settings on a small budget, fewer and fewer on larger ones.

import { checkWhole } from "../optimizers/ranges.ts";
import { candidatesOf } from "./random.ts";
import { checkSpace, type Settings, type Space } from "./space.ts";
import {
  checkSearchOptions,
  lossOf,
  type Objective,
  runTrials,
  type SearchOptions,
  type SearchResult,
  type Trial,
} from "./trials.ts";

/** The options of `successiveHalving`. */
export interface HalvingOptions<S extends Space> extends SearchOptions<S> {
  /** How many settings the first round tries. */
  readonly trials: number;
  /** What a trial of the first round may spend, such as 1 epoch. */
  readonly budget: number;
  /** One in how many stays, with that many times the budget, from round to round; 3 by default. */
  readonly factor?: number;
}

/**
 * Tries settings drawn at random on a small budget, then the best third of them on three times the budget, and so on
 * until a round has one left. A trial starts from the beginning in each round; the objective gets its budget. Jamieson
 * & Talwalkar (2016). Throws as `randomSearch` does.
 */
export async function successiveHalving<const S extends Space>(
  objective: Objective<S>,
  space: S,
  options: HalvingOptions<S>,
): Promise<SearchResult<S>> {
  checkSpace("successiveHalving", space);
  checkSearchOptions("successiveHalving", options, ["trials", "budget", "factor"]);
  const { trials, budget, factor = 3, seed } = options;
  checkWhole("successiveHalving", "trials", trials, 27);
  checkWhole("successiveHalving", "factor", factor, 3, 2);
  if (!(budget > 0 && budget < Infinity))
    throw new RangeError(`successiveHalving: budget ${budget} must be a finite number above 0, e.g. 1`);
  const first = candidatesOf(space, seed, trials);
  return runTrials("successiveHalving", objective, options, (done) => {
    let round: readonly Settings<S>[] = first;
    let rest = done;
    for (let spend = budget; ; spend *= factor) {
      const next = round[rest.length];
      if (next !== undefined) return { settings: next, budget: spend };
      if (round.length === 1) return null;
      const tried = rest.slice(0, round.length);
      rest = rest.slice(round.length);
      round = best(tried, Math.max(1, Math.floor(round.length / factor)));
    }
  });
}

/** The settings of the lowest losses, the first of equals first. */
const best = <S extends Space>(trials: readonly Trial<S>[], count: number): readonly Settings<S>[] =>
  trials
    // Infinity less infinity would be NaN, which sorts nothing.
    .toSorted((a, b) => (lossOf(a) === lossOf(b) ? 0 : lossOf(a) - lossOf(b)))
    .slice(0, count)
    .map(({ settings }) => settings);
