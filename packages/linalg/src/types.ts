// Shapes of results, as types. What must be square, and what must fit beside it, is `MatmulAgrees` of the engine.

import type { LastAxesSwapped, MatmulAgrees, MatmulShape, Shape } from "@adjoint/autograd";

/** Put on a matrix: unknown where it is square, for then, and only then, it can be multiplied by itself. */
export type IsSquare<A extends Shape> = MatmulAgrees<A, A>;

/** The axes before those of the matrix. */
export type BatchOf<A extends Shape> = A extends readonly [...infer Batch extends Shape, number, number]
  ? Batch
  : Shape;

/** The shape of the x of least ‖a·x − b‖. */
export type LeastSquaresShape<A extends Shape, B extends Shape> = MatmulShape<LastAxesSwapped<A>, B>;

/** Put on the right-hand side: unknown where it has as many rows as the matrix. */
export type RowsAgree<A extends Shape, B extends Shape> = MatmulAgrees<LastAxesSwapped<A>, B>;

/** The smaller of two sizes, where types can tell: where they are equal. */
type Smaller<M extends number, N extends number> = number extends M | N ? number : M extends N ? M : number;

/** [..., m, n] → [..., m, min(m, n)]. */
export type LeftFactor<A extends Shape> = A extends readonly [
  ...infer Batch extends Shape,
  infer M extends number,
  infer N extends number,
]
  ? [...Batch, M, Smaller<M, N>]
  : Shape;

/** [..., m, n] → [..., min(m, n), n]. */
export type RightFactor<A extends Shape> = A extends readonly [
  ...infer Batch extends Shape,
  infer M extends number,
  infer N extends number,
]
  ? [...Batch, Smaller<M, N>, N]
  : Shape;

/** [..., m, n] → [..., n, min(m, n)]. */
export type RightVectors<A extends Shape> = LeftFactor<LastAxesSwapped<A>>;

/** [..., m, n] → [..., min(m, n)]. */
export type ValuesOf<A extends Shape> = A extends readonly [
  ...infer Batch extends Shape,
  infer M extends number,
  infer N extends number,
]
  ? [...Batch, Smaller<M, N>]
  : Shape;
