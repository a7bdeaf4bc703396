// The F1 score.

import { type AverageOptions, ofCounts, share } from "./counts.ts";
import type { Metric } from "./metric.ts";

/**
 * The harmonic mean of precision and recall, 2·hits/(predicted + actual). As scikit-learn's f1_score. Predictions and
 * targets are those of `accuracy`. Throws TypeError for an average that is not known, or "binary" for more than two
 * classes; its `of` throws ShapeError where they don't fit.
 */
export const f1 = (options: AverageOptions = {}): Metric =>
  ofCounts("f1", options, ({ hits, predicted, actual }) => share(2 * hits, predicted + actual));
