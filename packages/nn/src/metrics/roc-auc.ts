// The area under the ROC curve.

import { concat, ShapeError, stack, type Tensor } from "@adjoint/autograd";
import { type Metric, metric, spread } from "./metric.ts";

/**
 * The area under the receiver operating characteristic: the probability that a sample of class 1 gets a higher score
 * than one of class 0, ties counting half. Scores [n] or [n, 1], or rows of two [n, 2], whose difference is the score;
 * targets [n] or [n, 1] of 0 and 1. NaN where a class is missing. As scikit-learn's roc_auc_score. All scores are kept
 * until the value is asked for. Its `of` throws ShapeError for other shapes.
 */
export const rocAuc = (): Metric =>
  metric({
    name: "rocAuc",
    part(prediction, target, weights) {
      const n = prediction.shape[0]!;
      if ((prediction.size !== n && prediction.size !== 2 * n) || target.size !== n)
        throw new ShapeError(
          `rocAuc: prediction [${prediction.shape.join(", ")}] and target [${target.shape.join(", ")}]: give one score, or two, for each sample, and one target`,
        );
      const rows = prediction.cast("float64").reshape([n, -1]);
      const score = rows.shape[1] === 1 ? rows.reshape([n]) : difference(rows);
      const isPositive = target.cast("float64").reshape([n]).greaterEqual(0.5).cast("float64");
      return stack([score, isPositive, spread(weights, score)], { axis: 1 });
    },
    join: (before, part) => concat([before, part]),
    value: area,
  });

const difference = (rows: Tensor): Tensor => rows.slice(null, 1).sub(rows.slice(null, 0));

function area(total: Tensor): number {
  const n = total.shape[0]!;
  const rows = Array.from({ length: n }, (_, i) => {
    const at = (column: number) => total.data[3 * i + column]!;
    return { score: at(0), isPositive: at(1) === 1, weight: at(2) };
  }).filter(({ weight }) => weight !== 0);
  rows.sort((a, b) => a.score - b.score);
  let [below, area, positives] = [0, 0, 0];
  for (let i = 0; i < rows.length; ) {
    const { score } = rows[i]!;
    let [tiedPositives, tiedNegatives] = [0, 0];
    // At least one row, also where the score is NaN and equals nothing.
    do {
      const { isPositive, weight } = rows[i++]!;
      if (isPositive) tiedPositives += weight;
      else tiedNegatives += weight;
    } while (rows[i]?.score === score);
    area += tiedPositives * (below + tiedNegatives / 2);
    below += tiedNegatives;
    positives += tiedPositives;
  }
  return area / (positives * below);
}
