// Cross-entropy of predictions that are probabilities already.

import { type Loss, perRow, probabilities } from "./loss.ts";

/**
 * −Σ y log ŷ (natural log) over each row of probabilities ŷ that sum to one, such as softmax gives: one loss for each
 * row. From logits, `crossEntropy` is more accurate. Keras' `CategoricalCrossentropy`. Throws ShapeError for a
 * prediction without an axis, RangeError for a target that is no probability.
 */
export const crossEntropyOfProbabilities: Loss = perRow(
  "crossEntropyOfProbabilities",
  (p, y) => y.gate(p.log()).sum({ axis: -1 }).neg(),
  { targets: probabilities },
);
