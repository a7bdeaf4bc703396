// Random search.

import { randomKey, splitKey } from "@adjoint/autograd";
import { checkWhole } from "../optimizers/ranges.ts";
import { checkSpace, drawn, type Settings, type Space } from "./space.ts";
import {
  checkSearchOptions,
  type Objective,
  runTrials,
  type SearchOptions,
  type SearchResult,
} from "./trials.ts";

/** The options of `randomSearch`. */
export interface RandomSearchOptions<S extends Space> extends SearchOptions<S> {
  /** How many settings are tried. More of them begin with the same ones. */
  readonly trials: number;
}

/**
 * Tries settings that are drawn evenly over choices and ranges, each independent of the others. Bergstra & Bengio (2012).
 * Throws TypeError or RangeError for a space or options that are none, TypeError where the objective gives no loss, and Error
 * where `resume` comes from another search.
 */
export async function randomSearch<const S extends Space>(
  objective: Objective<S>,
  space: S,
  options: RandomSearchOptions<S>,
): Promise<SearchResult<S>> {
  checkSpace("randomSearch", space);
  checkSearchOptions("randomSearch", options, ["trials"]);
  const { trials, seed } = options;
  checkWhole("randomSearch", "trials", trials, 20);
  const candidates = candidatesOf(space, seed, trials);
  return runTrials("randomSearch", objective, options, ({ length }) =>
    length < trials ? { settings: candidates[length]!, budget: null } : null,
  );
}

/** Settings drawn from a seed; more of them begin with the same ones. */
export function candidatesOf<S extends Space>(space: S, seed: number, count: number): readonly Settings<S>[] {
  // A key of its own: the trials draw from keys that come of the same seed.
  let next = splitKey(randomKey(seed), 3)[2];
  return Array.from({ length: count }, () => {
    const [own, rest] = splitKey(next);
    next = rest;
    return drawn(space, own);
  });
}
