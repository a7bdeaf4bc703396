// What is said, or given, where a result or its derivative does not exist, and where there is nothing to compute.

import {
  compile,
  DTypeError,
  grad,
  jvp,
  ones,
  Program,
  record,
  ShapeError,
  type Tensor,
  tensor,
  vmap,
  where,
  zeros,
} from "@adjoint/autograd";
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
  primitives,
  qr,
  slogdet,
  solve,
  svd,
  triangularSolve,
} from "@adjoint/linalg";
import { describe, expect, test } from "vitest";
import { numbers } from "../support/tensors.ts";

const of = (rows: number[][]): Tensor => tensor(rows, { dtype: "float64" });
const dependent = of([
  [1, 2, 3],
  [4, 5, 6],
  [7, 8, 9],
]);
const unit = of([
  [1, 0],
  [0, 1],
]);
const NaNs = (n: number) => Array.from({ length: n }, () => NaN);

/** All functions of one square matrix. */
const functions: Record<string, (a: Tensor) => Tensor> = {
  solve: (a) => solve(a, a),
  inverse,
  triangularSolve: (a) => triangularSolve(a, a, { lower: true }),
  det,
  slogdet: (a) => slogdet(a).logAbsDet,
  cholesky,
  "q of qr": (a) => qr(a).q,
  "r of qr": (a) => qr(a).r,
  "values of eigh": (a) => eigh(a).values,
  "vectors of eigh": (a) => eigh(a).vectors,
  "u of svd": (a) => svd(a).u,
  "s of svd": (a) => svd(a).s,
  "v of svd": (a) => svd(a).v,
  lstsq: (a) => lstsq(a, a),
  pinv,
  matrixPower: (a) => matrixPower(a, -2),
  expm,
  conditionNumber,
};

describe.each(Object.entries(functions))("%s", (_name, f) => {
  const slope = grad((a: Tensor) => f(a).sum());

  test("takes matrices and batches without elements, and so do its derivatives", () => {
    for (const shape of [
      [0, 0],
      [0, 2, 2],
      [2, 0, 0],
    ]) {
      const a = ones(shape);
      const y = f(a);
      expect(y.dtype).toBe("float32");
      expect(y.shape.slice(0, shape.length - 2)).toEqual(shape.slice(0, -2));
      expect(slope(a).shape).toEqual(shape);
      expect(compile(f)(a).toArray()).toEqual(y.toArray());
    }
  });

  test("gives NaN for NaN and infinity, without an error, and derivatives do, unless nothing depends on it", () => {
    for (const odd of [NaN, Infinity]) {
      const a = of([
        [odd, 1],
        [1, 2],
      ]);
      const y = f(a);
      expect(numbers(y).every(Number.isNaN)).toBe(true);
      expect(numbers(slope(a)).some(Number.isNaN)).toBe(true);
    }
    const masked = (a: Tensor) => where(tensor(false), f(a), 1).sum();
    expect(
      numbers(
        grad(masked)(
          of([
            [NaN, 1],
            [1, 2],
          ]),
        ),
      ),
    ).toEqual([0, 0, 0, 0]);
  });

  test("says what it takes", () => {
    const any = f as (a: unknown) => Tensor;
    expect(() => any(ones([2]))).toThrow(ShapeError);
    expect(() => any(ones([2, 2], { dtype: "int32" }))).toThrow(DTypeError);
    expect(() => any([[1]])).toThrow(TypeError);
  });
});

test("1×1 matrices are numbers", () => {
  const a = of([[-4]]);
  expect([det(a).item(), slogdet(a).sign.item(), inverse(a).item()]).toEqual([-4, -1, -0.25]);
  expect([svd(a).s.item(), svd(a).u.item(), svd(a).v.item()]).toEqual([4, 1, -1]);
  expect([qr(a).q.item(), qr(a).r.item()]).toEqual([-1, 4]);
  expect([eigh(a).values.item(), eigh(a).vectors.item()]).toEqual([-4, 1]);
  expect([pinv(a).item(), matrixPower(a, 3).item(), cholesky(a.neg()).item()]).toEqual([-0.25, -64, 2]);
  expect(pinv(of([[0]])).item()).toBe(0);
  // Within an ulp of the exponential.
  expect(Math.abs(expm(a).item() - Math.exp(-4))).toBeLessThanOrEqual(8 * Number.EPSILON * Math.exp(-4));
  expect(det(zeros([0, 0])).item()).toBe(1);
});

describe("a singular matrix", () => {
  const right = tensor([1, 2, 3], { dtype: "float64" });

  test("is an error that names the operation, the shape, the condition number and the way out", () => {
    expect(() => solve(dependent, right)).toThrow(
      /^solve: \[3, 3\]: the matrix is singular to working precision \(condition number (Infinity|[\d.]+e\+1[5-9])\): .*use lstsq\(a, b\)/,
    );
    expect(() =>
      inverse(
        tensor([
          [
            [1, 0],
            [0, 1],
          ],
          [
            [1, 1],
            [1, 1],
          ],
        ]),
      ),
    ).toThrow("inverse: [2, 2, 2]: matrix 1 of the batch is singular");
    expect(() => matrixPower(dependent, -1)).toThrow("matrixPower: [3, 3]: the matrix is singular");
    expect(() =>
      triangularSolve(
        of([
          [0, 0],
          [1, 1],
        ]),
        unit,
        { lower: true },
      ),
    ).toThrow("triangularSolve: [2, 2]: a zero");
    expect(() =>
      cholesky(
        of([
          [1, 2],
          [2, 1],
        ]),
      ),
    ).toThrow("cholesky: [2, 2]: the symmetric part of the matrix is not positive");
  });

  test("is NaN in programs and under vmap, and isSingular tells, so that its share can be left out", () => {
    expect(numbers(compile((a: Tensor) => solve(a, right))(dependent))).toEqual(NaNs(3));
    expect(
      numbers(
        compile((a: Tensor) => cholesky(a))(
          of([
            [1, 2],
            [2, 1],
          ]),
        ),
      ),
    ).toEqual(NaNs(4));
    const batch = tensor(
      [
        [
          [2, 0],
          [0, 4],
        ],
        [
          [1, 1],
          [1, 1],
        ],
      ],
      { dtype: "float64" },
    );
    const vector = tensor([2, 4], { dtype: "float64" });
    expect(numbers(vmap((a: Tensor) => solve(a, vector))(batch))).toEqual([1, 1, NaN, NaN]);
    const total = (a: Tensor) =>
      where(isSingular(a).expandDims(-1), 0, vmap((each: Tensor) => solve(each, vector))(a)).sum();
    for (const run of [(a: Tensor) => grad(total)(a), compile((a: Tensor) => grad(total)(a))])
      expect(numbers(run(batch))).toEqual([-0.5, -0.5, -0.25, -0.25, 0, 0, 0, 0]);
  });

  test("has a determinant of 0, and a logarithm of −∞ without a derivative", () => {
    const a = of([
      [1, 1],
      [1, 1],
    ]);
    expect(det(a).item()).toBe(0);
    expect([slogdet(a).sign.item(), slogdet(a).logAbsDet.item()]).toEqual([0, -Infinity]);
    const log = (x: Tensor) => slogdet(x).logAbsDet;
    expect(() => grad(log)(a)).toThrow("slogdet: [2, 2]: no derivative: the matrix is singular");
    expect(() => jvp(log, a, unit)).toThrow("slogdet: [2, 2]: no derivative");
    expect(numbers(compile(grad(log))(a))).toEqual(NaNs(4));
  });
});

describe("a derivative that does not exist", () => {
  const cases: Record<string, [f: (a: Tensor) => Tensor, at: Tensor, says: string]> = {
    "vectors of equal eigenvalues": [
      (a) => eigh(a).vectors,
      unit,
      "eigh: [2, 2]: no derivative: eigenvalues are equal",
    ],
    "vectors of equal singular values": [
      (a) => svd(a).u,
      unit,
      "svd: [2, 2]: no derivative: singular values are equal",
    ],
    "vectors of a singular value 0": [
      (a) => svd(a).u,
      of([
        [1, 0],
        [0, 0],
        [0, 0],
      ]),
      "svd: [3, 2]: no derivative: singular values are equal",
    ],
    "qr of dependent columns": [
      (a) => qr(a).r,
      of([
        [1, 2],
        [2, 4],
      ]),
      "qr: [2, 2]: no derivative: the columns depend",
    ],
    "pinv of a deficient rank": [
      (a) => pinv(a),
      of([
        [1, 2],
        [2, 4],
      ]),
      "lstsq: [2, 2]: no derivative: the matrix has not full rank",
    ],
    "pinv of zeros": [
      (a) => pinv(a),
      of([
        [0, 0],
        [0, 0],
      ]),
      "lstsq: [2, 2]: no derivative",
    ],
  };

  test.each(Object.entries(cases))(
    "%s: an error in both modes, NaN in programs, 0 where nothing asks",
    (_n, [f, at, says]) => {
      const weighed = (a: Tensor) =>
        f(a)
          .mul(tensor([[1, 2]], { dtype: "float64" }))
          .sum();
      expect(() => grad(weighed)(at)).toThrow(says);
      const along = tensor(
        at.data.map((_: number, i: number) => i + 1),
        { shape: at.shape, dtype: "float64" },
      );
      expect(() => jvp(weighed, at, along)).toThrow(says);
      expect(numbers(compile(grad(weighed))(at)).every(Number.isNaN)).toBe(true);
      expect(compile((a: Tensor) => jvp(weighed, a, along).tangent)(at).item()).toBeNaN();
      expect(numbers(grad((a: Tensor) => f(a).mul(0).sum())(at)).every((x) => x === 0)).toBe(true);
    },
  );

  test("the second derivative of equal eigenvalues is not what is left without their vectors", () => {
    const f = (a: Tensor) => eigh(a).values.square().sum();
    const slope = (a: Tensor) =>
      grad(f)(a)
        .mul(
          of([
            [0, 1],
            [0, 0],
          ]),
        )
        .sum();
    expect(() => grad(slope)(unit)).toThrow("nor have eigenvalues a second one");
    expect(numbers(compile(grad(slope))(unit)).some(Number.isNaN)).toBe(true);
  });

  test("lstsq has its derivative in the right-hand side all the same", () => {
    const a = of([
      [1, 2],
      [2, 4],
    ]);
    const slope = grad((b: Tensor) => lstsq(a, b).sum())(tensor([1, 1], { dtype: "float64" }));
    const sums = numbers(pinv(a).sum({ axis: 0 }));
    // Each is a sum of two numbers below 1.
    for (const [i, x] of numbers(slope).entries())
      expect(Math.abs(x - sums[i]!)).toBeLessThanOrEqual(20 * Number.EPSILON);
  });
});

test("a program is saved, read back, and computes what it did", () => {
  const f = (a: Tensor) => [
    eigh(a).vectors,
    lstsq(a, a),
    slogdet(a).logAbsDet,
    qr(a).q,
    svd(a).s,
    cholesky(a),
  ];
  const a = of([
    [2, 0.5],
    [0.5, 1],
  ]);
  const program = record(
    (x: Tensor) => f(x).reduce((sum, each) => sum.add(each.sum()), zeros([], { dtype: "float64" })),
    a,
  );
  const read = Program.fromJSON(JSON.parse(JSON.stringify(program)), { primitives });
  const [found, expected] = [read, program].map((each) => each.run(a) as Tensor);
  expect(found!.item()).toBe(expected!.item());
});

test("sizes that don't fit are named, with the way out", () => {
  const any = (f: unknown) => f as (...given: unknown[]) => Tensor;
  const cases: [() => unknown, string][] = [
    [
      () => any(solve)(ones([2, 3]), ones([2])),
      "solve: [2, 3] is not square: 2 rows and 3 columns; for more equations",
    ],
    [() => any(det)(ones([4, 2, 3])), "det: [4, 2, 3] is not square"],
    [
      () => any(solve)(ones([2, 2]), ones([3])),
      "solve: [2, 2] and [3]: the matrix has 2 rows and the right-hand side 3",
    ],
    [() => any(solve)(ones([2, 2]), tensor(1)), "solve: [2, 2] and []"],
    [() => any(lstsq)(ones([3, 2]), ones([2])), "lstsq: [3, 2] and [2]"],
    [() => any(solve)(ones([2, 2]), ones([2], { dtype: "float64" })), "solve: float32 and float64 don't mix"],
    [
      () => any(solve)(ones([2, 3, 3]), ones([4, 3, 1])),
      "solve: [2, 3, 3] and [4, 3, 1]: batch axes [2] and [4] don't broadcast",
    ],
    [() => any(triangularSolve)(ones([2, 2]), ones([2])), "triangularSolve: say which triangle"],
    [() => any(inverse)(ones([3])), "inverse: [3] is no matrix"],
  ];
  for (const [call, says] of cases) expect(call).toThrow(says);
});
