// The F1 score.

import { type AverageOptions, ofCounts, share } from "./counts.ts";
import type { Metric } from "./metric.ts";

/** The harmonic mean of precision and recall, 2·hits/(predicted + actual). As scikit-learn's f1_score. */
export const f1 = (options: AverageOptions = {}): Metric =>
  ofCounts("f1", options, ({ hits, predicted, actual }) => share(2 * hits, predicted + actual));
