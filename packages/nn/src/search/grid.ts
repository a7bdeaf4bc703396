// Grid search: every combination.

import { checkSpace, gridOf, type Space } from "./space.ts";
import {
  checkSearchOptions,
  type Objective,
  runTrials,
  type SearchOptions,
  type SearchResult,
} from "./trials.ts";

/**
 * Tries every combination of choices and of the steps of ranges, the last name changing fastest. Seeds only the trials'
 * keys. Throws as `randomSearch` does. Example: `gridSearch(objective, { width: [16, 32], rate: { from: 1e-3, to: 0.1,
 * scale: "log" } }, { seed: 0 })`. As scikit-learn's ParameterGrid.
 */
export async function gridSearch<const S extends Space>(
  objective: Objective<S>,
  space: S,
  options: SearchOptions<S>,
): Promise<SearchResult<S>> {
  checkSpace("gridSearch", space);
  checkSearchOptions("gridSearch", options, []);
  const grid = gridOf(space);
  return runTrials("gridSearch", objective, options, ({ length }) =>
    length < grid.length ? { settings: grid[length]!, budget: null } : null,
  );
}
