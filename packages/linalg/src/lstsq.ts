// Least squares, and the pseudoinverse.

import {
  defineSeveral,
  eye,
  type LastAxesSwapped,
  type SeveralFunction,
  type Shape,
  type Tensor,
} from "@adjoint/autograd";
import { SingularValueDecomposition } from "ml-matrix";
import {
  batchOf,
  checkMatrix,
  inDouble,
  matrixSizes,
  pair,
  rounded,
  takesBatches,
  transposed,
  withRight,
} from "./arguments.ts";
import { forEachMatrix, mapped, scaledToOne, timesPowerOfTwo, write } from "./each-matrix.ts";
import { areNumbers, defined, stateOf, whereExisting } from "./existence.ts";
import type { LeastSquaresShape, RowsAgree } from "./types.ts";

export interface Cut {
  /** Singular values of at most this part of the largest count as 0. */
  readonly relative: number;
}

/**
 * x of least ‖x‖ among those of least ‖a·x − b‖, and whether a has full rank: [..., m, n], [..., m, k] → [..., n, k],
 * [...].
 */
export const lstsqStep: SeveralFunction<Cut> = defineSeveral<Cut>({
  name: "lstsq",
  shapes: ([a, b]) => [[...batchOf(a!), a!.at(-1)!, b!.at(-1)!], batchOf(a!)],
  dtypes: ([a]) => [a!, "bool"],
  values([a, b], outs, { relative }) {
    forEachMatrix([a!, b!], outs, ([matrix, right], [x, isFull]) => {
      isFull![0] = 1;
      if (matrix!.isEmpty()) return;
      const { scaled, power } = scaledToOne(matrix!);
      const { diagonal, leftSingularVectors, rightSingularVectors } = new SingularValueDecomposition(scaled, {
        autoTranspose: true,
      });
      const counts = diagonal.map((s) => s > relative * diagonal[0]!);
      isFull![0] = Number(counts.every(Boolean));
      const parts = mapped(leftSingularVectors.transpose().mmul(right!), (part, i) =>
        counts[i] === true ? part / diagonal[i]! : 0,
      );
      write(
        x!,
        mapped(rightSingularVectors.mmul(parts), (each) => timesPowerOfTwo(each, -power)),
      );
    });
  },
  shifted: takesBatches,
  // Golub & Pereyra (1973), The differentiation of pseudo-inverses, theorem 4.3, for constant rank.
  pullback({ inputs: [a, b], outputs, attributes }, [dx], wanted) {
    if (dx == null) return [null, null];
    const [raw, isFull] = pair(outputs);
    const isNumber = areNumbers(raw);
    const numbers = stateOf(isNumber, isNumber);
    const [matrix, x] = [whereExisting(numbers, a!, 0), whereExisting(numbers, raw, 0)];
    const least = (left: Tensor, right: Tensor): Tensor => lstsqStep(left, right, attributes)[0]!;
    const turned = transposed(matrix);
    const db = least(turned, dx);
    const definedDb = defined(db, [dx], numbers, complaint);
    if (!wanted[0]) return [null, definedDb];
    const rest: Tensor = whereExisting(numbers, b!, 0).sub(matrix.matmul(x));
    const outside: Tensor = dx.sub(least(matrix, matrix.matmul(dx)));
    const da = rest
      .matmul(transposed(least(matrix, db)))
      .add(least(turned, x).matmul(transposed(outside)))
      .sub(db.matmul(transposed(x)));
    return [defined(da, [dx], stateOf(isNumber, isFull), complaint), definedDb];
  },
});

const complaint = {
  operation: "lstsq",
  why: "the matrix has not full rank, and the least change makes its pseudoinverse another one altogether; drop dependent columns, or add a little to the diagonal of aᵀ·a and use solve",
};

function leastSquares(a: Tensor, b: Tensor, dtype: Tensor["dtype"]): Tensor {
  // As NumPy: what singular values may be by rounding of the matrix, in the type in which it is given.
  const relative = Math.max(...matrixSizes(a.shape)) * (dtype === "float32" ? 2 ** -23 : Number.EPSILON);
  return lstsqStep(a, b, { relative })[0]!;
}

/**
 * The x with the least sum of squares ‖a·x − b‖², and the shortest one where there are several: a [..., m, n] and b [m]
 * or [..., m, k] → [n] or [..., n, k]; leading axes broadcast. As the first result of NumPy's `lstsq`: singular values
 * of at most max(m, n)·ε of the largest count as 0. Where a has not full rank, x is not continuous in a and has no
 * derivative in it: a RangeError, or NaN in compiled functions and under `vmap`. A matrix with NaN or infinity gives
 * NaN. Throws ShapeError for sizes that don't fit, DTypeError for other types than two equal floats.
 */
export function lstsq<A extends Shape, B extends Shape>(
  a: Tensor<A>,
  b: Tensor<B> & RowsAgree<A, B>,
): Tensor<LeastSquaresShape<A, B>> {
  checkMatrix("lstsq", a);
  const { a: matrix, b: right, back } = withRight("lstsq", a, b);
  return back(leastSquares(matrix, right, a.dtype));
}

/**
 * The pseudoinverse of Moore and Penrose: [..., m, n] → [..., n, m]. pinv(a)·b is lstsq(a, b), with the same treatment
 * of small singular values, of derivatives and of errors; NumPy's `pinv` with rtol = max(m, n)·ε. Throws ShapeError for
 * fewer than two axes, DTypeError unless a has floats.
 */
export function pinv<A extends Shape>(a: Tensor<A>): Tensor<LastAxesSwapped<A>> {
  checkMatrix("pinv", a);
  const m = a.shape.at(-2)!;
  const units = eye(m, { dtype: "float64" }).broadcastTo([...batchOf(a.shape), m, m]);
  return rounded(leastSquares(inDouble(a), units, a.dtype), a.dtype);
}
