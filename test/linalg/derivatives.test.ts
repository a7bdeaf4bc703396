// The gradient laboratory on every function, to order two in both modes. float32 operands are checked in both types,
// which deep runs do throughout; since all is computed in float64 and rounded once, some functions stand for all in a
// normal run.

import { grad, hessian, jvp, type Tensor, tensor, vjp } from "@adjoint/autograd";
import { checkGradients } from "@adjoint/autograd/check";
import {
  cholesky,
  conditionNumber,
  det,
  eigh,
  expm,
  inverse,
  lstsq,
  matrixPower,
  pinv,
  qr,
  slogdet,
  solve,
  svd,
  triangularSolve,
} from "@adjoint/linalg";
import { expect, test } from "vitest";
import { runs } from "../support/runs.ts";
import { innerProduct, numbers } from "../support/tensors.ts";
import { cofactors, excess, largest, type Rows, randomRows, times, turned, without } from "./plain.ts";

const of = (rows: Rows): Tensor => tensor(rows, { dtype: "float64" });
const square = of([
  [1.25, 0.5],
  [-0.75, 0.875],
]);
const symmetric = of([
  [2, 0.5],
  [0.25, 1.25],
]);
const tall = of([
  [1, 0.5],
  [-0.25, 0.75],
  [0.5, -1],
]);
const right = of([[1], [-0.5]]);

/** In which both factors count. */
const productOf = ({ q, r }: { q: Tensor; r: Tensor }): Tensor => q.matmul(r.square());

type Case = readonly [f: (...given: Tensor[]) => Tensor, ...at: Tensor[]];
const cases: Record<string, Case> = {
  solve: [(a, b) => solve(a, b), square, right],
  inverse: [(a) => inverse(a), square],
  "triangularSolve, lower": [(a, b) => triangularSolve(a, b, { lower: true }), square, right],
  "triangularSolve, upper": [(a, b) => triangularSolve(a, b, { lower: false }), square, right],
  "det of a regular matrix": [(a) => det(a), square],
  "det of a matrix of rank 1": [
    (a) => det(a),
    of([
      [1, 2],
      [0.5, 1],
    ]),
  ],
  "det of zeros": [
    (a) => det(a),
    of([
      [0, 0],
      [0, 0],
    ]),
  ],
  "det of the unit matrix": [
    (a) => det(a),
    of([
      [1, 0],
      [0, 1],
    ]),
  ],
  slogdet: [(a) => slogdet(a).logAbsDet, square],
  cholesky: [(a) => cholesky(a), symmetric],
  "both of qr, high": [(a) => productOf(qr(a)), tall],
  "q of a square": [(a) => qr(a).q, square],
  "both of qr, wide": [(a) => productOf(qr(a)), tall.transpose()],
  "values of eigh": [(a) => eigh(a).values, symmetric],
  "vectors of eigh": [(a) => eigh(a).vectors, symmetric],
  "u of svd, high": [(a) => svd(a).u, tall],
  "s of svd": [(a) => svd(a).s, square],
  "v of svd, wide": [(a) => svd(a).v, tall.transpose()],
  "lstsq, high": [(a, b) => lstsq(a, b), of([[1], [-0.5]]), right],
  "lstsq, wide": [(a, b) => lstsq(a, b), tall.transpose(), right],
  "lstsq of several columns": [(a, b) => lstsq(a, b), tall, of([[1], [0.5], [-0.25]])],
  pinv: [(a) => pinv(a), of([[1], [-0.5]])],
  "matrixPower, positive": [(a) => matrixPower(a, 3), square],
  "matrixPower, negative": [(a) => matrixPower(a, -2), square],
  "matrixPower, zero": [(a) => matrixPower(a, 0), square],
  expm: [(a) => expm(a), square],
  conditionNumber: [(a) => conditionNumber(a), square],
};

const inBothTypes = new Set([
  "inverse",
  "det of a matrix of rank 1",
  "values of eigh",
  "matrixPower, negative",
]);

// They share their rule with others, whose second order is checked.
const onceInNormalRuns = new Set([
  "inverse",
  "det of the unit matrix",
  "s of svd",
  "matrixPower, negative",
  "conditionNumber",
  "lstsq of several columns",
  "det of a regular matrix",
  "triangularSolve, upper",
  "both of qr, wide",
  "v of svd, wide",
  "lstsq, wide",
]);

test.each(Object.entries(cases))("%s has the derivatives that differences have", (name, [f, ...at]) => {
  const isBoth = runs(Number(inBothTypes.has(name)), 1) === 1;
  const given = isBoth ? at.map((x) => x.cast("float32")) : at;
  const order = runs(onceInNormalRuns.has(name) ? 1 : 2, 2);
  expect(checkGradients(f, given, { order }).verdict).toBe("right");
});

/** Functions of one matrix, and what they are for a number. */
const ofNumbers: Record<string, [f: (a: Tensor) => Tensor, slope: (x: number) => number]> = {
  inverse: [inverse, (x) => -1 / x ** 2],
  det: [det, () => 1],
  logAbsDet: [(a) => slogdet(a).logAbsDet, (x) => 1 / x],
  cholesky: [cholesky, (x) => 0.5 / Math.sqrt(x)],
  "q of qr": [(a) => qr(a).q, () => 0],
  "r of qr": [(a) => qr(a).r, () => 1],
  "values of eigh": [(a) => eigh(a).values, () => 1],
  "vectors of eigh": [(a) => eigh(a).vectors, () => 0],
  "s of svd": [(a) => svd(a).s, () => 1],
  pinv: [pinv, (x) => -1 / x ** 2],
  power: [(a) => matrixPower(a, -2), (x) => -2 / x ** 3],
  expm: [expm, Math.exp],
  solve: [(a) => solve(a, a.square()), () => 1],
  lstsq: [(a) => lstsq(a, a.square()), () => 1],
  triangular: [(a) => triangularSolve(a, a.square(), { lower: true }), () => 1],
};

test.each(Object.entries(ofNumbers))(
  "%s of a batch of 1×1 has the derivatives of numbers",
  (_name, [f, slope]) => {
    const xs = [2, 0.5];
    const found = numbers(grad((a: Tensor) => f(a).sum())(of([xs]).reshape([2, 1, 1])));
    // A dozen roundings, of numbers up to the slope's size or 1.
    for (const [i, x] of xs.entries())
      expect(Math.abs(found[i]! - slope(x))).toBeLessThanOrEqual(
        12 * Number.EPSILON * Math.max(1, Math.abs(slope(x))),
      );
  },
);

test("near a singular matrix derivatives are right, or can't be told", () => {
  // Condition numbers of about 10⁷.
  const near = of([
    [1, 1],
    [1, 1 + 2 ** -22],
  ]);
  const functions = [inverse, det, pinv, (a: Tensor) => qr(a).r];
  for (const f of functions)
    expect(checkGradients((a: Tensor) => f(a), [near], { order: runs(1, 2) }).verdict).not.toBe("wrong");
});

test("det has the cofactors for its gradient at every rank, and theirs after that", () => {
  const rank = (n: number, k: number): Rows => times(randomRows(n, k, n + k), randomRows(k, n, n - k + 9));
  for (const [n, k] of [
    [3, 3],
    [3, 2],
    [4, 2],
    [4, 1],
    [5, 4],
  ] as const) {
    const a = rank(n, k);
    const gradient = grad((x: Tensor) => det(x))(of(a)).toArray() as Rows;
    // Sums of (n − 1)! products of n − 1 elements below 5, found by way of numbers as large.
    const bound = () => 24 * 100 * largest(a) ** (n - 1) * Number.EPSILON;
    expect(excess(gradient, cofactors(a), bound)).toBeLessThanOrEqual(0);
  }
  // The second derivative by two elements is, but for a sign, the determinant of what is left without their rows and
  // columns.
  const a = rank(4, 2);
  const second = hessian((x: Tensor) => det(x))(of(a)).toArray() as number[][][][];
  const left = cofactors(without(a, 0, 0))[1]![1]!;
  expect(Math.abs(second[0]![0]![2]![2]! - left)).toBeLessThanOrEqual(
    2400 * largest(a) ** 2 * Number.EPSILON,
  );
  // Of elements in one row there is no product.
  expect(Math.abs(second[0]![0]![0]![1]!)).toBeLessThanOrEqual(2400 * largest(a) ** 2 * Number.EPSILON);
});

test("with more than eight rows, det has the cofactors for its gradient, down to a rank of n − 8", () => {
  const n = 10;
  const random = randomRows(n, n, 4);
  // One column of zeros: the cofactors of that column are all that is left.
  const a = random.map((row) => row.with(9, 0));
  const gradient = grad((x: Tensor) => det(x))(of(a)).toArray() as Rows;
  const expected = a.map((_, i) => ((i + 9) % 2 === 0 ? 1 : -1) * det(of(without(a, i, 9))).item());
  // Of nine rows, whose norm is about 3: elimination and the way by rotations each err by n²·ε of products of such
  // sizes.
  const error = 100 * Number.EPSILON * 3 ** 9;
  for (const [i, row] of gradient.entries()) {
    expect(Math.abs(row[9]! - expected[i]!)).toBeLessThanOrEqual(error);
    expect(Math.max(...row.slice(0, 9).map(Math.abs))).toBeLessThanOrEqual(error);
  }
  expect(() => grad((x: Tensor) => det(x))(of(a.map((row) => row.map(() => 0))))).toThrow(
    "det: [10, 10]: no derivative: of more than 8 rows it takes a rank of n − 8 = 2 at least",
  );
});

test("sums of equal eigenvalues and singular values have the right gradient", () => {
  const unit = of([
    [1, 0],
    [0, 1],
  ]);
  const twice = [2, 0, 0, 2];
  expect(numbers(grad((a: Tensor) => eigh(a).values.square().sum())(unit))).toEqual(twice);
  expect(numbers(grad((a: Tensor) => svd(a).s.square().sum())(unit))).toEqual(twice);
});

test("forward mode is the transpose of reverse mode, of five rows", () => {
  const a = of(times(randomRows(5, 5, 1), turned(randomRows(5, 5, 2))));
  const b = of(randomRows(5, 5, 3));
  const f = (x: Tensor): Tensor[] => [
    inverse(x),
    qr(x).q,
    qr(x).r,
    eigh(x).vectors,
    svd(x).u,
    svd(x).v,
    pinv(x),
    expm(x),
  ];
  const { tangent, value } = jvp(f, a, b);
  const pulled = vjp(f, a).pullback(value);
  const [forward, reverse] = [innerProduct(tangent, value), innerProduct([b], [pulled])];
  // The same sums in another order, of steps with conditions below 10⁴.
  const error = 1e4 * 50 * Number.EPSILON * (forward.scale + reverse.scale);
  expect(Math.abs(forward.value - reverse.value)).toBeLessThanOrEqual(error);
});

test("random matrices have right derivatives, of four rows in deep runs", () => {
  for (let seed = 0; seed < runs(1, 3); seed++) {
    const a = of(randomRows(runs(3, 4), runs(3, 4), seed));
    const order = runs(1, 2);
    const functions = [
      inverse,
      det,
      expm,
      (x: Tensor) => qr(x).q,
      (x: Tensor) => svd(x).u,
      (x: Tensor) => eigh(x).vectors,
    ];
    for (const f of functions)
      expect(checkGradients((x: Tensor) => f(x), [a], { order }).verdict).not.toBe("wrong");
  }
});
