// What eigenvectors and singular vectors have in common: their derivatives divide by the gaps between values.

import { eye, type Shape, type Tensor, where } from "@adjoint/autograd";

/**
 * 1/(values[j] − values[i]), and 0 on the diagonal: [..., n], [..., 1] → [..., n, n]. Where values are no further apart
 * than `bound`, it is 1, for there the derivative is made NaN, which would leave a zero as it is.
 */
export function inverseGaps(values: Tensor, bound: Tensor): Tensor {
  const gaps = values.expandDims(-2).sub(values.expandDims(-1));
  const isApart = gaps.abs().greater(bound.expandDims(-1));
  const isSelf = eye(values.shape.at(-1)!, { dtype: "bool" });
  return where(isSelf, 0, where<Shape, Shape>(isApart, gaps, 1).reciprocal());
}

/** Whether each value is further than `bound` from all others: [..., n], [..., 1] → [..., n]. */
export function areApart(values: Tensor, bound: Tensor): Tensor {
  const gaps = values.expandDims(-2).sub(values.expandDims(-1)).abs();
  const isSelf = eye(values.shape.at(-1)!, { dtype: "bool" });
  return gaps.greater(bound.expandDims(-1)).or(isSelf).all({ axis: -1 });
}

/**
 * Below this distance, computed values may be the same: each has an error of a few n·ε of the largest. [..., n] → [...,
 * 1].
 */
export function roundingOf(values: Tensor, n: number): Tensor {
  const largest = values.detach().abs().max({ axis: -1, keepDims: true });
  return largest.mul(4 * n * Number.EPSILON);
}

/** Matrices with these numbers on the diagonal: [..., n] → [..., n, n]. */
export const diagonalMatrix = (values: Tensor): Tensor =>
  where(eye(values.shape.at(-1)!, { dtype: "bool" }), values.expandDims(-2), 0);

/** [..., n], [..., n, n] → their sum as matrices, either of which may be absent, not both. */
export const withDiagonal = (values: Tensor | null | undefined, matrix: Tensor | null): Tensor =>
  values == null ? matrix! : matrix === null ? diagonalMatrix(values) : matrix.add(diagonalMatrix(values));
