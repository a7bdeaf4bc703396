// Linear algebra from definitions, in plain loops over plain arrays: what judges the package shares nothing with it.

import { Dice } from "../support/tensors.ts";

export type Rows = number[][];

/** Numbers from −1 to 1. */
export const randomRows = (m: number, n: number, seed: number): Rows => {
  const dice = new Dice(seed);
  return Array.from({ length: m }, () => Array.from({ length: n }, () => 2 * dice.fraction() - 1));
};

export const times = (a: Rows, b: Rows): Rows =>
  a.map((row) => (b[0] ?? []).map((_, j) => row.reduce((sum, x, k) => sum + x * b[k]![j]!, 0)));

export const turned = (a: Rows): Rows => (a[0] ?? []).map((_, j) => a.map((row) => row[j]!));

export const unit = (n: number): Rows =>
  Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => Number(i === j)));

export const diagonal = (values: readonly number[]): Rows =>
  values.map((value, i) => values.map((_, j) => (i === j ? value : 0)));

/** Magnitudes of all elements. */
export const sizes = (a: Rows): Rows => a.map((row) => row.map(Math.abs));

/** Largest magnitude. */
export const largest = (a: Rows): number => Math.max(0, ...a.flat().map(Math.abs));

/** a·aᵀ and the unit matrix: symmetric, with eigenvalues of 1 and more. */
export const positive = (n: number, seed: number): Rows => {
  const a = randomRows(n, n, seed);
  return times(a, turned(a)).map((row, i) => row.map((x, j) => x + Number(i === j)));
};

/** The largest of |x − y| less the bound of its place. */
export const excess = (x: Rows, y: Rows, bound: (i: number, j: number) => number): number =>
  Math.max(
    -Infinity,
    ...x.flatMap((row, i) => row.map((each, j) => Math.abs(each - y[i]![j]!) - bound(i, j))),
  );

/** The determinant by its definition, cofactors along the first row. */
export function cofactorDeterminant(a: Rows): number {
  if (a.length === 0) return 1;
  return a[0]!.reduce(
    (sum, x, j) => sum + (j % 2 === 0 ? 1 : -1) * x * cofactorDeterminant(without(a, 0, j)),
    0,
  );
}

/** A matrix without a row and a column. */
export const without = (a: Rows, row: number, column: number): Rows =>
  a.filter((_, i) => i !== row).map((each) => each.filter((_, j) => j !== column));

/** The gradient of the determinant: the cofactor of each place. */
export const cofactors = (a: Rows): Rows =>
  a.map((row, i) => row.map((_, j) => ((i + j) % 2 === 0 ? 1 : -1) * cofactorDeterminant(without(a, i, j))));
