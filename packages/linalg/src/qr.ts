// Orthonormal columns times a triangle.

import { concat, defineSeveral, type SeveralFunction, type Shape, type Tensor } from "@adjoint/autograd";
import { QrDecomposition } from "ml-matrix";
import {
  checkMatrix,
  inDouble,
  matrixSizes,
  pair,
  rounded,
  takesBatches,
  transposed,
  unitsLike,
} from "./arguments.ts";
import { forEachMatrix, mapped, scaledToOne, timesPowerOfTwo, write } from "./each-matrix.ts";
import { areNumbers, defined, stateOf, whereExisting } from "./existence.ts";
import { triangularStep } from "./triangular.ts";
import type { LeftFactor, RightFactor } from "./types.ts";

/** q and r of matrices that are at least as high as wide: [..., m, n] → [..., m, n], [..., n, n]. */
export const qrStep: SeveralFunction<void> = defineSeveral({
  name: "qr",
  shapes([a]) {
    const n = a!.at(-1)!;
    return [a!, [...a!.slice(0, -2), n, n]];
  },
  values([a], outs) {
    forEachMatrix([a!], outs, ([matrix], [q, r]) => {
      if (r!.length === 0) return;
      const { scaled, power } = scaledToOne(matrix!);
      const found = new QrDecomposition(scaled);
      const upper = found.upperTriangularMatrix;
      const sign = (i: number) => (upper.get(i, i) < 0 ? -1 : 1);
      // Adding 0 makes −0 a 0.
      write(
        q!,
        mapped(found.orthogonalMatrix, (x, _i, j) => x * sign(j) + 0),
      );
      write(
        r!,
        mapped(upper, (x, i) => timesPowerOfTwo(x * sign(i) + 0, power)),
      );
    });
  },
  shifted: takesBatches,
  // Walter & Lehmann (2018), Algorithmic differentiation of linear algebra functions, section 3.2: (dq + q·C)·r⁻ᵀ, with
  // C the lower triangle of r·drᵀ − dqᵀ·q and its mirror image.
  pullback({ outputs }, [dq, dr]) {
    if (outputs[1]!.shape.at(-1) === 0) return [null];
    const state = stateOfTriangle(outputs[1]!, outputs[0]!.shape.at(-2)!);
    const q = whereExisting(state, outputs[0]!, 0);
    const r = whereExisting(state, outputs[1]!, unitsLike(outputs[1]!));
    const terms = [dr && r.matmul(transposed(dr)), dq && transposed(dq).matmul(q).neg()];
    const mixed = terms.filter((term) => term != null).reduce((sum, term) => sum.add(term));
    const mirrored = mixed.tril().add(transposed(mixed.tril(-1)));
    const product: Tensor = q.matmul(mirrored);
    const left: Tensor = dq == null ? product : product.add(dq);
    const da = transposed(triangularStep(r, transposed(left), { lower: false }));
    return [defined(da, [dq, dr], state, complaint)];
  },
});

const complaint = {
  operation: "qr",
  why: "the columns depend on one another, so q is not unique; regularise the matrix, or use svd, whose values have one",
};

/**
 * Whether the columns are independent. An element of the diagonal is computed to n·ε of the largest: one below that may
 * be 0.
 */
function stateOfTriangle(r: Tensor, rows: number): Tensor {
  const sizes = r.diagonal().detach();
  const bound = sizes.max({ axis: -1, keepDims: true }).mul(rows * Number.EPSILON);
  return stateOf(areNumbers(r), sizes.greater(bound).all({ axis: -1 }));
}

/**
 * q with orthonormal columns and an upper triangular r with q·r = a: [..., m, n] → q [..., m, k] and r [..., k, n], k
 * the smaller of m and n (NumPy's mode "reduced"). The diagonal of r is not negative, which makes both unique where the
 * first k columns of a are independent. Where they are not there is no derivative: a RangeError, or NaN in compiled
 * functions and under `vmap`. A matrix with NaN or infinity gives NaN. Throws ShapeError for less than two axes,
 * DTypeError unless a has floats.
 */
export function qr<A extends Shape>(a: Tensor<A>): { q: Tensor<LeftFactor<A>>; r: Tensor<RightFactor<A>> } {
  checkMatrix("qr", a);
  const [m, n] = matrixSizes(a.shape);
  const matrix = inDouble(a);
  const back = (q: Tensor, r: Tensor) => ({
    q: rounded<LeftFactor<A>>(q, a.dtype),
    r: rounded<RightFactor<A>>(r, a.dtype),
  });
  if (m >= n) return back(...pair(qrStep(matrix)));
  // Of a wide matrix, the first m columns are factorised, and the others follow: r = [r₁, qᵀ·a₂].
  const [left, right] = matrix.split([m, n - m], { axis: -1 });
  const [q, r] = pair(qrStep(left));
  return back(q, concat<Tensor[], -1, Shape>([r, transposed(q).matmul<Shape, Shape>(right)], { axis: -1 }));
}
