// The product of two matrices by plain loops: for small ones, and for all where there are no kernels.

import type { Matrix } from "../kernels/eager/product.ts";

// A tile of 4 rows by 4 columns reads 8 numbers for 16 multiplications.
const tile = 4;

/** c = a·b. Operands are packed tile by tile first, so that the inner loop reads both in order. */
export function multiply(a: Matrix, b: Matrix, c: Matrix): true {
  const depth = a.columns;
  const left = pack(0, a, a.rows, a.rowStep, a.columnStep, depth);
  const right = pack(1, b, b.columns, b.columnStep, b.rowStep, depth);
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
  return true;
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

/** Room for small operands, one on each side. To make it anew takes longer than to multiply them. */
const room = [new Float64Array(256), new Float64Array(256)] as const;

/** Groups of `tile` lines, side by side. What fills up the last group goes into products that are not stored. */
function pack(
  side: 0 | 1,
  matrix: Matrix,
  lines: number,
  lineStep: number,
  step: number,
  depth: number,
): Float64Array {
  const size = Math.ceil(lines / tile) * tile * depth;
  const packed = size <= room[side].length ? room[side] : new Float64Array(size);
  const { data, start } = matrix;
  for (let line = 0; line < lines; line++) {
    let to = (line - (line % tile)) * depth + (line % tile);
    let from = start + line * lineStep;
    for (let k = 0; k < depth; k++, to += tile, from += step) packed[to] = data[from]!;
  }
  return packed;
}
