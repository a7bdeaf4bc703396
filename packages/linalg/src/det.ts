// Determinants, whose derivatives are right for singular matrices, too.

import {
  concat,
  definePrimitive,
  defineSeveral,
  ones,
  type PrimitiveFunction,
  type SeveralFunction,
  type Shape,
  type Tensor,
  vjp,
} from "@adjoint/autograd";
import {
  batchOf,
  checkSquare,
  inDouble,
  pair,
  rounded,
  shapeText,
  takesBatches,
  transposed,
  triple,
  unitsLike,
} from "./arguments.ts";
import { forEachMatrix, timesPowerOfTwo } from "./each-matrix.ts";
import { defined, gaveUp, stateOf, whereExisting } from "./existence.ts";
import { Factored } from "./lu.ts";
import { isSingularStep } from "./singular.ts";
import { solveStep } from "./solve.ts";
import { diagonalMatrix } from "./spectrum.ts";
import { svdStep } from "./svd.ts";
import type { BatchOf, IsSquare } from "./types.ts";

export const detStep: PrimitiveFunction<void> = definePrimitive({
  name: "det",
  shape: ([a]) => batchOf(a!),
  value([a], out) {
    forEachMatrix([a!], [out], ([matrix], [result]) => {
      const { factor, power } = new Factored(matrix!).determinant;
      result![0] = timesPowerOfTwo(factor, power);
    });
  },
  shifted: takesBatches,
  pullback: ({ inputs: [a] }, dy) => [vjp(nearDiagonal, a!).pullback(dy)],
});

export const slogdetStep: SeveralFunction<void> = defineSeveral({
  name: "slogdet",
  shapes: ([a]) => [batchOf(a!), batchOf(a!)],
  values([a], outs) {
    forEachMatrix([a!], outs, ([matrix], [sign, log]) => {
      const { factor, power } = new Factored(matrix!).determinant;
      sign![0] = Math.sign(factor) + 0;
      log![0] = factor === 0 ? -Infinity : Math.log(Math.abs(factor)) + power * Math.LN2;
    });
  },
  shifted: takesBatches,
  pullback({ inputs: [a], outputs: [, log] }, [, dLog]) {
    if (dLog == null) return [null];
    const state = stateOf(log!.equal(log!), isSingularStep(a!.detach()).not());
    const inverse: Tensor = solveStep(whereExisting(state, a!, unitsLike(a!)), unitsLike(a!));
    const da = dLog.expandDims(-1).expandDims(-1).mul(transposed(inverse));
    return [defined(da, [dLog], state, complaint)];
  },
});

const complaint = {
  operation: "slogdet",
  why: "the matrix is singular to working precision, where the logarithm of its determinant falls to −∞; add a little to the diagonal, or differentiate det",
};

/** Singular values that may be 0 without harm to derivatives of the determinant. */
const FREE = 8;

/**
 * The determinant again, in a form whose derivatives of every order are right although the matrix is singular. The
 * determinant is that of uᵀ·a·v for any rotations u and v. With those of the singular value decomposition as constants,
 * this is diagonal but for rounding, and a polynomial of its elements divides by nothing: that of Bird. Its cost is
 * that of k products of k×k matrices, so only the least singular values are left to it, and the others, which are not
 * 0, are eliminated before.
 */
function nearDiagonal(a: Tensor): Tensor {
  const n = a.shape.at(-1)!;
  const [u, , v] = triple(svdStep(a.detach()));
  const turn: Tensor = detStep(u).mul(detStep(v)).greater(0).cast(a.dtype).mul(2).sub(1);
  const turned: Tensor = transposed(u).matmul(a).matmul(v);
  if (n <= FREE) return birdDeterminant(turned).mul(turn);
  const [top, bottom] = turned.split([n - FREE, FREE], { axis: -2 });
  const [a11, a12] = top.split([n - FREE, FREE], { axis: -1 });
  const [a21, a22] = bottom.split([n - FREE, FREE], { axis: -1 });
  const moved: Tensor = solveStep(a11, a12);
  if (gaveUp(moved, a))
    throw new RangeError(
      `det: ${shapeText(a.shape)}: no derivative: of more than ${FREE} rows it takes a rank of n − ${FREE} = ${n - FREE} at least, and this has less; take fewer rows, or a part of the matrix`,
    );
  const rest: Tensor = a22.sub(a21.matmul(moved));
  const [sign, log] = pair(slogdetStep(a11));
  return birdDeterminant(rest).mul(log.exp()).mul(sign).mul(turn);
}

/**
 * The determinant without a division: Bird (2011), A simple division-free algorithm for computing determinants. Where
 * the matrix is diagonal and not negative, all that it adds has one sign, so nothing cancels.
 */
function birdDeterminant(a: Tensor): Tensor {
  const n = a.shape.at(-1)!;
  if (n === 0) return ones(batchOf(a.shape), { dtype: a.dtype });
  let f: Tensor = a;
  for (let step = 1; step < n; step++) {
    // Minus the sum of the diagonal below each place.
    const below = f.diagonal().cumsum({ axis: -1, reverse: true }).neg();
    const [, shifted] = below.split([1, n - 1], { axis: -1 });
    const last: Tensor = below.split([n - 1, 1], { axis: -1 })[1].mul(0);
    const diagonal = concat<Tensor[], -1, Shape>([shifted!, last], { axis: -1 });
    f = f.triu(1).add(diagonalMatrix(diagonal)).matmul(a);
  }
  const first: Tensor = f
    .diagonal()
    .split([1, n - 1], { axis: -1 })[0]
    .squeeze({ axis: -1 });
  return n % 2 === 0 ? first.neg() : first;
}

/**
 * The determinant: [..., n, n] → [...]; 1 for 0×0. Its derivatives of every order are right for singular matrices, too:
 * the gradient is the matrix of cofactors. (With more than 8 rows the rank must be n − 8 at least; below, the
 * derivative is a RangeError, or NaN in compiled functions and under `vmap`.) A matrix with NaN or infinity gives NaN.
 * The value is NumPy's `det`, by elimination. For large matrices use `slogdet`, which can't overflow. Throws ShapeError
 * unless a is square, DTypeError unless it has floats.
 */
export function det<A extends Shape>(a: Tensor<A> & IsSquare<A>): Tensor<BatchOf<A>> {
  checkSquare("det", a, "only square matrices have a determinant");
  return rounded(detStep(inDouble(a)), a.dtype);
}

/**
 * Sign and natural logarithm of the magnitude of the determinant: [..., n, n] → [...] each, as NumPy's `slogdet`. For a
 * singular matrix they are 0 and −∞, and the derivative does not exist: a RangeError, or NaN in compiled functions and
 * under `vmap`. Elsewhere the gradient of the logarithm is the transposed inverse; the sign is constant. 1 and 0 for
 * 0×0. A matrix with NaN or infinity gives NaN. Throws ShapeError unless a is square, DTypeError unless it has floats.
 */
export function slogdet<A extends Shape>(
  a: Tensor<A> & IsSquare<A>,
): { sign: Tensor<BatchOf<A>>; logAbsDet: Tensor<BatchOf<A>> } {
  checkSquare("slogdet", a, "only square matrices have a determinant");
  const [sign, log] = pair(slogdetStep(inDouble(a)));
  return { sign: rounded(sign, a.dtype), logAbsDet: rounded(log, a.dtype) };
}
