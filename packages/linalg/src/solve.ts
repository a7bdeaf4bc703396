// Systems of linear equations with a square matrix, by Gaussian elimination.

import {
  definePrimitive,
  type MatmulAgrees,
  type MatmulShape,
  type PrimitiveFunction,
  type Shape,
  type Tensor,
} from "@adjoint/autograd";
import {
  checkSquare,
  inDouble,
  rounded,
  takesBatches,
  transposed,
  unitsLike,
  withRight,
} from "./arguments.ts";
import { forEachMatrix, write } from "./each-matrix.ts";
import { defined, stateOfNumbers, whereExisting } from "./existence.ts";
import { Factored } from "./lu.ts";
import { refuseSingular } from "./singular.ts";
import type { IsSquare } from "./types.ts";

/** Never made: a singular matrix is refused before, and what is NaN has NaN for its derivative. */
const complaint = { operation: "solve", why: "the result is NaN" };

/** The x of a·x = b, NaN for a singular a: [..., n, n], [..., n, k] → [..., n, k]. */
export const solveStep: PrimitiveFunction<void> = definePrimitive({
  name: "solve",
  shape: ([, b]) => b!,
  value([a, b], out) {
    forEachMatrix([a!, b!], [out], ([matrix, right], [result]) => {
      if (result!.length === 0) return;
      const factored = new Factored(matrix!);
      if (factored.isSingular) result!.fill(NaN);
      else write(result!, factored.solve(right!));
    });
  },
  shifted: takesBatches,
  pullback({ inputs: [a], output: x }, dx) {
    const state = stateOfNumbers(x);
    const db: Tensor = solveStep(transposed(whereExisting(state, a!, unitsLike(a!))), dx);
    const da = db.matmul(transposed(whereExisting(state, x, 0))).neg();
    return [da, db].map((each) => defined(each, [dx], state, complaint));
  },
});

/** The same with an error for a singular a, where its numbers can be read. */
export function solved(operation: string, a: Tensor, b: Tensor, way: string): Tensor {
  const x: Tensor = solveStep(a, b);
  refuseSingular(operation, a, x, way);
  return x;
}

/**
 * The x of a·x = b: a [..., n, n] and b [n] or [..., n, k] → [n] or [..., n, k]; leading axes broadcast, as NumPy's
 * `solve`. Throws ShapeError for a matrix that is not square or sizes that don't fit, DTypeError for other types than
 * two equal floats, and RangeError for a matrix that is singular to working precision: the result is NaN instead in
 * compiled functions and under `vmap`, where `isSingular(a)` tells. A matrix with NaN or infinity gives NaN. Gaussian
 * elimination with partial pivoting: Golub & Van Loan (2013), section 3.4.
 */
export function solve<A extends Shape, B extends Shape>(
  a: Tensor<A> & IsSquare<A>,
  b: Tensor<B> & MatmulAgrees<A, B>,
): Tensor<MatmulShape<A, B>> {
  checkSquare("solve", a, "for more equations than unknowns, or fewer, use lstsq(a, b)");
  const { a: matrix, b: right, back } = withRight("solve", a, b);
  return back(
    solved(
      "solve",
      matrix,
      right,
      "use lstsq(a, b), or add a little to the diagonal: a.add(eye(n).mul(1e-6))",
    ),
  );
}

/**
 * The inverse of a: [..., n, n] → [..., n, n]. To solve equations use `solve`, which is faster and more accurate.
 * Throws as `solve` does. NumPy's `inv`.
 */
export function inverse<A extends Shape>(a: Tensor<A> & IsSquare<A>): Tensor<A> {
  checkSquare("inverse", a, "use pinv(a)");
  return rounded(inverseOf("inverse", inDouble(a)), a.dtype);
}

export const inverseOf = (operation: string, a: Tensor): Tensor =>
  solved(operation, a, unitsLike(a), "use pinv(a), or add a little to the diagonal: a.add(eye(n).mul(1e-6))");
