// The coefficient of determination.

import { ShapeError, stack, type Tensor } from "@adjoint/autograd";
import { type Metric, metric, spread } from "./metric.ts";

/**
 * R² = 1 − Σ(y − ŷ)²/Σ(y − ȳ)², the mean over outputs. Where a target is constant it is −∞, or NaN if it was met
 * exactly. As scikit-learn's r2_score with force_finite=False. Deviations are summed from each batch's own mean, so
 * that nothing cancels: Chan, Golub & LeVeque (1983), equation 2.1. Predictions and targets have one shape, [n, ...];
 * its `of` throws ShapeError where they don't.
 */
export const r2 = (): Metric =>
  metric({
    name: "r2",
    part(prediction, target, weights) {
      if (prediction.shape.join() !== target.shape.join())
        throw new ShapeError(
          `r2: prediction [${prediction.shape.join(", ")}] and target [${target.shape.join(", ")}] differ; they must have one shape: reshape the target`,
        );
      const flat = (x: Tensor) => x.cast("float64").reshape([x.shape[0]!, -1]);
      const [p, y] = [flat(prediction), flat(target)];
      const w = spread(weights, p);
      const summed = (x: Tensor) => w.gate(x).sum({ axis: 0 });
      const count = w.sum({ axis: 0 });
      const mean = summed(y).div(count);
      return stack([count, mean, summed(y.sub(mean).square()), summed(y.sub(p).square())]);
    },
    join(before, part) {
      const [[n, mean, spreadA, missedA], [m, other, spreadB, missedB]] = [before, part].map((each) =>
        [0, 1, 2, 3].map((row) => each.slice(row)),
      ) as [Four, Four];
      const all = n.add(m);
      const difference = other.sub(mean);
      const between = difference.square().mul(n).mul(m).div(all);
      return stack([
        all,
        mean.add(difference.mul(m).div(all)),
        spreadA.add(spreadB).add(between),
        missedA.add(missedB),
      ]);
    },
    value: (total) => total.slice(3).div(total.slice(2)).neg().add(1).mean().item(),
  });

type Four = [Tensor, Tensor, Tensor, Tensor];
