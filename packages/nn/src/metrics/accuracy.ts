// The share of right predictions.

import { stack } from "@adjoint/autograd";
import { checkOptions } from "../arguments.ts";
import { classesOf, type Metric, metric, type ThresholdOptions } from "./metric.ts";

/**
 * The share of samples whose predicted class is right. Predictions [n, classes] with int32 labels [n] or rows [n,
 * classes], or one prediction for each target, compared with a threshold. Its `of` throws ShapeError where they don't
 * fit. As scikit-learn's accuracy_score.
 */
export function accuracy(options: ThresholdOptions = {}): Metric {
  checkOptions("accuracy", options, ["threshold"]);
  const { threshold = 0.5 } = options;
  return metric({
    name: "accuracy",
    part(prediction, target, weight) {
      const { predicted, actual, weights } = classesOf("accuracy", prediction, target, weight, threshold);
      return stack([weights.mul(predicted.equal(actual).cast("float64")).sum(), weights.sum()]);
    },
    value: (total) => {
      const [right, all] = total.data as unknown as [number, number];
      return right / all;
    },
  });
}
