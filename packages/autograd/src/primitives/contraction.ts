// The matrix product, batched, and the kernel behind it.

import { isFloat, type TypedArray } from "../array/dtype.ts";
import { DTypeError, ShapeError } from "../array/errors.ts";
import { NDArray } from "../array/ndarray.ts";
import { broadcastShapes, sameShape, shapeText, sizeOf } from "../array/shape.ts";
import type { Shape } from "../array/shape-types.ts";
import type { Description, Primitive } from "../tape/primitive.ts";
import { bilinear } from "./families.ts";
import type { Tensor } from "./tensor.ts";

/** [...batch, m, k] · [...batch, k, n] → [...batch, m, n]. Transposed operands are views and cost the same. */
export const matmul: Primitive<null> = bilinear({
  name: "matmul",
  lowering: (_attributes, [a]) => (a!.shape.at(-1) === 0 ? null : { family: "product", gated: false }),
  describe,
  evaluate: ([a, b], _attributes, output) => product(a!, b!, output),
  inRules: () => gatedMatmul,
  adjoints: [
    (dy, b) => dy.apply(gatedMatmul, [dy, b.swapLastAxes()], null),
    (dy, a) => dy.apply(gatedMatmul, [a.swapLastAxes(), dy], null),
  ],
});

/**
 * The matrix product as its rules use it: in every term a zero factor is stronger than infinity and NaN, so that
 * what a cotangent of zero does not depend on can't spoil a gradient.
 */
export const gatedMatmul: Primitive<null> = bilinear({
  name: "gatedMatmul",
  lowering: (_attributes, [a]) => (a!.shape.at(-1) === 0 ? null : { family: "product", gated: true }),
  describe,
  evaluate([a, b], _attributes, output) {
    const result = product(a!, b!, output);
    // A term 0·∞ makes its element NaN, so only those need a second look.
    result.data.forEach((value: number, place: number) => {
      if (Number.isNaN(value)) result.buffer[place] = gatedElement(a!, b!, output.shape, place);
    });
    return result;
  },
  adjoints: [
    (dy, b) => dy.apply(gatedMatmul, [dy, b.swapLastAxes()], null),
    (dy, a) => dy.apply(gatedMatmul, [a.swapLastAxes(), dy], null),
  ],
});

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

function product(a: NDArray, b: NDArray, { shape, dtype }: Description): NDArray {
  const result = NDArray.zeros(dtype, shape);
  if (result.size > 0) eachMatrix(a, b, result);
  return result;
}

function eachMatrix(a: NDArray, b: NDArray, c: NDArray): void {
  const batch: Shape = c.shape.slice(0, -2);
  const index = new Array<number>(batch.length).fill(0);
  const at = (array: NDArray) => index.reduce((sum, i, axis) => sum + i * array.strides[axis]!, array.offset);
  for (;;) {
    multiply(matrixOf(a, at(a)), matrixOf(b, at(b)), matrixOf(c, at(c)));
    let axis = batch.length - 1;
    for (; axis >= 0; axis--) {
      index[axis]!++;
      if (index[axis]! < batch[axis]!) break;
      index[axis] = 0;
    }
    if (axis < 0) return;
  }
}

interface Matrix {
  readonly data: TypedArray;
  readonly start: number;
  readonly rows: number;
  readonly columns: number;
  readonly rowStep: number;
  readonly columnStep: number;
}

function matrixOf(array: NDArray, start: number): Matrix {
  const [rows, columns] = array.shape.slice(-2) as [number, number];
  const [rowStep, columnStep] = array.strides.slice(-2) as [number, number];
  return { data: array.buffer, start, rows, columns, rowStep, columnStep };
}

// A tile of 4 rows by 4 columns reads 8 numbers for 16 multiplications.
const tile = 4;

/** c = a·b. Operands are packed tile by tile first, so that the inner loop reads both in order. */
function multiply(a: Matrix, b: Matrix, c: Matrix): void {
  const depth = a.columns;
  const left = pack(a, a.rows, a.rowStep, a.columnStep, depth);
  const right = pack(b, b.columns, b.columnStep, b.rowStep, depth);
  const { data, start, rows, columns } = c;
  for (let j = 0; j < columns; j += tile) {
    for (let i = 0; i < rows; i += tile) {
      multiplyTile(left, i * depth, right, j * depth, depth);
      const bottom = Math.min(tile, rows - i);
      const width = Math.min(tile, columns - j);
      for (let r = 0; r < bottom; r++) {
        const row = start + (i + r) * columns + j;
        for (let s = 0; s < width; s++) data[row + s] = products[r * tile + s]!;
      }
    }
  }
}

const products = new Float64Array(tile * tile);

function multiplyTile(a: Float64Array, i: number, b: Float64Array, j: number, depth: number): void {
  let c00 = 0,
    c01 = 0,
    c02 = 0,
    c03 = 0;
  let c10 = 0,
    c11 = 0,
    c12 = 0,
    c13 = 0;
  let c20 = 0,
    c21 = 0,
    c22 = 0,
    c23 = 0;
  let c30 = 0,
    c31 = 0,
    c32 = 0,
    c33 = 0;
  const end = i + tile * depth;
  for (; i < end; i += tile, j += tile) {
    const a0 = a[i]!,
      a1 = a[i + 1]!,
      a2 = a[i + 2]!,
      a3 = a[i + 3]!;
    const b0 = b[j]!,
      b1 = b[j + 1]!,
      b2 = b[j + 2]!,
      b3 = b[j + 3]!;
    c00 += a0 * b0;
    c01 += a0 * b1;
    c02 += a0 * b2;
    c03 += a0 * b3;
    c10 += a1 * b0;
    c11 += a1 * b1;
    c12 += a1 * b2;
    c13 += a1 * b3;
    c20 += a2 * b0;
    c21 += a2 * b1;
    c22 += a2 * b2;
    c23 += a2 * b3;
    c30 += a3 * b0;
    c31 += a3 * b1;
    c32 += a3 * b2;
    c33 += a3 * b3;
  }
  products[0] = c00;
  products[1] = c01;
  products[2] = c02;
  products[3] = c03;
  products[4] = c10;
  products[5] = c11;
  products[6] = c12;
  products[7] = c13;
  products[8] = c20;
  products[9] = c21;
  products[10] = c22;
  products[11] = c23;
  products[12] = c30;
  products[13] = c31;
  products[14] = c32;
  products[15] = c33;
}

/** Groups of `tile` lines, side by side, the last filled up with zeros. */
function pack(matrix: Matrix, lines: number, lineStep: number, step: number, depth: number): Float64Array {
  const groups = Math.ceil(lines / tile);
  const packed = new Float64Array(groups * tile * depth);
  const { data, start } = matrix;
  for (let line = 0; line < lines; line++) {
    let to = (line - (line % tile)) * depth + (line % tile);
    let from = start + line * lineStep;
    for (let k = 0; k < depth; k++, to += tile, from += step) packed[to] = data[from]!;
  }
  return packed;
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
export function matrixProduct(a: Tensor, b: Tensor): Tensor {
  const left = a.rank === 1 ? a.expandDims(0) : a;
  const right = b.rank === 1 ? b.expandDims(1) : b;
  const product = batched(left, right);
  const { shape } = product;
  const rows = a.rank === 1 ? [] : [shape[shape.length - 2]!];
  const columns = b.rank === 1 ? [] : [shape[shape.length - 1]!];
  return product.reshape([...shape.slice(0, -2), ...rows, ...columns]);
}

function batched(a: Tensor, b: Tensor): Tensor {
  const [batchA, batchB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const inner = a.shape[a.rank - 1]!;
  // One matrix on the right serves a whole batch as more rows: one product instead of many.
  if (batchA.length > 0 && batchB.length === 0 && inner === b.shape[0]) {
    const rows = a.reshape([sizeOf(a.shape.slice(0, -1)), inner]);
    return a.apply(matmul, [rows, b], null).reshape([...a.shape.slice(0, -1), b.shape[1]!]);
  }
  const batch = broadcastShapes(
    `matmul: ${shapeText(a.shape)} · ${shapeText(b.shape)}: batch axes`,
    batchA,
    batchB,
  );
  const left = a.broadcastTo([...batch, ...a.shape.slice(-2)]);
  const right = b.broadcastTo([...batch, ...b.shape.slice(-2)]);
  return a.apply(matmul, [left, right], null);
}
