// Singular matrices: how they are told, and what is said of them.

import {
  definePrimitive,
  ones,
  type PrimitiveFunction,
  type Shape,
  type Tensor,
  type TypedArray,
  where,
} from "@adjoint/autograd";
import type { Matrix } from "ml-matrix";
import {
  batchOf,
  checkMatrix,
  checkSquare,
  inDouble,
  rounded,
  shapeText,
  takesBatches,
} from "./arguments.ts";
import { forEachMatrix } from "./each-matrix.ts";
import { gaveUp } from "./existence.ts";
import { Factored } from "./lu.ts";
import { svdStep } from "./svd.ts";
import type { BatchOf, IsSquare } from "./types.ts";

export const isSingularStep: PrimitiveFunction<void> = definePrimitive({
  name: "isSingular",
  shape: ([a]) => batchOf(a!),
  dtype: () => "bool",
  value([a], out) {
    const decide = ([matrix]: readonly Matrix[], [result]: readonly TypedArray[]) => {
      result![0] = Number(matrix!.rows > 0 && new Factored(matrix!).isSingular);
    };
    forEachMatrix([a!], [out], decide, 1);
  },
  shifted: takesBatches,
});

/**
 * Whether matrices are singular to working precision: [..., n, n] → [...], bool. It is true exactly where `solve`,
 * `inverse` and the derivative of `slogdet` throw, or are NaN in compiled functions and under `vmap`, where nothing can
 * throw: there it tells which results mean something. False for 0×0; true for a matrix with NaN or infinity, for which
 * they are NaN as well. Throws ShapeError unless a is square.
 */
export function isSingular<A extends Shape>(a: Tensor<A> & IsSquare<A>): Tensor<BatchOf<A>> {
  checkSquare("isSingular", a, "ask conditionNumber(a) instead");
  return isSingularStep(a.detach());
}

/**
 * How much a·x may be stretched at most for one direction of x, over how much at least: the largest singular value over
 * the smallest, as NumPy's `cond`. [..., m, n] → [...]. About as many digits are lost in solving as it has. Infinity,
 * or 10¹⁶ and more by rounding, for a matrix that has not full rank; 1 where there are no elements. Throws ShapeError
 * for fewer than two axes, DTypeError unless a has floats.
 */
export function conditionNumber<A extends Shape>(a: Tensor<A>): Tensor<BatchOf<A>> {
  checkMatrix("conditionNumber", a);
  return rounded(conditionOf(inDouble(a)), a.dtype);
}

function conditionOf(a: Tensor): Tensor {
  const s: Tensor = svdStep(a)[1]!;
  if (s.shape.at(-1) === 0) return ones(batchOf(a.shape), { dtype: "float64" });
  const least: Tensor = s.min({ axis: -1 });
  const isZero = least.equal(0);
  const ratio: Tensor = s.max({ axis: -1 }).div(where<Shape, [], Shape>(isZero, 1, least));
  return where<Shape, [], Shape>(isZero, Infinity, ratio);
}

/**
 * Throws RangeError where x, computed from a, has NaN because a matrix is singular; says nothing where numbers can't be
 * read.
 */
export function refuseSingular(operation: string, a: Tensor, x: Tensor, way: string): void {
  if (!gaveUp(x, a)) return;
  const at = isSingularStep(a.detach()).data.indexOf(1);
  if (at < 0) return;
  const condition = conditionOf(a.detach()).data[at]!;
  const which = a.rank === 2 ? "the matrix" : `matrix ${at} of the batch`;
  throw new RangeError(
    `${operation}: ${shapeText(a.shape)}: ${which} is singular to working precision (condition number ${condition.toPrecision(2)}): some of its rows depend on the others; ${way}`,
  );
}
