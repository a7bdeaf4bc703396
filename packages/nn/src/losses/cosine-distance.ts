// How far directions are from one another.

import { stopGradient, type Tensor } from "@adjoint/autograd";
import { type Loss, perRow } from "./loss.ts";

/** Rows of length 1, and which rows are zero and have no direction. */
function directions(x: Tensor): { readonly unit: Tensor; readonly isZero: Tensor } {
  const largest = x.abs().max({ axis: -1, keepDims: true });
  const isZero = largest.equal(0);
  // A direction doesn't depend on the unit of length. In this one squares neither overflow nor underflow.
  const scaled = isZero.select(1, x.div(stopGradient(largest)));
  return { unit: scaled.div(scaled.norm({ axis: -1, keepDims: true })), isZero };
}

/**
 * 1 − cosine similarity of each row with its target: 0 for one direction, 1 for a right angle, 2 for opposite ones, exact for
 * rows of any length, and for directions that are nearly one. As
 * 1 − PyTorch's cosine_similarity; a row of zeros, which has no direction, has the loss 1 and derivative 0. Throws
 * ShapeError for a prediction without an axis.
 */
export const cosineDistance: Loss = perRow("cosineDistance", (p, t) => {
  const [a, b] = [directions(p), directions(t)];
  // Half the squared distance of the ends, in which nothing cancels; 1 − a·b would leave its rounding.
  const half = a.unit.sub(b.unit).square().sum({ axis: -1 }).mul(0.5);
  return a.isZero.or(b.isZero).squeeze({ axis: -1 }).select(1, half);
});
