// A float32 total has one meaning: the elements added up in float64 and rounded to float32 once, at the end. So it does not
// depend on how many elements there are, on their order in memory, or on whether a program adds them up.

import { compile, type Tensor, tensor } from "@adjoint/autograd";
import { describe, expect, test } from "vitest";
import { LEAST_ELEMENTS } from "../../../packages/autograd/src/kernels/eager/elements.ts";
import { Dice } from "../../support/tensors.ts";

type Total = (x: Tensor) => Tensor;

const all = (reduce: (x: Tensor) => unknown): Total => reduce as Total;

/** The ways to reduce the elements of a vector to one number. Those that a program fuses with other work are among them. */
const ways = (reduction: "sum" | "mean"): Record<string, Total> => ({
  "in a row": all((x) => x[reduction]()),
  "in a column": all((x) => x.reshape([x.size, 1])[reduction]({ axis: 0 })),
  "in the second of two rows": all((x) =>
    x.reshape([1, x.size]).broadcastTo([2, x.size])[reduction]({ axis: 1 }).slice([1, 2]),
  ),
  backwards: all((x) => x.flip({ axis: 0 })[reduction]()),
  "after two negations": all((x) => x.neg().mul(-1)[reduction]()),
  "beside the largest": all((x) => x[reduction]().add(x.max().mul(0))),
});

/** [name, elements, their sum]. Float32 loses the small ones beside the large ones; float64 holds them all. */
const cancelling: readonly (readonly [string, readonly number[], number])[] = [
  ["333 ones between 10⁸ and −10⁸", Array.from({ length: 999 }, (_, i) => [1e8, 1, -1e8][i % 3]!), 333],
  ["six ones between 2²⁴ and −2²⁴", [2 ** 24, 1, 1, 1, 1, 1, 1, -(2 ** 24)], 6],
  ["forty ones between 2³⁰ and −2³⁰", [2 ** 30, ...new Array<number>(40).fill(1), -(2 ** 30)], 40],
  [
    "large numbers of both signs that overflow in part",
    Array.from({ length: 64 }, (_, i) => (i % 16 < 8 ? 3e38 : -3e38)),
    0,
  ],
  [
    "many ones between 2²⁶ and −2²⁶",
    Array.from({ length: 3 * LEAST_ELEMENTS }, (_, i) => [2 ** 26, 1, -(2 ** 26)][i % 3]!),
    LEAST_ELEMENTS,
  ],
  [
    "small ones after a large one, together as many as count",
    [2 ** 24, ...new Array<number>(LEAST_ELEMENTS).fill(0.5)],
    2 ** 24 + LEAST_ELEMENTS / 2,
  ],
];

describe.each(cancelling)("the float32 sum of %s", (_, numbers, sum) => {
  const x = tensor([...numbers]) as Tensor;
  test.each(Object.entries(ways("sum")))("%s is exact, eagerly and compiled", (_way, total) => {
    expect(total(x).data[0]! + 0).toBe(sum);
    expect(compile(total)(x).data[0]! + 0).toBe(sum);
  });
});

describe.each(cancelling)("the float32 mean of %s", (_, numbers, sum) => {
  const x = tensor([...numbers]) as Tensor;
  test.each(Object.entries(ways("mean")))(
    "%s is the sum divided, rounded, eagerly and compiled",
    (_way, mean) => {
      const expected = Math.fround(sum / numbers.length);
      expect(mean(x).data[0]! + 0).toBe(expected);
      expect(compile(mean)(x).data[0]! + 0).toBe(expected);
    },
  );
});

/** The sum of float32 numbers, exactly, in units of the least of them, 2⁻¹⁴⁹. */
const exactSum = (numbers: Iterable<number>): bigint => {
  let sum = 0n;
  for (const x of numbers) sum += BigInt(x * 2 ** 149);
  return sum;
};

test("sums of random float32 numbers that nearly cancel are the exact sums, rounded once", () => {
  const dice = new Dice(11);
  for (const length of [3, 5, 8, 33, 100, 257, 1000, LEAST_ELEMENTS, 3 * LEAST_ELEMENTS + 1]) {
    const half = Float32Array.from({ length }, () => (dice.fraction() - 0.5) * 2 ** (40 * dice.fraction()));
    // Each number comes with one of the opposite sign that is a little different.
    const numbers = Float32Array.from([...half, ...half.map((h) => -h * (1 + 2 ** -20 * dice.fraction()))]);
    const x = tensor(numbers) as Tensor;
    const exact = Number(exactSum(numbers)) / 2 ** 149;
    const size = numbers.reduce((sum, h) => sum + Math.abs(h), 0);
    // Half a unit in the last place of float32, and of float64 in each of the additions that an element takes part in.
    const bound = 2 ** -24 * Math.abs(exact) + numbers.length * 2 ** -53 * size;
    for (const [way, total] of Object.entries(ways("sum"))) {
      expect(Math.abs(total(x).data[0]! - exact), `${way} of ${length}`).toBeLessThanOrEqual(bound);
      expect(
        Math.abs(compile(total)(x).data[0]! - exact),
        `${way} of ${length}, compiled`,
      ).toBeLessThanOrEqual(bound);
    }
  }
});

/** [name, a, b, a·b]. A product of up to 64 terms is written out in a program; it is then the eager one, bit for bit. */
const fewTerms: readonly (readonly [string, number[][], number[][], number[][]])[] = [
  ["10⁸ + 1 − 10⁸", [[1e8, 1, -1e8]], [[1], [1], [1]], [[1]]],
  [
    "six ones between 2²⁴ and −2²⁴",
    [[2 ** 24, 1, 1, 1, 1, 1, 1, -(2 ** 24)]],
    new Array<number[]>(8).fill([1]),
    [[6]],
  ],
  [
    "squares of which only the last bits differ",
    [[1 + 2 ** -12, 1]],
    [[1 + 2 ** -12], [-1]],
    [[2 ** -11 + 2 ** -24]],
  ],
  ["terms that overflow one by one", [[3e38, -3e38]], [[4], [4]], [[0]]],
  [
    "a matrix times a vector",
    [
      [1e8, 1, -1e8],
      [1, 1e8, 1],
    ],
    [[1], [1], [1]],
    [[1], [1e8]],
  ],
  [
    "a vector times a matrix",
    [[1e8, 1, -1e8]],
    [
      [1, 2],
      [1, 3],
      [1, 2],
    ],
    [[1, 3]],
  ],
];

test.each(fewTerms)(
  "a product of a few float32 numbers, %s, is exact, eagerly and compiled",
  (_, a, b, expected) => {
    const [x, y] = [tensor(a) as Tensor, tensor(b) as Tensor];
    const product = (p: Tensor, q: Tensor) => p.matmul(q) as Tensor;
    expect(product(x, y).toArray()).toEqual(expected);
    expect(compile(product)(x, y).toArray()).toEqual(expected);
  },
);
