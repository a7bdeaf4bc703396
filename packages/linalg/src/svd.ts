// Singular values and singular vectors.

import { defineSeveral, type SeveralFunction, type Shape, type Tensor, where } from "@adjoint/autograd";
import { SingularValueDecomposition } from "ml-matrix";
import {
  checkMatrix,
  inDouble,
  matrixSizes,
  rounded,
  takesBatches,
  transposed,
  triple,
} from "./arguments.ts";
import { forEachMatrix, mapped, scaledToOne, signOf, timesPowerOfTwo, write } from "./each-matrix.ts";
import { defined, existing, stateOf, stateOfNumbers, whereExisting } from "./existence.ts";
import { areApart, inverseGaps, roundingOf, withDiagonal } from "./spectrum.ts";
import type { LeftFactor, RightVectors, ValuesOf } from "./types.ts";

/** u, s and v: [..., m, n] → [..., m, k], [..., k], [..., n, k]. */
export const svdStep: SeveralFunction<void> = defineSeveral({
  name: "svd",
  shapes([a]) {
    const [m, n] = matrixSizes(a!);
    const k = Math.min(m, n);
    const batch = a!.slice(0, -2);
    return [
      [...batch, m, k],
      [...batch, k],
      [...batch, n, k],
    ];
  },
  values([a], outs) {
    forEachMatrix([a!], outs, ([matrix], [u, s, v]) => {
      if (s!.length === 0) return;
      const { scaled, power } = scaledToOne(matrix!);
      const found = new SingularValueDecomposition(scaled, { autoTranspose: true });
      s!.set(found.diagonal.map((value) => timesPowerOfTwo(value, power)));
      const left = found.leftSingularVectors;
      const signs = s!.map((_: number, j: number) => signOf(left.getColumn(j)));
      write(
        u!,
        mapped(left, (x, _i, j) => x * signs[j]!),
      );
      write(
        v!,
        mapped(found.rightSingularVectors, (x, _i, j) => x * signs[j]!),
      );
    });
  },
  shifted: takesBatches,
  // Townsend (2016), Differentiating the singular value decomposition, with 1/(sⱼ² − sᵢ²) written as 1/(sⱼ − sᵢ) times
  // 1/(sⱼ + sᵢ), so that no square overflows or vanishes.
  pullback({ inputs: [a], outputs: [rawU, rawS, rawV] }, [du, ds, dv]) {
    const [m, n] = matrixSizes(a!.shape);
    const k = Math.min(m, n);
    if (k === 0) return [null];
    const state = stateOfNumbers(rawU!);
    const s = whereExisting(state, rawS!, 0);
    const [u, v] = refusingTies(whereExisting(state, rawU!, 0), rawS!, whereExisting(state, rawV!, 0));
    const bound = roundingOf(s, Math.max(m, n));
    const gaps = inverseGaps(s, bound);
    const [rows, columns] = [s.expandDims(-1), s.expandDims(-2)];
    const sums = rows.add(columns);
    /** sⱼ/(sᵢ + sⱼ). As in the gaps, 1 where the derivative is made NaN. */
    const share = quotient(columns, sums, bound.expandDims(-1));
    const turned = (vectors: Tensor, derivative: Tensor): Tensor => {
      const part = gaps.mul(transposed(vectors).matmul(derivative));
      return part.add(transposed(part));
    };
    const terms = [du && turned(u, du).mul(share), dv && turned(v, dv).mul(transposed(share))].filter(
      (term) => term != null,
    );
    const inner = terms.length === 0 ? null : terms.reduce((sum, term) => sum.add(term));
    let da: Tensor = u.matmul(withDiagonal(ds, inner)).matmul(transposed(v));
    const inverse = quotient(s.mul(0).add(1), s, bound).expandDims(-2);
    // What moves the vectors out of the space that they span.
    if (du != null && m > k) da = da.add(outside(u, du).mul(inverse).matmul(transposed(v)));
    if (dv != null && n > k) da = da.add(u.mul(inverse).matmul(transposed(outside(v, dv))));
    return [defined(da, [du, ds, dv], state, complaint)];
  },
});

const complaint = {
  operation: "svd",
  why: "singular values are equal to within rounding, or 0 for a matrix that is not square, so their vectors are any basis of a space and have no derivative; nor have singular values a second one there. Use what does not depend on the basis, e.g. pinv, lstsq or det",
};

/** x/y, and 1 where y is within rounding of 0. */
function quotient(x: Tensor, y: Tensor, bound: Tensor): Tensor {
  const isSafe = y.greater(bound);
  return where<Shape, Shape, Shape>(isSafe, x.div(where<Shape, Shape>(isSafe, y, 1)), 1);
}

/** The part of x that is orthogonal to orthonormal columns. */
const outside = (columns: Tensor, x: Tensor): Tensor => x.sub(columns.matmul(transposed(columns).matmul(x)));

/**
 * The singular vectors, whose derivatives are refused where singular values are equal, or 0 for a matrix that is not
 * square.
 */
function refusingTies(u: Tensor, s: Tensor, v: Tensor): [u: Tensor, v: Tensor] {
  const [m, n] = [u.shape.at(-2)!, v.shape.at(-2)!];
  const bound = roundingOf(s, Math.max(m, n));
  const values = s.detach();
  const apart = areApart(values, bound);
  const isRight = m === n ? apart : apart.and(values.greater(bound));
  const state = stateOf(values.equal(values), isRight).expandDims(-2);
  return [existing(u, state, complaint), existing(v, state, complaint)];
}

/**
 * Singular values and vectors: [..., m, n] → u [..., m, k], s [..., k], descending, and v [..., n, k], k the smaller of
 * m and n, so that u · diag(s) · vᵀ is a ("thin"; NumPy gives vᵀ in place of v). The columns of u and of v are
 * orthonormal. In each column of u the first component of at least 1/√8 of the largest one's magnitude is positive.
 *
 * Where singular values are equal to within rounding, or 0 for a matrix that is not square, the derivative of their
 * vectors does not exist, and neither does a second derivative of the values: it is a RangeError, or NaN in compiled
 * functions and under `vmap`. Sums of equal singular values have the right gradient; a value of 0 is a kink, as of |x|,
 * and has the derivative of one of its sides. A matrix with NaN or infinity gives NaN. Throws ShapeError for less than
 * two axes, DTypeError unless a has floats.
 */
export function svd<A extends Shape>(
  a: Tensor<A>,
): { u: Tensor<LeftFactor<A>>; s: Tensor<ValuesOf<A>>; v: Tensor<RightVectors<A>> } {
  checkMatrix("svd", a);
  const [rawU, s, rawV] = triple(svdStep(inDouble(a)));
  const [u, v] = s.shape.at(-1) === 0 ? [rawU, rawV] : refusingTies(rawU, s, rawV);
  return { u: rounded(u, a.dtype), s: rounded(s, a.dtype), v: rounded(v, a.dtype) };
}
