// Precision.

import { type AverageOptions, ofCounts, share } from "./counts.ts";
import type { Metric } from "./metric.ts";

/**
 * The share of the samples predicted to be of a class that are of it; 0 where none was predicted. As scikit-learn's
 * precision_score. Predictions and targets are those of `accuracy`. Throws TypeError for an average that is not known,
 * or "binary" for more than two classes; its `of` throws ShapeError where they don't fit.
 */
export const precision = (options: AverageOptions = {}): Metric =>
  ofCounts("precision", options, ({ hits, predicted }) => share(hits, predicted));
