// What all functions do with their operands: check them, bring batches to one shape, and compute in float64.

import { type DType, DTypeError, eye, type Shape, ShapeError, Tensor } from "@adjoint/autograd";

export const shapeText = (shape: Shape): string => `[${shape.join(", ")}]`;

/** Sizes of the last two axes. */
export const matrixSizes = (shape: Shape): [rows: number, columns: number] => [shape.at(-2)!, shape.at(-1)!];

/** The axes before those of the matrix. */
export const batchOf = (shape: Shape): Shape => shape.slice(0, -2);

/** Throws TypeError, DTypeError or ShapeError unless a is a matrix, or a batch of them, of floats. */
export function checkMatrix(operation: string, a: unknown): asserts a is Tensor {
  if (!(a instanceof Tensor))
    throw new TypeError(`${operation}: takes a tensor, got ${typeof a}; wrap numbers: tensor([[…], […]])`);
  if (a.dtype !== "float32" && a.dtype !== "float64")
    throw new DTypeError(
      `${operation}: ${a.dtype} has no ${operation}; it needs float32 or float64: a.cast("float32")`,
    );
  if (a.rank < 2)
    throw new ShapeError(
      `${operation}: ${shapeText(a.shape)} is no matrix; it takes [..., rows, columns]: reshape it first, e.g. a.expandDims(0)`,
    );
}

/** The same for a square matrix. */
export function checkSquare(operation: string, a: unknown, way: string): asserts a is Tensor {
  checkMatrix(operation, a);
  const [rows, columns] = matrixSizes(a.shape);
  if (rows !== columns)
    throw new ShapeError(
      `${operation}: ${shapeText(a.shape)} is not square: ${rows} rows and ${columns} columns; ${way}`,
    );
}

/**
 * Throws unless b is a right-hand side for a: a vector of as many elements as a has rows, or matrices of as many rows.
 */
function checkRight(operation: string, a: Tensor, b: unknown): asserts b is Tensor {
  if (!(b instanceof Tensor) || b.rank > 1) checkMatrix(operation, b);
  const text = `${operation}: ${shapeText(a.shape)} and ${shapeText(b.shape)}`;
  if (b.dtype !== a.dtype)
    throw new DTypeError(
      `${operation}: ${a.dtype} and ${b.dtype} don't mix; cast one, e.g. b.cast("${a.dtype}")`,
    );
  const [rows] = matrixSizes(a.shape);
  const given = b.rank === 1 ? b.shape[0] : b.shape.at(-2);
  if (given !== rows)
    throw new ShapeError(
      `${text}: the matrix has ${rows} rows and the right-hand side ${given ?? "no"}; they must agree: b is [rows] or [..., rows, columns]`,
    );
}

/** The shape that leading axes broadcast to, as NumPy's do. */
function broadcastBatch(operation: string, a: Shape, b: Shape): Shape {
  const [first, second] = [batchOf(a), batchOf(b)];
  const rank = Math.max(first.length, second.length);
  return Array.from({ length: rank }, (_, axis) => {
    const [m, n] = [first, second].map((batch) => batch[axis - rank + batch.length] ?? 1) as [number, number];
    if (m !== n && m !== 1 && n !== 1)
      throw new ShapeError(
        `${operation}: ${shapeText(a)} and ${shapeText(b)}: batch axes ${shapeText(first)} and ${shapeText(second)} don't broadcast: aligned at the last axis, sizes must agree or be 1`,
      );
    return m === 1 ? n : m;
  });
}

/**
 * A matrix and its right-hand side in float64, with the same leading axes, and the way back from the solution to the
 * type and rank that were given.
 */
export function withRight(
  operation: string,
  a: Tensor,
  b: unknown,
): { a: Tensor; b: Tensor; back<R extends Shape>(x: Tensor): Tensor<R> } {
  checkRight(operation, a, b);
  const isVector = b.rank === 1;
  const columns: Tensor = isVector ? b.expandDims(-1) : b;
  const batch = broadcastBatch(operation, a.shape, columns.shape);
  const spread = (x: Tensor): Tensor => inDouble(x).broadcastTo([...batch, ...matrixSizes(x.shape)]);
  return {
    a: spread(a),
    b: spread(columns),
    back: (x) => rounded(isVector ? x.squeeze({ axis: -1 }) : x, a.dtype),
  };
}

/** All is computed in float64, so that float32 results, and their derivatives, are rounded once. */
export const inDouble = (x: Tensor): Tensor => x.cast("float64");

/** A result in the type that was given, and of the shape that the caller knows. */
export const rounded = <R extends Shape>(x: Tensor, dtype: DType): Tensor<R> =>
  x.cast(dtype).reshape<Shape, Shape, R>(x.shape);

export const transposed = (a: Tensor): Tensor => a.swapLastAxes<Shape, Shape>();

/** Unit matrices beside those of a. */
export const unitsLike = (a: Tensor): Tensor =>
  eye(a.shape.at(-1)!, { dtype: a.dtype }).broadcastTo<Shape>(a.shape);

/** The symmetric part, (a + aᵀ)/2; halved first, so that nothing overflows. */
export const symmetric = (a: Tensor): Tensor => a.mul(0.5).add(transposed(a).mul(0.5));

/** Two results of a step, or two parts. */
export const pair = ([first, second]: readonly Tensor[]): [Tensor, Tensor] => [first!, second!];

/** Three results of a step. */
export const triple = ([first, second, third]: readonly Tensor[]): [Tensor, Tensor, Tensor] => [
  first!,
  second!,
  third!,
];

/** For steps whose leading axes are batches anyway: nothing in their attributes changes under `vmap`. */
export const takesBatches = <A>(attributes: A): A => attributes;
