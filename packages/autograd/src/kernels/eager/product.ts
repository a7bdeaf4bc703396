// Matrix products for eager operations: one kernel for each type, for all sizes and layouts in memory. Operands
// are copied in with the layout they have; those too large for the scratch memory are copied in parts.

import type { TypedArray } from "../../array/dtype.ts";
import { bytesOf, heap } from "../heap.ts";
import { FEW_MULTIPLICATIONS } from "../kernel.ts";
import type { Float, ScratchKernel } from "./kernels.ts";
import { Known } from "./known.ts";
import { hasEagerKernels, scratch } from "./scratch.ts";

/** A matrix in a typed array: element (i, j) at start + i·rowStep + j·columnStep. */
export interface Matrix {
  readonly data: TypedArray;
  readonly start: number;
  readonly rows: number;
  readonly columns: number;
  readonly rowStep: number;
  readonly columnStep: number;
}

/**
 * The least number of multiplications for which a kernel is used. In float64, plain loops compute fewer in less time
 * than copying the operands takes, with the same bits. In float32, plain loops add up in float64, which programs do
 * only for products that they write out.
 */
const LEAST_MULTIPLICATIONS = { float32: FEW_MULTIPLICATIONS + 1, float64: 4096 } as const;
/** The most elements of a part of an operand or of the result, unless the part is a single line. */
const LARGEST_PART = 2 ** 22;
/** The most elements of a line: so few longer ones would fit into a part that copying would be most of the work. */
const LONGEST_LINE = 2 ** 20;

const kernels = new Known<ScratchKernel | null>();

/** Whether a kernel computes a product [m, k]·[k, n]. */
export const hasProductKernel = (dtype: Float, m: number, n: number, k: number): boolean =>
  m * n * k >= LEAST_MULTIPLICATIONS[dtype] && k <= LONGEST_LINE && hasEagerKernels();

/**
 * Computes c = a·b, where c is row-major without gaps. If `gated`, a zero factor is stronger than infinity and NaN in
 * each term. Returns false where there is no kernel, or not enough memory.
 */
export function productByKernel(
  dtype: Float,
  gated: boolean,
  a: Matrix,
  b: Matrix,
  c: Matrix,
  largest: number = LARGEST_PART,
): boolean {
  const kernel = kernels.get(`${dtype} ${gated}`, (by) => by.product(dtype, gated));
  if (kernel === null) return false;
  const k = a.columns;
  const columns = Math.min(b.columns, Math.max(1, Math.floor(largest / k)));
  const rows = Math.min(a.rows, Math.max(1, Math.floor(largest / Math.max(k, columns))));
  const bytes = bytesOf[dtype];
  const room = (elements: number) => Math.ceil((elements * bytes) / 64) * 64;
  const [roomA, roomB, roomC] = [
    room(SPARSEST * rows * k),
    room(SPARSEST * k * columns),
    room(rows * columns),
  ];
  const start = scratch(roomA + roomB + roomC + kernel.scratch(rows, columns, k));
  if (start === null) return false;
  const memory = heap().view(dtype);
  const [placeB, placeC] = [start + roomA, start + roomA + roomB];
  for (let column = 0; column < b.columns; column += columns) {
    const n = Math.min(columns, b.columns - column);
    const right = copyIn(memory, placeB / bytes, b, 0, k, column, n);
    for (let row = 0; row < a.rows; row += rows) {
      const m = Math.min(rows, a.rows - row);
      const left = copyIn(memory, start / bytes, a, row, m, 0, k);
      kernel.run(
        left.first * bytes,
        right.first * bytes,
        placeC,
        m,
        n,
        k,
        left.rowStep,
        left.columnStep,
        right.rowStep,
        right.columnStep,
        placeC + roomC,
      );
      copyBack(memory, placeC / bytes, c, row, m, column, n);
    }
  }
  return true;
}

/** A matrix that spans more than this many times its number of elements is copied without what lies between them. */
const SPARSEST = 2;

/** Copies a part of a matrix, in its own layout or row-major; returns where the copy lies. */
function copyIn(
  memory: TypedArray,
  at: number,
  { data, start, rowStep, columnStep }: Matrix,
  row: number,
  rows: number,
  column: number,
  columns: number,
): { readonly first: number; readonly rowStep: number; readonly columnStep: number } {
  const from = start + row * rowStep + column * columnStep;
  const [down, across] = [(rows - 1) * rowStep, (columns - 1) * columnStep];
  const span = Math.abs(down) + Math.abs(across) + 1;
  if (span <= SPARSEST * rows * columns) {
    const before = -Math.min(0, down) - Math.min(0, across);
    memory.set(data.subarray(from - before, from - before + span), at);
    return { first: at + before, rowStep, columnStep };
  }
  for (let i = 0, to = at; i < rows; i++) {
    for (let j = 0, place = from + i * rowStep; j < columns; j++, place += columnStep)
      memory[to++] = data[place]!;
  }
  return { first: at, rowStep: columns, columnStep: 1 };
}

/** Copies a part of the result from the heap to its place in c. */
function copyBack(
  memory: TypedArray,
  at: number,
  { data, start, columns: width }: Matrix,
  row: number,
  rows: number,
  column: number,
  columns: number,
): void {
  const [lines, length] = columns === width ? [1, rows * columns] : [rows, columns];
  for (let i = 0; i < lines; i++) {
    const to = start + (row + i) * width + column;
    data.set(memory.subarray(at + i * length, at + (i + 1) * length), to);
  }
}
