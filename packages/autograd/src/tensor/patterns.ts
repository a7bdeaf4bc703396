// Tensors of a pattern that others give: constants of their shape and type, diagonals, grids.

import { checkOptions } from "../array/arguments.ts";
import type { Crossed, OnDiagonal } from "../array/axis-types.ts";
import { checkDType, elementOf } from "../array/dtype.ts";
import { ShapeError } from "../array/errors.ts";
import { shapeText } from "../array/shape.ts";
import type { Shape } from "../array/shape-types.ts";
import { pad } from "../primitives/movement.ts";
import { reshaped } from "../primitives/moving.ts";
import { apply } from "../tape/apply.ts";
import type { TypeOption } from "./creation.ts";
import { asTensor, checkTensor, constantTensor, Tensor } from "./tensor.ts";

function filledLike<S extends Shape>(
  operation: string,
  x: Tensor<S>,
  value: number,
  options: TypeOption,
): Tensor<S> {
  const { shape, dtype: own } = checkTensor(operation, x);
  checkOptions(operation, options, ["dtype"]);
  const dtype = options.dtype === undefined ? own : checkDType(options.dtype, operation);
  return asTensor(constantTensor(elementOf(value, dtype, operation), dtype, [...shape] as Shape));
}

/**
 * Zeros of the shape and, unless another is given, the type of x: a constant, on which x has no influence. NumPy's
 * `zeros_like`. Throws TypeError where x is no tensor.
 */
export const zerosLike = <S extends Shape>(x: Tensor<S>, options: TypeOption = {}): Tensor<S> =>
  filledLike("zerosLike", x, 0, options);

/**
 * Ones of the shape and, unless another is given, the type of x. NumPy's `ones_like`. Throws TypeError where x is no
 * tensor.
 */
export const onesLike = <S extends Shape>(x: Tensor<S>, options: TypeOption = {}): Tensor<S> =>
  filledLike("onesLike", x, 1, options);

/** One number everywhere, in the shape and, unless another is given, the type of x. NumPy's `full_like`. Throws DTypeError where the type can't hold it. */
export const fullLike = <S extends Shape>(x: Tensor<S>, value: number, options: TypeOption = {}): Tensor<S> =>
  filledLike("fullLike", x, value, options);

/**
 * The matrix with a vector on its diagonal, or on the one `offset` above it (below where negative), and zeros elsewhere:
 * [n] → [n + |offset|, n + |offset|]. NumPy's `diag` of a vector; the diagonal of a matrix is `diagonal`. Throws ShapeError
 * unless v is a vector.
 */
export function diag<V extends Shape, const Offset extends number = 0>(
  v: Tensor<V>,
  options: { readonly offset?: Offset } = {},
): Tensor<OnDiagonal<V, Offset>> {
  const { shape } = checkTensor("diag", v);
  checkOptions("diag", options, ["offset"]);
  if (shape.length !== 1)
    throw new ShapeError(
      `diag: ${shapeText(shape)} is no vector; for the diagonal of a matrix use x.diagonal()`,
    );
  const offset: number = options.offset ?? 0;
  if (!Number.isInteger(offset))
    throw new RangeError(`diag: offset ${offset} must be a whole number; 1 is the diagonal above the middle`);
  const [count] = shape as readonly [number];
  const n = count + Math.abs(offset);
  // Row-major, neighbours on a diagonal are one row and one element apart.
  const before = offset >= 0 ? offset : -offset * n;
  const span = count === 0 ? 0 : (count - 1) * (n + 1) + 1;
  const flat = apply(pad, [v], {
    before: [count === 0 ? 0 : before],
    after: [count === 0 ? n * n : n * n - before - span],
    between: [n],
  });
  return asTensor(reshaped(flat, [n, n]));
}

/** How the axes of a grid follow its vectors: "ij" in their order, "xy" with the first two exchanged. */
export type Indexing = "ij" | "xy";

/** The options of `meshgrid`. */
export interface GridOptions<I extends Indexing> {
  /** "xy" by default: of n numbers for x and m for y, grids [m, n]. "ij": [n, m]. */
  readonly indexing?: I;
}

/**
 * For each vector a tensor of all combinations, in which its numbers run along one axis: [n], [m] → two of [m, n], or, with
 * `indexing: "ij"`, of [n, m]. Views, not copies. NumPy's `meshgrid`, with its default "xy". A tensor of rank 0 counts as a
 * vector of one number. Throws ShapeError for a tensor of more axes.
 */
export function meshgrid<const T extends readonly Tensor[]>(
  ...xs: T
): { -readonly [K in keyof T]: Tensor<Crossed<T, "xy">> };
export function meshgrid<const T extends readonly Tensor[], const I extends Indexing = "xy">(
  ...args: [...T, GridOptions<I>]
): { -readonly [K in keyof T]: Tensor<Crossed<T, I>> };
export function meshgrid(...args: readonly (Tensor | GridOptions<Indexing>)[]): Tensor[] {
  const last = args.at(-1);
  const hasOptions = last !== undefined && !(last instanceof Tensor) && isPlain(last);
  const options: GridOptions<Indexing> = hasOptions ? last : {};
  checkOptions("meshgrid", options, ["indexing"]);
  const { indexing = "xy" } = options;
  if (indexing !== "xy" && indexing !== "ij")
    throw new RangeError(`meshgrid: indexing is ${JSON.stringify(indexing)}; use "xy" or "ij"`);
  const xs = (hasOptions ? args.slice(0, -1) : args).map((each) => checkTensor("meshgrid", each));
  const odd = xs.find(({ rank }) => rank > 1);
  if (odd !== undefined)
    throw new ShapeError(`meshgrid: ${shapeText(odd.shape)} is no vector; give vectors, e.g. x.flatten()`);
  const place = (i: number) => (indexing === "xy" && i < 2 && xs.length > 1 ? 1 - i : i);
  const shape = xs.map((_, axis) => xs[place(axis)]!.size);
  return xs.map((x, i) => {
    const along = shape.map((n, axis) => (axis === place(i) ? n : 1));
    return x.reshape(along).broadcastTo(shape);
  });
}

const isPlain = (value: object): value is GridOptions<Indexing> =>
  Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null;
