// Each function against its definition, in plain loops, and against figures of other programs where these are stronger.

import { compile, type Tensor, tensor, vmap } from "@adjoint/autograd";
import {
  cholesky,
  conditionNumber,
  det,
  eigh,
  expm,
  inverse,
  isSingular,
  lstsq,
  matrixPower,
  pinv,
  qr,
  slogdet,
  solve,
  svd,
  triangularSolve,
} from "@adjoint/linalg";
import { describe, expect, test } from "vitest";
import { numbers } from "../support/tensors.ts";
import {
  cofactorDeterminant,
  diagonal,
  excess,
  largest,
  positive,
  type Rows,
  randomRows,
  sizes,
  times,
  turned,
  unit,
} from "./plain.ts";

const EPSILON = Number.EPSILON;
const of = (rows: Rows): Tensor => tensor(rows, { dtype: "float64" });
const rowsOf = (x: Tensor): Rows => x.toArray() as Rows;
const columns = [1, 2, 5, 12];

/** A matrix whose element at a place is one of i + j + 1: nearly singular from 8 rows on. */
const hilbert = (n: number): Rows =>
  Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => 1 / (i + j + 1)));

// Elimination with partial pivoting solves a system whose matrix differs by at most 3n·ε·|L||U| (Higham 2002, theorem
// 9.4), and |L||U| is less than n·|a| but for matrices made to grow; substitution likewise, with |a| itself.
test.each(columns)("solve, inverse and triangularSolve leave residuals of rounding, of %i rows", (n) => {
  for (const a of [randomRows(n, n, n), ...(n === 12 ? [] : [hilbert(n)])]) {
    const b = randomRows(n, 3, n + 50);
    const x = rowsOf(solve(of(a), of(b)));
    const scale = times(sizes(a), sizes(x));
    const most = (i: number) => Math.max(...scale[i]!) + largest(b);
    expect(excess(times(a, x), b, (i) => 3 * n * n * EPSILON * most(i))).toBeLessThanOrEqual(0);
    const inverted = rowsOf(inverse(of(a)));
    const size = n * largest(a) * largest(inverted);
    expect(excess(times(a, inverted), unit(n), () => 3 * n * n * EPSILON * size)).toBeLessThanOrEqual(0);
    for (const lower of [true, false]) {
      const triangle = a.map((row, i) =>
        row.map((v, j) => (i === j ? v + 2 : (lower ? i > j : i < j) ? v : 0)),
      );
      // The other triangle is not read.
      const given = a.map((row, i) => row.map((v, j) => (i === j ? v + 2 : (lower ? i > j : i < j) ? v : 7)));
      const y = rowsOf(triangularSolve(of(given), of(b), { lower }));
      const around = times(sizes(triangle), sizes(y));
      expect(excess(times(triangle, y), b, (i, j) => 2 * n * EPSILON * around[i]![j]!)).toBeLessThanOrEqual(
        0,
      );
    }
  }
});

test.each([0, 1, 2, 3, 5])("det and slogdet of %i rows are the expansion by cofactors", (n) => {
  for (const seed of [1, 2, 3]) {
    const a = randomRows(n, n, seed + 10 * n);
    const exact = cofactorDeterminant(a);
    // Both add up n! products of n elements, each below 1, with n roundings; pivots grow less than that.
    const error = 120 * 5 * EPSILON;
    expect(Math.abs(det(of(a).reshape([n, n])).item() - exact)).toBeLessThanOrEqual(error);
    const { sign, logAbsDet } = slogdet(of(a).reshape([n, n]));
    expect(Math.abs(sign.item() * Math.exp(logAbsDet.item()) - exact)).toBeLessThanOrEqual(error);
  }
});

test("det is exact for permutations, and slogdet where det overflows or vanishes", () => {
  const orders = [
    [1, 0, 2],
    [1, 2, 0],
    [2, 1, 0],
  ];
  for (const order of orders) {
    const a = order.map((j) => unit(3)[j]!);
    expect(det(of(a)).item()).toBe(cofactorDeterminant(a));
  }
  for (const size of [1e200, 1e-200, 5e-324]) {
    const { sign, logAbsDet } = slogdet(of(diagonal([size, -size, size, 3])));
    const expected = 3 * Math.log(size) + Math.log(3);
    expect(sign.item()).toBe(-1);
    // Three logarithms and their sum, each rounded by half a unit.
    expect(Math.abs(logAbsDet.item() - expected)).toBeLessThanOrEqual(4 * EPSILON * Math.abs(expected));
  }
  // 1/186313420339200000, whose matrix has a condition number of 1.5·10⁷.
  const found = det(of(hilbert(6))).item() * 186313420339200000;
  expect(Math.abs(found - 1)).toBeLessThanOrEqual(1.5e7 * 6 * EPSILON);
});

test.each(columns)("cholesky, of %i rows, is lower, positive on its diagonal, and a root", (n) => {
  const a = positive(n, n);
  const l = rowsOf(cholesky(of(a)));
  expect(l.every((row, i) => row[i]! > 0 && row.slice(i + 1).every((x) => x === 0))).toBe(true);
  // Higham (2002), theorem 10.3: within (n + 1)·ε of |l||lᵀ|, of which the diagonal of a is the largest.
  expect(excess(times(l, turned(l)), a, () => (n + 1) * EPSILON * largest(a))).toBeLessThanOrEqual(0);
});

// Householder's and Givens' turns leave columns orthonormal, and products what they were, to a small multiple of
// n^1.5·ε of the norm (Higham 2002, theorem 19.4); the multiple is below 10 for all that is measured.
const turning = (n: number) => 10 * Math.max(1, n) ** 1.5 * EPSILON;

test.each([
  [1, 1],
  [5, 3],
  [3, 5],
  [12, 12],
  [7, 1],
  [1, 4],
])("qr and svd of [%i, %i] have orthonormal factors, in order, whose product is the matrix", (m, n) => {
  const a = randomRows(m, n, m + n);
  const [k, bound] = [Math.min(m, n), turning(Math.max(m, n))];
  const { q, r } = qr(of(a));
  expect([q.shape, r.shape]).toEqual([
    [m, k],
    [k, n],
  ]);
  const [orthonormal, upper] = [rowsOf(q), rowsOf(r)];
  expect(upper.every((row, i) => row[i]! >= 0 && row.slice(0, i).every((x) => x === 0))).toBe(true);
  const { u, s, v } = svd(of(a));
  const values = numbers(s);
  expect(values).toEqual([...values].sort((x, y) => y - x));
  expect(values.at(-1)).toBeGreaterThan(0);
  for (const each of [orthonormal, rowsOf(u), rowsOf(v)])
    expect(excess(times(turned(each), each), unit(k), () => bound)).toBeLessThanOrEqual(0);
  const scale = bound * values[0]!;
  expect(excess(times(orthonormal, upper), a, () => scale)).toBeLessThanOrEqual(0);
  const product = times(times(rowsOf(u), diagonal(values)), turned(rowsOf(v)));
  expect(excess(product, a, () => scale)).toBeLessThanOrEqual(0);
  expect(conditionNumber(of(a)).item()).toBe(values[0]! / values.at(-1)!);
});

test.each(columns)("eigh, of %i rows, has orthonormal vectors of ascending values", (n) => {
  const a = positive(n, n + 3);
  // What stands in one triangle only counts for half in both.
  const uneven = a.map((row, i) => row.map((x, j) => (i < j ? 2 * x : i > j ? 0 : x)));
  const { values, vectors } = eigh(of(uneven));
  const [lambda, v] = [numbers(values), rowsOf(vectors)];
  expect(lambda).toEqual([...lambda].sort((x, y) => x - y));
  expect(excess(times(turned(v), v), unit(n), () => turning(n))).toBeLessThanOrEqual(0);
  const scale = turning(n) * lambda.at(-1)!;
  expect(excess(times(a, v), times(v, diagonal(lambda)), () => scale)).toBeLessThanOrEqual(0);
});

test("signs of vectors are those of the first component that is not small", () => {
  const { vectors } = eigh(
    of([
      [2, 1],
      [1, 2],
    ]),
  );
  const { u } = svd(
    of([
      [-3, 0],
      [0, 2],
    ]),
  );
  expect(rowsOf(vectors).map((row) => row.map(Math.sign))).toEqual([
    [1, 1],
    [-1, 1],
  ]);
  expect(rowsOf(u).map((row) => row.map((x) => x + 0))).toEqual(unit(2));
});

// From mpmath 1.3 with 50 digits: eigsy, svd_r, lu_solve of the normal equations, expm.
test("eigenvalues, singular values, least squares and exponentials are those found with 50 digits", () => {
  const apart = (x: readonly number[], y: readonly number[]) =>
    Math.max(...x.map((each, i) => Math.abs(each - y[i]!)));
  const spectrum = [
    1.0827994845655498e-7, 1.2570757122625194e-5, 0.0006157483541826576, 0.016321521319875822,
    0.24236087057520955, 1.618899858924339,
  ];
  expect(apart(numbers(eigh(of(hilbert(6))).values), spectrum)).toBeLessThanOrEqual(turning(6) * 1.62);
  const powers = Array.from({ length: 5 }, (_, i) => [1, i + 1, (i + 1) ** 2]);
  const singular = [32.15633392567777, 2.197733237828418, 0.37437558100002893];
  expect(apart(numbers(svd(of(powers)).s), singular)).toBeLessThanOrEqual(turning(5) * 32.2);
  const fit = numbers(lstsq(of(powers), tensor([1, 3, 2, 5, 4], { dtype: "float64" })));
  // An error of the matrix is multiplied by its condition number, 86, and once more by the residual, which is as large
  // as x.
  expect(apart(fit, [-0.4, 1.6571428571428573, -0.14285714285714285])).toBeLessThanOrEqual(
    turning(5) * 86 ** 2,
  );
  // Moler & Van Loan (2003), example 1: adding up the series loses every digit. Its eigenvalues are −1 and −17.
  const hard = [
    [-49, 24],
    [-64, 31],
  ];
  const exponential = [
    [-0.7357587581447531, 0.5518190996580977],
    [-1.4715175990882605, 1.1036382407155725],
  ];
  // Al-Mohy & Higham (2009) bound the error by ε times the condition number, at most norm·‖e^|a|‖ for a stable one; 10⁴
  // is ample here.
  expect(excess(rowsOf(expm(of(hard))), exponential, () => 1e4 * EPSILON)).toBeLessThanOrEqual(0);
  const three = [
    [1, 2, 0],
    [-3, 0.5, 4],
    [0, -1, 1.25],
  ];
  const known = [
    [-0.10904664501505491, -0.11227448394100746, 4.301265501785911],
    [0.16841172591151118, -2.2316107749227587, 0.31310921984122403],
    [1.612974563169717, -0.07827730496030601, 1.0530463301369044],
  ];
  expect(excess(rowsOf(expm(of(three))), known, () => 200 * EPSILON)).toBeLessThanOrEqual(0);
});

test("expm is the same in programs, which can't choose how often to square, up to norms of 5 millions", () => {
  const given = [
    [
      [-1000, 1],
      [0, 0.5],
    ],
    [
      [0.1, 0],
      [0.2, -0.3],
    ],
  ];
  const eager = expm(tensor(given, { dtype: "float64" }));
  for (const run of [compile((a: Tensor) => expm(a)), vmap((a: Tensor) => expm(a))])
    expect(numbers(run(tensor(given, { dtype: "float64" })))).toEqual(numbers(eager));
  const far = tensor(
    [
      [-6e6, 0],
      [0, 0],
    ],
    { dtype: "float64" },
  );
  expect(numbers(compile((a: Tensor) => expm(a))(far))).toEqual([NaN, NaN, NaN, NaN]);
  expect(numbers(expm(far))).toEqual([0, 0, 0, 1]);
});

test("lstsq and pinv give the shortest solution, where the matrix has not full rank, too", () => {
  const b = [
    [1, 0.5],
    [-2, 1],
    [3, 1],
  ];
  const matrices = [
    randomRows(3, 2, 1),
    randomRows(3, 5, 2),
    [
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ],
    [
      [1, 2],
      [2, 4],
      [0, 0],
    ],
  ];
  for (const a of matrices) {
    const x = rowsOf(lstsq(of(a), of(b)));
    const p = rowsOf(pinv(of(a)));
    // Condition numbers, without the zeros among singular values, are below 50, and Moore and Penrose ask for products
    // of three.
    const bound = 50 ** 2 * turning(5) * 10;
    expect(excess(times(p, b), x, () => bound)).toBeLessThanOrEqual(0);
    const [left, right] = [times(a, p), times(p, a)];
    const demands: [Rows, Rows][] = [
      [times(left, a), a],
      [times(right, p), p],
      [left, turned(left)],
      [right, turned(right)],
    ];
    for (const [one, other] of demands) expect(excess(one, other, () => bound)).toBeLessThanOrEqual(0);
  }
});

test("matrixPower multiplies the matrix, its inverse, or nothing", () => {
  const a = [
    [1, 1],
    [1, 0],
  ];
  expect(rowsOf(matrixPower(of(a), 10))).toEqual([
    [89, 55],
    [55, 34],
  ]);
  expect(rowsOf(matrixPower(of(a), -3))).toEqual([
    [-1, 2],
    [2, -3],
  ]);
  expect(
    rowsOf(
      matrixPower(
        of([
          [NaN, 1],
          [1, 1],
        ]),
        0,
      ),
    ),
  ).toEqual(unit(2));
  expect(() => matrixPower(of(a), 0.5)).toThrow("matrixPower: the power 0.5 must be a whole number");
});

test("isSingular goes by rows that depend on one another, not by units", () => {
  const tests: [Rows, number][] = [
    [
      [
        [1, 2, 3],
        [4, 5, 6],
        [7, 8, 9],
      ],
      1,
    ],
    // Of rank 3, but for rounding.
    [times(randomRows(4, 3, 1), randomRows(3, 4, 2)), 1],
    [diagonal([1, 1e-20, 1e200]), 0],
    [diagonal([1, 0]), 1],
    [hilbert(8), 0],
    [
      [
        [1, 1],
        [1, 1 + 1e-10],
      ],
      0,
    ],
    [[[0]], 1],
    [[[5e-324]], 0],
    [[[NaN]], 1],
  ];
  for (const [a, expected] of tests) expect(isSingular(of(a)).item()).toBe(expected);
});

describe("batches", () => {
  const one = [randomRows(3, 3, 1), randomRows(3, 3, 2)];
  const batch = tensor(one, { dtype: "float64" });

  test("leading axes of a matrix and of its right-hand side broadcast, and a vector belongs to all", () => {
    const b = [randomRows(3, 2, 3), randomRows(3, 2, 4), randomRows(3, 2, 5)];
    const both = solve(batch.reshape([2, 1, 3, 3]), tensor(b, { dtype: "float64" }).reshape([3, 3, 2]));
    expect(both.shape).toEqual([2, 3, 3, 2]);
    const vector = tensor([1, 2, 3], { dtype: "float64" });
    const each = solve(batch, vector);
    for (const [i, a] of one.entries()) {
      expect(numbers(each.slice(i))).toEqual(numbers(solve(of(a), vector)));
      for (const [j, right] of b.entries())
        expect(numbers(both.slice(i, j))).toEqual(numbers(solve(of(a), of(right))));
    }
  });

  const functions: Record<string, (a: Tensor) => Tensor> = {
    inverse,
    det,
    logAbsDet: (a) => slogdet(a).logAbsDet,
    cholesky: (a) => cholesky(a.matmul(a.swapLastAxes()).add(tensor(unit(3), { dtype: a.dtype }))),
    r: (a) => qr(a).r,
    vectors: (a) => eigh(a).vectors,
    v: (a) => svd(a).v,
    pinv,
    expm,
    power: (a) => matrixPower(a, 3),
    conditionNumber,
    isSingular,
  };
  test.each(Object.entries(functions))(
    "%s of a batch is that of each, eagerly, compiled and under vmap",
    (_n, f) => {
      for (const dtype of ["float64", "float32"] as const) {
        const given = batch.cast(dtype);
        const each = one.flatMap((a) => numbers(f(of(a).cast(dtype))));
        for (const run of [f, vmap(f)]) expect(numbers(run(given))).toEqual(each);
        // Products in programs may be added up in another order; these have conditions below 20.
        const most = 20 * 9 * (dtype === "float32" ? 2 ** -23 : EPSILON) * Math.max(...each.map(Math.abs));
        for (const [k, x] of numbers(compile(f)(given)).entries())
          expect(Math.abs(x - each[k]!)).toBeLessThanOrEqual(most);
      }
    },
  );

  test.each(Object.entries(functions))("%s of float32 is that of float64, rounded once", (name, f) => {
    const given = batch.cast("float32");
    const exact = f(given.cast("float64"));
    const result = f(given);
    expect(result.dtype).toBe(exact.dtype === "bool" ? "bool" : "float32");
    // But what is made positive definite is rounded before.
    if (name !== "cholesky") expect(numbers(result)).toEqual(numbers(exact.cast(result.dtype)));
  });
});
