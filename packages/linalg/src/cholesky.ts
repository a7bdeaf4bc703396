// Square roots of symmetric positive definite matrices.

import { definePrimitive, type PrimitiveFunction, type Shape, type Tensor } from "@adjoint/autograd";
import { CholeskyDecomposition } from "ml-matrix";
import {
  checkSquare,
  inDouble,
  rounded,
  shapeText,
  symmetric,
  takesBatches,
  transposed,
  unitsLike,
} from "./arguments.ts";
import { forEachMatrix, symmetricPart, write } from "./each-matrix.ts";
import { defined, gaveUp, stateOfNumbers, whereExisting } from "./existence.ts";
import { triangularStep } from "./triangular.ts";
import type { IsSquare } from "./types.ts";

/** Never made: what is not positive definite is refused before, and what is NaN has NaN for its derivative. */
const complaint = { operation: "cholesky", why: "the result is NaN" };

/** The lower l with l·lᵀ = (a + aᵀ)/2; NaN where that is not positive definite. */
export const choleskyStep: PrimitiveFunction<void> = definePrimitive({
  name: "cholesky",
  shape: ([a]) => a!,
  value([a], out) {
    forEachMatrix([a!], [out], ([matrix], [result]) => {
      const found = new CholeskyDecomposition(symmetricPart(matrix!));
      if (found.isPositiveDefinite()) write(result!, found.lowerTriangularMatrix);
      else result!.fill(NaN);
    });
  },
  shifted: takesBatches,
  // Iain Murray (2016), Differentiation of the Cholesky decomposition, equation 10: l⁻ᵀ·Φ(lᵀ·dl)·l⁻¹, and its symmetric
  // part, with Φ the lower triangle and half of the diagonal.
  pullback({ output }, dl) {
    const state = stateOfNumbers(output);
    const l = whereExisting(state, output, unitsLike(output));
    const product = transposed(l).matmul(dl.tril());
    const half = product.tril().add(product.tril(-1)).mul(0.5);
    const left: Tensor = triangularStep(transposed(l), half, { lower: false });
    const da = symmetric(transposed(triangularStep(transposed(l), transposed(left), { lower: false })));
    return [defined(da, [dl], state, complaint)];
  },
});

/**
 * The lower triangular l with positive diagonal and l·lᵀ = a, for a symmetric positive definite a: [..., n, n] → [...,
 * n, n]. What is factorised is the symmetric part (a + aᵀ)/2, which both triangles of a have a share in, so gradients
 * are symmetric. (NumPy reads the lower triangle only.) Throws ShapeError unless a is square, DTypeError unless it has
 * floats, RangeError where it is not positive definite: the result is NaN instead in compiled functions and under
 * `vmap`. A matrix with NaN or infinity gives NaN.
 */
export function cholesky<A extends Shape>(a: Tensor<A> & IsSquare<A>): Tensor<A> {
  checkSquare("cholesky", a, "only square matrices are symmetric");
  const matrix = inDouble(a);
  const l: Tensor = choleskyStep(matrix);
  if (gaveUp(l, matrix))
    throw new RangeError(
      `cholesky: ${shapeText(a.shape)}: the symmetric part of ${a.rank === 2 ? "the matrix" : "a matrix of the batch"} is not positive definite; eigh(a).values shows by how much: add that to the diagonal, e.g. a.add(eye(n).mul(1e-6))`,
    );
  return rounded(l, a.dtype);
}
