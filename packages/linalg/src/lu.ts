// Gaussian elimination with partial pivoting, on rows and columns that were brought to one size.

import { LuDecomposition, type Matrix } from "ml-matrix";
import { exponentOf, largest, mapped, timesPowerOfTwo } from "./each-matrix.ts";

/** A square matrix of finite numbers, factorised. */
export class Factored {
  readonly #lu: LuDecomposition;
  readonly #upper: Matrix;
  /** Row i was divided by 2^rows[i], then column j by 2^columns[j]: exact, and so is the way back. */
  readonly #rows: readonly number[];
  readonly #columns: readonly number[];

  constructor(a: Matrix) {
    this.#rows = a.to2DArray().map(exponentOfLargest);
    const even = mapped(a, (x, i) => timesPowerOfTwo(x, -this.#rows[i]!));
    this.#columns = even.transpose().to2DArray().map(exponentOfLargest);
    this.#lu = new LuDecomposition(mapped(even, (x, _i, j) => timesPowerOfTwo(x, -this.#columns[j]!)));
    this.#upper = this.#lu.upperTriangularMatrix;
  }

  #pivots(): number[] {
    return this.#rows.map((_, i) => this.#upper.get(i, i));
  }

  /**
   * Whether a singular matrix lies within rounding: elimination makes errors of about ε times the largest element in
   * each of n steps, so a pivot of n·ε times that size may be nothing but error. Rows and columns have one size here,
   * so a matrix of different units, such as diag(1, 10⁻²⁰), is not singular.
   */
  get isSingular(): boolean {
    const bound = this.#upper.rows * Number.EPSILON * largest(this.#upper);
    return this.#pivots().some((pivot) => Math.abs(pivot) <= bound);
  }

  /** The x of a·x = b. */
  solve(b: Matrix): Matrix {
    const scaled = this.#lu.solve(mapped(b, (x, i) => timesPowerOfTwo(x, -this.#rows[i]!)));
    return mapped(scaled, (x, j) => timesPowerOfTwo(x, -this.#columns[j]!));
  }

  /** The determinant as a product of a number and a power of two, since it may lie outside the range of numbers. */
  get determinant(): { readonly factor: number; readonly power: number } {
    let factor: number = permutationSign(this.#lu.pivotPermutationVector);
    let power = [...this.#rows, ...this.#columns].reduce((sum, each) => sum + each, 0);
    for (const pivot of this.#pivots()) {
      factor *= pivot;
      const shift = exponentOf(Math.abs(factor));
      factor = timesPowerOfTwo(factor, -shift);
      power += shift;
    }
    return { factor, power };
  }
}

const exponentOfLargest = (row: readonly number[]): number =>
  exponentOf(row.reduce((most, x) => Math.max(most, Math.abs(x)), 0));

/** 1 for an even permutation, −1 for an odd one. */
function permutationSign(order: readonly number[]): 1 | -1 {
  const seen = new Set<number>();
  let sign: 1 | -1 = 1;
  for (const start of order.keys()) {
    // Its cycle was followed from another place.
    if (seen.has(start)) continue;
    for (let at = order[start]!; at !== start; at = order[at]!) {
      seen.add(at);
      sign = sign === 1 ? -1 : 1;
    }
  }
  return sign;
}
