// Recall.

import { type AverageOptions, ofCounts, share } from "./counts.ts";
import type { Metric } from "./metric.ts";

/** Of the samples of a class, the share that was predicted to be of it; 0 where there is none. As scikit-learn's recall_score. */
export const recall = (options: AverageOptions = {}): Metric =>
  ofCounts("recall", options, ({ hits, actual }) => share(hits, actual));
