// What precision, recall and F1 are made of: how often each class was predicted, was right, and both.

import { oneHot, stack, type Tensor } from "@adjoint/autograd";
import { checkOptions } from "../arguments.ts";
import { classesOf, type Metric, metric, type ThresholdOptions } from "./metric.ts";

/** How the values of classes become one. */
export interface AverageOptions extends ThresholdOptions {
  /**
   * "binary", the default for two classes: of class 1. "macro": the mean over the classes that occur, predicted or right.
   * "micro": of all classes' counts together.
   */
  readonly average?: "binary" | "macro" | "micro";
}

/** The counts of one class. */
export interface Counts {
  /** Predicted and right. */
  readonly hits: number;
  readonly predicted: number;
  readonly actual: number;
}

/** A share, 0 where there is nothing to take a share of, as in scikit-learn. */
export const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/** A metric of classes by what one class's counts make, averaged. Throws TypeError where an average must be chosen. */
export function ofCounts(name: string, options: AverageOptions, score: (counts: Counts) => number): Metric {
  checkOptions(name, options, ["average", "threshold"]);
  const { average, threshold = 0.5 } = options;
  const averages: readonly unknown[] = ["binary", "macro", "micro", undefined];
  if (!averages.includes(average))
    throw new TypeError(`${name}: average "${average}" is not known; use "binary", "macro" or "micro"`);
  return metric({
    name,
    part(prediction, target, weight) {
      const { predicted, actual, weights, count } = classesOf(name, prediction, target, weight, threshold);
      if (count !== 2 && (average ?? "binary") === "binary")
        throw new TypeError(
          `${name}: there are ${count} classes, and average "binary" is for two; choose one: ${name}({ average: "macro" }) or "micro"`,
        );
      const column = weights.reshape([weights.size, 1]);
      const [guess, truth] = [predicted, actual].map((labels) => oneHot(labels, count, { dtype: "float64" }));
      const summed = (x: Tensor) => x.mul(column).sum({ axis: 0 });
      return stack([summed(guess!.mul(truth!)), summed(guess!), summed(truth!)]);
    },
    value(total) {
      const count = total.shape[1]!;
      const classes = Array.from({ length: count }, (_, k): Counts => {
        const at = (row: number) => total.data[row * count + k]!;
        return { hits: at(0), predicted: at(1), actual: at(2) };
      });
      if (average === "micro") return score(classes.reduce(added));
      if (average !== "macro") return score(classes[1]!);
      const occurring = classes.filter(({ predicted, actual }) => predicted !== 0 || actual !== 0);
      return occurring.reduce((sum, each) => sum + score(each), 0) / occurring.length;
    },
  });
}

const added = (a: Counts, b: Counts): Counts => ({
  hits: a.hits + b.hits,
  predicted: a.predicted + b.predicted,
  actual: a.actual + b.actual,
});
