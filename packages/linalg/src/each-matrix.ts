// How steps run a factorisation: matrix by matrix, on numbers in float64, scaled by powers of two.

import type { Operand, TypedArray } from "@adjoint/autograd";
import { Matrix } from "ml-matrix";
import { matrixSizes } from "./arguments.ts";

/**
 * Shows `compute` each matrix of the first operand, with the parts of the other operands and of the results that belong
 * to it. Where the matrix has a NaN or an infinity, the results are NaN, or `otherwise`: a factorisation of it might
 * not end.
 */
export function forEachMatrix(
  operands: readonly Operand[],
  outs: readonly TypedArray[],
  compute: (parts: readonly Matrix[], results: readonly TypedArray[]) => void,
  otherwise: number = NaN,
): void {
  const count = operands[0]!.shape.slice(0, -2).reduce((product, n) => product * n, 1);
  for (let k = 0; k < count; k++) {
    const parts = operands.map(({ data, shape }) => {
      const [rows, columns] = matrixSizes(shape);
      return matrixOf(data, rows, columns, k * rows * columns);
    });
    const results = outs.map((out) => out.subarray((k * out.length) / count, ((k + 1) * out.length) / count));
    if (parts[0]!.to1DArray().every(Number.isFinite)) compute(parts, results);
    else for (const result of results) result.fill(otherwise);
  }
}

function matrixOf(data: TypedArray, rows: number, columns: number, start: number): Matrix {
  const matrix = new Matrix(rows, columns);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) matrix.set(i, j, data[start + i * columns + j]!);
  return matrix;
}

/** Writes a matrix, row by row. */
export function write(out: TypedArray, matrix: Matrix): void {
  for (let i = 0; i < matrix.rows; i++)
    for (let j = 0; j < matrix.columns; j++) out[i * matrix.columns + j] = matrix.get(i, j);
}

/** x·2^power, in two steps, for the factor alone may lie outside the range of numbers; 0 stays 0. */
export function timesPowerOfTwo(x: number, power: number): number {
  if (x === 0) return x;
  const half = power >> 1;
  return x * 2 ** half * 2 ** (power - half);
}

/** The power of two at or below a size; 0 for size 0. */
export const exponentOf = (size: number): number => (size === 0 ? 0 : Math.floor(Math.log2(size)));

/**
 * A matrix scaled to a largest element between 1 and 2, and the power of two it was divided by. The factorisations of
 * ml-matrix square elements, which would overflow or vanish; a power of two changes no digit.
 */
export function scaledToOne(a: Matrix): { scaled: Matrix; power: number } {
  const power = exponentOf(largest(a));
  return { scaled: mapped(a, (x) => timesPowerOfTwo(x, -power)), power };
}

/** Largest magnitude; 0 where there are no elements. */
export const largest = (a: Matrix): number =>
  a.to1DArray().reduce((most, x) => Math.max(most, Math.abs(x)), 0);

export function mapped(a: Matrix, f: (x: number, row: number, column: number) => number): Matrix {
  const result = new Matrix(a.rows, a.columns);
  for (let i = 0; i < a.rows; i++) for (let j = 0; j < a.columns; j++) result.set(i, j, f(a.get(i, j), i, j));
  return result;
}

/**
 * The sign that makes vectors the same on every machine and continuous in the matrix nearly everywhere: the first
 * component of at least 1/√8 of the largest one's magnitude is positive. The bound is irrational, so that no vector of
 * fractions lies on it.
 */
export function signOf(column: readonly number[]): 1 | -1 {
  const bound = column.reduce((most, x) => Math.max(most, Math.abs(x)), 0) / Math.sqrt(8);
  return (column.find((x) => Math.abs(x) >= bound) ?? 0) < 0 ? -1 : 1;
}

/** (a + aᵀ)/2; halved first, so that nothing overflows. */
export const symmetricPart = (a: Matrix): Matrix => mapped(a, (x, i, j) => x / 2 + a.get(j, i) / 2);
