// Eigenvalues and eigenvectors of symmetric matrices.

import { defineSeveral, type SeveralFunction, type Shape, type Tensor } from "@adjoint/autograd";
import { EigenvalueDecomposition } from "ml-matrix";
import { checkSquare, inDouble, pair, rounded, symmetric, takesBatches, transposed } from "./arguments.ts";
import {
  forEachMatrix,
  mapped,
  scaledToOne,
  signOf,
  symmetricPart,
  timesPowerOfTwo,
  write,
} from "./each-matrix.ts";
import { defined, existing, stateOf, stateOfNumbers, whereExisting } from "./existence.ts";
import { areApart, inverseGaps, roundingOf, withDiagonal } from "./spectrum.ts";
import type { IsSquare, ValuesOf } from "./types.ts";

export const eighStep: SeveralFunction<void> = defineSeveral({
  name: "eigh",
  shapes: ([a]) => [a!.slice(0, -1), a!],
  values([a], outs) {
    forEachMatrix([a!], outs, ([matrix], [values, vectors]) => {
      if (values!.length === 0) return;
      const { scaled, power } = scaledToOne(symmetricPart(matrix!));
      const found = new EigenvalueDecomposition(scaled, { assumeSymmetric: true });
      values!.set(found.realEigenvalues.map((value) => timesPowerOfTwo(value, power)));
      const columns = found.eigenvectorMatrix;
      const signs = values!.map((_: number, j: number) => signOf(columns.getColumn(j)));
      write(
        vectors!,
        mapped(columns, (x, _i, j) => x * signs[j]!),
      );
    });
  },
  shifted: takesBatches,
  // Giles (2008), Collected matrix derivative results, section 3.1, for symmetric matrices: v·(dλ + F∘(vᵀ·dv))·vᵀ, with
  // F the inverse gaps.
  pullback({ outputs: [values, raw] }, [dValues, dVectors]) {
    const n = raw!.shape.at(-1)!;
    if (n === 0) return [null];
    const state = stateOfNumbers(raw!);
    const vectors = refusingTies(values!, whereExisting(state, raw!, 0));
    const gaps = inverseGaps(whereExisting(state, values!, 0), roundingOf(values!, n));
    const turned = dVectors == null ? null : gaps.mul(transposed(vectors).matmul(dVectors));
    const inner = withDiagonal(dValues, turned);
    const da = symmetric(vectors.matmul(inner).matmul(transposed(vectors)));
    return [defined(da, [dValues, dVectors], state, complaint)];
  },
});

const complaint = {
  operation: "eigh",
  why: "eigenvalues are equal to within rounding, so their eigenvectors are any basis of a space and have no derivative; nor have eigenvalues a second one there. Use what does not depend on the basis, e.g. matrixPower, expm or a.trace()",
};

/** The eigenvectors, whose derivative is refused where eigenvalues are equal. */
function refusingTies(values: Tensor, vectors: Tensor): Tensor {
  const fixed = values.detach();
  const isRight = areApart(fixed, roundingOf(fixed, fixed.shape.at(-1)!));
  return existing(vectors, stateOf(fixed.equal(fixed), isRight).expandDims(-2), complaint);
}

/**
 * Eigenvalues and eigenvectors of symmetric matrices: [..., n, n] → values [..., n], ascending, and vectors [..., n,
 * n], whose columns are orthonormal, so that vectors · diag(values) · vectorsᵀ is a. What is decomposed is the
 * symmetric part (a + aᵀ)/2, so gradients are symmetric. (NumPy reads the lower triangle only.) In each vector the
 * first component of at least 1/√8 of the largest one's magnitude is positive.
 *
 * Where eigenvalues are equal to within rounding, the derivative of their vectors does not exist, and neither does a
 * second derivative of the values: it is a RangeError, or NaN in compiled functions and under `vmap`. Sums of equal
 * eigenvalues have the right gradient. A matrix with NaN or infinity gives NaN. Throws ShapeError unless a is square,
 * DTypeError unless it has floats.
 */
export function eigh<A extends Shape>(
  a: Tensor<A> & IsSquare<A>,
): { values: Tensor<ValuesOf<A>>; vectors: Tensor<A> } {
  checkSquare("eigh", a, "use svd(a)");
  const [values, raw] = pair(eighStep(inDouble(a)));
  const vectors = values.shape.at(-1) === 0 ? raw : refusingTies(values, raw);
  return { values: rounded(values, a.dtype), vectors: rounded(vectors, a.dtype) };
}
