// Recall.

import { type AverageOptions, ofCounts, share } from "./counts.ts";
import type { Metric } from "./metric.ts";

/**
 * The share of the samples of a class that were predicted to be of it; 0 where there is none. As scikit-learn's
 * recall_score. Predictions and targets are those of `accuracy`. Throws TypeError for an average that is not known, or
 * "binary" for more than two classes; its `of` throws ShapeError where they don't fit.
 */
export const recall = (options: AverageOptions = {}): Metric =>
  ofCounts("recall", options, ({ hits, actual }) => share(hits, actual));
