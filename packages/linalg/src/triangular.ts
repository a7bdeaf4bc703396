// Systems with a triangular matrix, by substitution.

import {
  definePrimitive,
  type MatmulAgrees,
  type MatmulShape,
  type PrimitiveFunction,
  type Shape,
  type Tensor,
} from "@adjoint/autograd";
import type { Matrix } from "ml-matrix";
import { checkSquare, shapeText, takesBatches, transposed, unitsLike, withRight } from "./arguments.ts";
import { forEachMatrix, write } from "./each-matrix.ts";
import { defined, gaveUp, stateOfNumbers, whereExisting } from "./existence.ts";
import type { IsSquare } from "./types.ts";

interface Triangle {
  readonly lower: boolean;
}

/** Turns b into the x of a·x = b. */
function substitute(a: Matrix, x: Matrix, lower: boolean): void {
  const n = a.rows;
  for (let step = 0; step < n; step++) {
    const i = lower ? step : n - 1 - step;
    const [from, to] = lower ? [0, i] : [i + 1, n];
    for (let column = 0; column < x.columns; column++) {
      let rest = x.get(i, column);
      for (let j = from; j < to; j++) rest -= a.get(i, j) * x.get(j, column);
      x.set(i, column, rest / a.get(i, i));
    }
  }
}

const hasZero = (a: Matrix): boolean => a.diagonal().includes(0);

/** Never made: a singular matrix is refused before, and what is NaN has NaN for its derivative. */
const complaint = { operation: "triangularSolve", why: "the result is NaN" };

/** The x of a·x = b, where of a only one triangle is read; NaN for a zero on the diagonal. */
export const triangularStep: PrimitiveFunction<Triangle> = definePrimitive<Triangle>({
  name: "triangularSolve",
  shape: ([, b]) => b!,
  value([a, b], out, { lower }) {
    forEachMatrix([a!, b!], [out], ([matrix, x], [result]) => {
      if (hasZero(matrix!)) result!.fill(NaN);
      else {
        substitute(matrix!, x!, lower);
        write(result!, x!);
      }
    });
  },
  shifted: takesBatches,
  pullback({ inputs: [a], output: x, attributes: { lower } }, dx) {
    const state = stateOfNumbers(x);
    const turned = transposed(whereExisting(state, a!, unitsLike(a!)));
    const db: Tensor = triangularStep(turned, dx, { lower: !lower });
    const da = db.matmul(transposed(whereExisting(state, x, 0))).neg();
    return [lower ? da.tril() : da.triu(), db].map((each) => defined(each, [dx], state, complaint));
  },
});

/**
 * The x of a·x = b for a triangular a; only the triangle named is read: a [..., n, n] and b [n] or [..., n, k] → [n] or
 * [..., n, k]; leading axes broadcast, as SciPy's `solve_triangular`. Throws ShapeError and DTypeError as `solve` does,
 * and RangeError for a zero on the diagonal: the result is NaN instead in compiled functions and under `vmap`. A matrix
 * with NaN or infinity anywhere gives NaN.
 */
export function triangularSolve<A extends Shape, B extends Shape>(
  a: Tensor<A> & IsSquare<A>,
  b: Tensor<B> & MatmulAgrees<A, B>,
  options: Triangle,
): Tensor<MatmulShape<A, B>> {
  checkSquare("triangularSolve", a, "give the square part of it");
  const lower: unknown = (options as Partial<Triangle> | undefined)?.lower;
  if (typeof lower !== "boolean")
    throw new TypeError(
      "triangularSolve: say which triangle of a is meant, { lower: true } or { lower: false }",
    );
  const { a: matrix, b: right, back } = withRight("triangularSolve", a, b);
  const x: Tensor = triangularStep(matrix, right, { lower });
  if (gaveUp(x, matrix) && matrix.diagonal().equal(0).any().item() === 1)
    throw new RangeError(
      `triangularSolve: ${shapeText(a.shape)}: a zero on the diagonal, so the matrix is singular (condition number Infinity): use lstsq, or add a little to the diagonal`,
    );
  return back(x);
}
