// The confusion matrix.

import { oneHot } from "@adjoint/autograd";
import { checkOptions } from "../arguments.ts";
import { classesOf, type Metric, metric, type ThresholdOptions } from "./metric.ts";

/**
 * How often each class (row) was taken for each class (column): [classes, classes]. As scikit-learn's confusion_matrix.
 * Predictions and targets are those of `accuracy`; its `of` throws ShapeError where they don't fit.
 */
export function confusionMatrix(options: ThresholdOptions = {}): Metric {
  checkOptions("confusionMatrix", options, ["threshold"]);
  const { threshold = 0.5 } = options;
  return metric({
    name: "confusionMatrix",
    part(prediction, target, weight) {
      const { predicted, actual, weights, count } = classesOf(
        "confusionMatrix",
        prediction,
        target,
        weight,
        threshold,
      );
      const rows = oneHot(actual, count, { dtype: "float64" }).mul(weights.reshape([weights.size, 1]));
      return rows.transpose().matmul(oneHot(predicted, count, { dtype: "float64" }));
    },
    value: (total) => total.toArray() as number[][],
  });
}
