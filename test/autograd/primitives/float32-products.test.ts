// A float32 product has one meaning: terms are rounded to float32 and added in float32, in the order of k; up to 64
// multiplications are added up in float64 and rounded once. Eagerly it is that to the bit, however operands lie, and in a
// program, too; fused multiply-add, which some engines have in programs, leaves out the rounding of a term.

import { compile, einsum, type Tensor, tensor } from "@adjoint/autograd";
import { describe, expect, test } from "vitest";
import { bestBuild } from "../../../packages/autograd/src/kernels/webassembly.ts";
import { Dice } from "../../support/tensors.ts";

/** An element of a matrix. */
type At = (row: number, column: number) => number;

/** An element by the definition, and the most that leaving out roundings can change it: each rounds what it is written at. */
function element(a: At, b: At, i: number, j: number, k: number, isFew: boolean) {
  const round = isFew ? (x: number) => x : Math.fround;
  let [sum, changes] = [0, 0];
  for (let t = 0; t < k; t++) {
    const term = round(a(i, t) * b(t, j));
    sum = round(sum + term);
    // Half a unit of the term, of the sum here, and of the sum that is rounded otherwise from then on.
    changes += 2 ** -24 * (Math.abs(term) + 2 * Math.abs(sum));
  }
  return { value: Math.fround(sum), changes };
}

const dice = new Dice(5);
const numbers = (...shape: number[]): Tensor =>
  tensor(
    Float32Array.from({ length: shape.reduce((size, n) => size * n, 1) }, () => dice.fraction() - 0.5),
  ).reshape(shape) as Tensor;

type Product = (x: Tensor, y: Tensor) => Tensor;

/** [name, product, shapes of its operands]: ways to say [m, k]·[k, n], some with two of them side by side. */
const forms: readonly [string, Product, (m: number, k: number, n: number) => [number[], number[]]][] = [
  [
    "a·b",
    (x, y) => x.matmul(y) as Tensor,
    (m, k, n) => [
      [m, k],
      [k, n],
    ],
  ],
  [
    "a·bᵀ",
    (x, y) => x.matmul(y.transpose()) as Tensor,
    (m, k, n) => [
      [m, k],
      [n, k],
    ],
  ],
  [
    "aᵀ·b",
    (x, y) => x.transpose().matmul(y) as Tensor,
    (m, k, n) => [
      [k, m],
      [k, n],
    ],
  ],
  [
    "aᵀ·bᵀ",
    (x, y) => x.transpose().matmul(y.transpose()) as Tensor,
    (m, k, n) => [
      [k, m],
      [n, k],
    ],
  ],
  [
    "relu(a·b)",
    (x, y) => x.matmul(y).relu() as Tensor,
    (m, k, n) => [
      [m, k],
      [k, n],
    ],
  ],
  [
    "einsum",
    (x, y) => einsum("ik,kj->ij", x, y) as Tensor,
    (m, k, n) => [
      [m, k],
      [k, n],
    ],
  ],
  [
    "einsum over two axes",
    (x, y) => einsum("pki,pkj->ij", x, y) as Tensor,
    (m, k, n) => [
      [1, k, m],
      [1, k, n],
    ],
  ],
];

describe.each([8, 64, 65, 100, 1000, 4095, 4096, 10_000])("with %i terms", (k) => {
  test.each(forms)("%s is one number for each element, eagerly and compiled", (name, product, shapesOf) => {
    for (const [m, n] of [
      [1, 1],
      [3, 5],
      [1, 9],
      [9, 1],
    ] as const) {
      const [x, y] = shapesOf(m, k, n).map((shape) => numbers(...shape)) as [Tensor, Tensor];
      const reads =
        (data: ArrayLike<number>, down: number, across: number): At =>
        (i, j) =>
          data[i * down + j * across]!;
      const a = shapesOf(m, k, n)[0].at(-1) === k ? reads(x.data, k, 1) : reads(x.data, 1, m);
      const b = shapesOf(m, k, n)[1].at(-1) === k && n !== k ? reads(y.data, 1, k) : reads(y.data, n, 1);
      const [eager, compiled] = [product(x, y), compile(product)(x, y)];
      for (let i = 0; i < m; i++)
        for (let j = 0; j < n; j++) {
          const exact = element(a, b, i, j, k, m * n * k <= 64);
          const value = name.startsWith("relu") ? Math.max(0, exact.value) : exact.value;
          const at = `${m}×${k}×${n} at ${i}, ${j}`;
          expect(eager.data[i * n + j], `${at}, eager`).toBe(value);
          if (bestBuild() === "relaxed")
            expect(Math.abs(compiled.data[i * n + j]! - value), at).toBeLessThanOrEqual(exact.changes);
          else expect(compiled.data[i * n + j], `${at}, compiled`).toBe(value);
        }
    }
  });
});

test("a batch of products has the numbers of each, however many there are", () => {
  for (const k of [2, 8, 30, 65]) {
    const [x, y] = [numbers(5, 3, k), numbers(5, k, 2)];
    const product: Product = (a, b) => a.matmul(b) as Tensor;
    const part = (t: Tensor, i: number) => t.slice([i, i + 1]).reshape(t.shape.slice(1)) as Tensor;
    const together = product(x, y);
    const each = Array.from({ length: 5 }, (_, i) => product(part(x, i), part(y, i)).toArray());
    expect(together.toArray()).toEqual(each);
    if (bestBuild() !== "relaxed") expect(compile(product)(x, y).toArray()).toEqual(each);
  }
});

test("what overflows in part does so eagerly and compiled, beyond 64 multiplications", () => {
  const row = (n: number) => tensor(Float32Array.from({ length: n }, (_, i) => (i % 2 === 0 ? 3e38 : -3e38)));
  const four = (n: number) => tensor(new Float32Array(n).fill(4));
  const dot: Product = (a, b) => a.dot(b) as Tensor;
  for (const [n, wanted] of [
    [64, 0],
    [66, NaN],
    [5000, NaN],
  ] as const)
    for (const f of [dot, compile(dot)])
      expect(f(row(n) as Tensor, four(n) as Tensor).item() + 0).toBe(wanted);
});
