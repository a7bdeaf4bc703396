// First weights that keep lengths: random orthonormal rows or columns.

import { concat, normal, type Shape, type Tensor, zeros } from "@adjoint/autograd";
import type { Initializer } from "./initializers.ts";

/**
 * Orthonormal weights, evenly distributed over all such: as a matrix [first size, product of the others], QᵀQ = I where there are
 * at least as many rows as columns, and QQᵀ = I otherwise; a convolution's filters are the rows. Saxe, McClelland & Ganguli
 * (2014). PyTorch's `orthogonal_`. In float64, whatever the type, so that nothing but the last rounding is lost.
 */
export const orthogonal: Initializer = (key, shape, dtype) => {
  const [first = 1, ...others] = shape;
  const second = others.reduce((product, n) => product * n, 1);
  const [rows, columns] = [Math.min(first, second), Math.max(first, second)];
  if (rows === 0) return zeros([...shape], { dtype });
  const q = orthonormalRows(normal(key, [rows, columns], { dtype: "float64" }));
  const matrix: Tensor = first < second ? q : q.transpose();
  return matrix.reshape<Shape, Shape, Shape>([...shape]).cast(dtype);
};

/**
 * The rows made orthonormal, the later half against the earlier one: [n, m] → [n, m], n ≤ m. What they share is taken away
 * twice, which leaves nothing but rounding: Giraud, Langou & Rozložník (2005), of Gram and Schmidt's method.
 */
function orthonormalRows(x: Tensor): Tensor {
  const n = x.shape[0]!;
  if (n === 1) return x.div(x.square().sum().sqrt());
  const earlier = orthonormalRows(x.slice([0, n >> 1]));
  const apart = (rows: Tensor): Tensor => rows.sub(rows.matmul(earlier.transpose()).matmul(earlier));
  return concat([earlier, orthonormalRows(apart(apart(x.slice([n >> 1, n]))))]);
}
