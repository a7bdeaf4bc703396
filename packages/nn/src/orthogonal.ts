// First weights that keep lengths: random orthonormal rows or columns.

import { arange, concat, normal, type Shape, scan, type Tensor, zeros } from "@adjoint/autograd";
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

/** So many rows are made orthonormal one by one, more by halves. A loop keeps what each round sees, so long ones are wide, too. */
const FEW = 16;

/**
 * The rows made orthonormal one after another, by Gram and Schmidt: [n, m] → [n, m], n ≤ m. What earlier rows share with later
 * ones is taken away twice, which leaves nothing but rounding: Giraud, Langou & Rozložník (2005).
 */
function orthonormalRows(x: Tensor): Tensor {
  const n = x.shape[0]!;
  if (n <= FEW) return fewOrthonormalRows(x);
  const earlier = orthonormalRows(x.slice([0, n >> 1]));
  const later = orthonormalRows(apart(x.slice([n >> 1, n]), earlier));
  return concat([earlier, later]);
}

/** Rows [n, m] without what they share with orthonormal ones. */
function apart(rows: Tensor, from: Tensor): Tensor {
  const once = (v: Tensor): Tensor => v.sub(v.matmul(from.transpose()).matmul(from));
  return once(once(rows));
}

function fewOrthonormalRows(x: Tensor): Tensor {
  const [n, m] = x.shape as readonly [number, number];
  const places = arange(n);
  const [q] = scan(
    (earlier: Tensor, [row, place]: readonly [Tensor, Tensor]): [Tensor, Tensor] => {
      const rest = apart(row.reshape([1, m]), earlier);
      const unit: Tensor = rest.div(rest.square().sum().sqrt());
      return [places.equal(place).expandDims(-1).select(unit, earlier), place];
    },
    zeros([n, m], { dtype: "float64" }) as Tensor,
    [x, places] as const,
  );
  return q;
}
