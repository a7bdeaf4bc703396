// How far one distribution is from another.

import type { Tensor } from "@adjoint/autograd";
import { type Loss, perRow, probabilities } from "./loss.ts";

/**
 * log(y/p). Where p is near y, from their difference, which is exact there: a difference of logarithms would leave
 * their rounding.
 */
function logRatio(y: Tensor, p: Tensor): Tensor {
  const isNear = y.less(p.mul(2)).and(p.less(y.mul(2)));
  return isNear.select(y.sub(p).div(p).log1p(), y.log().sub(p.log()));
}

/**
 * Σ y log(y/ŷ) over each row of probabilities: how far predictions ŷ are from a distribution y. One loss for each row,
 * as PyTorch's KLDivLoss with "batchmean", which takes log ŷ. Where the two are nearly the same, it rounds as their
 * difference does, not as they do. Throws ShapeError for a prediction without an axis, RangeError for a target that is
 * no probability. Kullback & Leibler (1951). In nats (natural log).
 */
export const klDivergence: Loss = perRow("klDivergence", (p, y) => y.gate(logRatio(y, p)).sum({ axis: -1 }), {
  targets: probabilities,
});
