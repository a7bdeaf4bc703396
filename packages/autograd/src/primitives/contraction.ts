// The matrix product, batched. Two matrices are multiplied by multiply.ts, and by kernels where they are large.

import type { Description } from "../array/description.ts";
import { isFloat } from "../array/dtype.ts";
import { DTypeError, ShapeError } from "../array/errors.ts";
import { NDArray } from "../array/ndarray.ts";
import { broadcastShapes, sameShape, shapeText, sizeOf } from "../array/shape.ts";
import type { Shape } from "../array/shape-types.ts";
import { statedFunction } from "../expression/elementwise-function.ts";
import type { Float } from "../kernels/eager/kernels.ts";
import { hasProductKernel, type Matrix, productByKernel } from "../kernels/eager/product.ts";
import { apply } from "../tape/apply.ts";
import type { Lowering } from "../tape/lowering.ts";
import type { Primitive, Value } from "../tape/value.ts";
import { bilinear } from "./families.ts";
import { permute } from "./movement.ts";
import { reshaped, spread, transposed } from "./moving.ts";
import { multiply } from "./multiply.ts";

/** [...batch, m, k] · [...batch, k, n] → [...batch, m, n]. Transposed operands are views and cost the same. */
export const matmul: Primitive<null> = bilinear({
  name: "matmul",
  lowering: (_attributes, [a]) => loweringFor(a!.shape, false),
  describe,
  evaluate: ([a, b], _attributes, output) => product(a!, b!, output, false),
  inRules: () => gatedMatmul,
  batched: (inputs, _attributes, isBatched, size) => batchedProduct(matmul, inputs, isBatched, size),
  summed: (inputs, _attributes, isBatched) => summedProduct(matmul, inputs, isBatched),
  adjoints: [
    (dy, b) => apply(gatedMatmul, [dy, transposed(b)], null),
    (dy, a) => apply(gatedMatmul, [transposed(a), dy], null),
  ],
});

/**
 * The matrix product that derivative rules use: in every term a zero factor is stronger than infinity and NaN, so that
 * what a cotangent of zero does not depend on can't spoil a gradient.
 */
export const gatedMatmul: Primitive<null> = bilinear({
  name: "gatedMatmul",
  lowering: (_attributes, [a]) => loweringFor(a!.shape, true),
  describe,
  evaluate: ([a, b], _attributes, output) => product(a!, b!, output, true),
  batched: (inputs, _attributes, isBatched, size) => batchedProduct(gatedMatmul, inputs, isBatched, size),
  summed: (inputs, _attributes, isBatched) => summedProduct(gatedMatmul, inputs, isBatched),
  adjoints: [
    (dy, b) => apply(gatedMatmul, [dy, transposed(b)], null),
    (dy, a) => apply(gatedMatmul, [transposed(a), dy], null),
  ],
});

/** The loops of a product, by the left operand's shape. */
function loweringFor(left: Shape, gated: boolean): Lowering<null> | null {
  if (left.at(-1) === 0) return null;
  if (left.at(-1) !== 1 || left.length < 3) return { family: "product", gated };
  // Columns times rows, one for each matrix of a batch: one product for each element, which what follows can be fused with.
  const { expression } = gated ? gatedTimes : times;
  return {
    family: "elements",
    element: (build) => build.expression(expression, [build.read(0), build.read(1)]),
  };
}

const times = statedFunction("times", 2, (x, y) => x!.mul(y!));
const gatedTimes = statedFunction("gatedTimes", 2, (x, y) => x!.gate(y!));

/** Columns of one matrix to which it pays to multiply them together: with more, products of their own are as fast. */
const FEW_COLUMNS = 16;

/** The products of many matrices. Where one matrix belongs to all of them, they become rows or columns of one product. */
function batchedProduct(
  primitive: Primitive<null>,
  [a, b]: readonly Value[],
  [hasMany, areMany]: readonly boolean[],
  size: number,
): Value {
  const left = a!;
  const right = b!;
  if (!areMany && right.rank === 2) {
    const rows = reshaped(left, [sizeOf(left.shape.slice(0, -1)), left.shape.at(-1)!]);
    return reshaped(apply(primitive, [rows, right], null), [...left.shape.slice(0, -1), right.shape[1]!]);
  }
  if (!hasMany && left.rank === 2 && right.shape.at(-1)! <= FEW_COLUMNS)
    return transposed(batchedProduct(primitive, [transposed(right), transposed(left)], [true, false], size));
  const whole = (x: Value, isWhole: boolean) => (isWhole ? x : spread(x, [size, ...x.shape]));
  return apply(primitive, [whole(left, hasMany!), whole(right, areMany!)], null);
}

/** The sum of the products of many pairs of matrices: one product, along the pairs and the inner axis together. */
function summedProduct(
  primitive: Primitive<null>,
  [a, b]: readonly Value[],
  [hasMany, areMany]: readonly boolean[],
): Value | null {
  if (!hasMany || !areMany || a!.rank !== 3) return null;
  const [size, m, k] = a!.shape as [number, number, number];
  const columns = apply(permute, [a!], { order: [1, 0, 2] });
  const rows = reshaped(b!, [size * k, b!.shape[2]!]);
  return apply(primitive, [reshaped(columns, [m, size * k]), rows], null);
}

function gatedElement(a: NDArray, b: NDArray, shape: Shape, place: number): number {
  let [left, right, rest] = [a.offset, b.offset, place];
  const [row, column] = [shape.length - 2, shape.length - 1];
  for (let axis = column; axis >= 0; axis--) {
    const index = rest % shape[axis]!;
    rest = Math.floor(rest / shape[axis]!);
    if (axis !== column) left += index * a.strides[axis]!;
    if (axis !== row) right += index * b.strides[axis]!;
  }
  let sum = 0;
  for (let k = 0; k < a.shape[column]!; k++) {
    const x = a.buffer[left + k * a.strides[column]!]!;
    const y = b.buffer[right + k * b.strides[row]!]!;
    if (x !== 0 && y !== 0) sum += x * y;
  }
  return sum;
}

function describe([a, b]: readonly Description[]): Description {
  const [left, right] = [a!.shape, b!.shape];
  if (a!.dtype !== b!.dtype) {
    throw new DTypeError(
      `matmul: ${a!.dtype} and ${b!.dtype} don't mix; cast one, e.g. b.cast("${a!.dtype}")`,
    );
  }
  if (!isFloat(a!.dtype))
    throw new DTypeError(`matmul: ${a!.dtype} has no matmul; it needs float32 or float64: x.cast("float32")`);
  const [m, k] = left.slice(-2) as [number, number];
  const [inner, n] = right.slice(-2) as [number, number];
  if (k !== inner) {
    throw new ShapeError(
      `matmul: ${shapeText(left)} · ${shapeText(right)}: inner sizes ${k} and ${inner} differ (columns on the left must equal rows on the right)`,
    );
  }
  if (!sameShape(left.slice(0, -2), right.slice(0, -2))) {
    throw new ShapeError(
      `matmul: ${shapeText(left)} · ${shapeText(right)}: batch axes differ; broadcast them first`,
    );
  }
  return { shape: [...left.slice(0, -2), m, n], dtype: a!.dtype };
}

function product(a: NDArray, b: NDArray, { shape, dtype }: Description, gated: boolean): NDArray {
  const result = NDArray.zeros(dtype, shape);
  if (result.size === 0) return result;
  const [m, n] = shape.slice(-2) as [number, number];
  const float = dtype as Float;
  const hasKernel = hasProductKernel(float, m, n, a.shape.at(-1)!);
  if (hasKernel && eachMatrix(a, b, result, (x, y, z) => productByKernel(float, gated, x, y, z)))
    return result;
  return multiplyPlainly(a, b, result, gated);
}

/** c = a·b by plain loops; returns c, which must come filled with zeros. */
export function multiplyPlainly(a: NDArray, b: NDArray, c: NDArray, gated: boolean): NDArray {
  eachMatrix(a, b, c, multiply);
  if (!gated) return c;
  // A term 0·∞ makes its element NaN, so only NaN elements are computed again.
  c.data.forEach((value: number, place: number) => {
    if (Number.isNaN(value)) c.buffer[place] = gatedElement(a, b, c.shape, place);
  });
  return c;
}

/** Multiplies matrix by matrix; returns false where `multiplied` says that it could not. */
function eachMatrix(
  a: NDArray,
  b: NDArray,
  c: NDArray,
  multiplied: (a: Matrix, b: Matrix, c: Matrix) => boolean,
): boolean {
  const batch: Shape = c.shape.slice(0, -2);
  const index = new Array<number>(batch.length).fill(0);
  const at = (array: NDArray) => index.reduce((sum, i, axis) => sum + i * array.strides[axis]!, array.offset);
  for (;;) {
    if (!multiplied(matrixOf(a, at(a)), matrixOf(b, at(b)), matrixOf(c, at(c)))) return false;
    let axis = batch.length - 1;
    for (; axis >= 0; axis--) {
      index[axis]!++;
      if (index[axis]! < batch[axis]!) break;
      index[axis] = 0;
    }
    if (axis < 0) return true;
  }
}

function matrixOf(array: NDArray, start: number): Matrix {
  const [rows, columns] = array.shape.slice(-2) as [number, number];
  const [rowStep, columnStep] = array.strides.slice(-2) as [number, number];
  return { data: array.buffer, start, rows, columns, rowStep, columnStep };
}

/** Throws ShapeError unless the inner sizes agree. */
export function checkInner(operation: string, a: Shape, b: Shape): void {
  const [inner, rows] = [a.at(-1), b.length === 1 ? b[0] : b.at(-2)];
  if (inner === rows) return;
  throw new ShapeError(
    `${operation}: ${shapeText(a)} · ${shapeText(b)}: inner sizes ${inner} and ${rows} differ (columns on the left must equal rows on the right)`,
  );
}

/** The matrix product of tensors of any rank above 0: batch axes broadcast, and a vector loses its axis. */
export function matrixProduct(a: Value, b: Value): Value {
  const left = a.rank === 1 ? reshaped(a, [1, ...a.shape]) : a;
  const right = b.rank === 1 ? reshaped(b, [...b.shape, 1]) : b;
  const product = batched(left, right);
  const { shape } = product;
  const rows = a.rank === 1 ? [] : [shape[shape.length - 2]!];
  const columns = b.rank === 1 ? [] : [shape[shape.length - 1]!];
  return reshaped(product, [...shape.slice(0, -2), ...rows, ...columns]);
}

function batched(a: Value, b: Value): Value {
  const [batchA, batchB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const inner = a.shape[a.rank - 1]!;
  // Where one matrix on the right belongs to a whole batch, the batch becomes more rows of one product.
  if (batchA.length > 0 && batchB.length === 0 && inner === b.shape[0]) {
    const rows = reshaped(a, [sizeOf(a.shape.slice(0, -1)), inner]);
    return reshaped(apply(matmul, [rows, b], null), [...a.shape.slice(0, -1), b.shape[1]!]);
  }
  if (batchA.length === 0 && batchB.length === 0) return apply(matmul, [a, b], null);
  const batch = broadcastShapes(
    `matmul: ${shapeText(a.shape)} · ${shapeText(b.shape)}: batch axes`,
    batchA,
    batchB,
  );
  const left = spread(a, [...batch, ...a.shape.slice(-2)]);
  const right = spread(b, [...batch, ...b.shape.slice(-2)]);
  return apply(matmul, [left, right], null);
}
