// Pooling with padding: of every element type, against plain loops that never look outside; and windows that would hold
// nothing but padding.

import { averagePool, compile, grad, maxPool, ShapeError, type Tensor, tensor } from "@adjoint/autograd";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { trials } from "../../support/runs.ts";

type DType = "float32" | "float64" | "int32" | "bool";
const ways: readonly (readonly [string, (f: (x: Tensor) => Tensor) => (x: Tensor) => Tensor])[] = [
  ["eagerly", (f) => f],
  ["compiled", (f) => compile(f)],
];

const geometry = fc
  .record({
    n: fc.integer({ min: 1, max: 7 }),
    size: fc.integer({ min: 1, max: 4 }),
    stride: fc.integer({ min: 1, max: 3 }),
    before: fc.nat({ max: 4 }),
    after: fc.nat({ max: 4 }),
  })
  .filter(({ n, size, before, after }) => size <= n + before + after);

/** The elements of x in each window. */
function windowsOf(x: readonly number[], size: number, stride: number, before: number, after: number) {
  const windows: number[][] = [];
  for (let start = 0; start + size <= before + x.length + after; start += stride)
    windows.push(x.filter((_, i) => i + before >= start && i + before < start + size));
  return windows;
}

describe.each(ways)("%s", (_way, run) => {
  test("maxPool finds the largest of what a window holds, of negative numbers, too, or says that it holds nothing", () => {
    fc.assert(
      fc.property(geometry, fc.constantFrom("float32", "float64", "int32", "bool"), (of, dtype) => {
        const { n, size, stride, before, after } = of;
        const x = Array.from({ length: n }, (_, i) => (dtype === "bool" ? i % 2 : -((7 * i) % 5) - 1));
        const options = { strides: stride, padding: [[before, after]] as [number, number][] };
        const pooled = () =>
          run((t) => maxPool(t, size, options))(
            tensor(x, { dtype: dtype as DType, shape: [1, 1, n] }) as Tensor,
          );
        const windows = windowsOf(x, size, stride, before, after);
        if (windows.some((each) => each.length === 0)) {
          expect(pooled).toThrow(ShapeError);
          expect(pooled).toThrow(/^maxPool: padding .* make the padding smaller than the window$/);
        } else {
          expect(Array.from(pooled().data)).toEqual(windows.map((each) => Math.max(...each)));
          expect(pooled().dtype).toBe(dtype);
        }
      }),
      trials(80),
    );
  });

  test("averagePool counts padding as zeros, also where there is nothing else", () => {
    fc.assert(
      fc.property(geometry, ({ n, size, stride, before, after }) => {
        const x = Array.from({ length: n }, (_, i) => 8 * i + 3);
        const pool = run((t) => averagePool(t, size, { strides: stride, padding: [[before, after]] }));
        const means = windowsOf(x, size, stride, before, after).map((each) =>
          Math.fround(each.reduce((sum, value) => sum + value, 0) / size),
        );
        const found = Array.from(pool(tensor(x, { shape: [1, 1, n] }) as Tensor).data);
        found.forEach((value, i) => {
          // A program divides a rounded sum of at most four whole numbers, which is exact.
          expect(value).toBe(means[i]);
        });
      }),
      trials(60),
    );
  });

  test("the padding of a pool of two axes gets no gradient and gives none", () => {
    const slope = run((x) => grad((t: Tensor) => maxPool(t, 2, { padding: 1 }).sum() as Tensor)(x) as Tensor);
    const x = tensor([
      [
        [
          [-3, -1],
          [-2, -4],
        ],
      ],
    ]) as Tensor;
    expect(slope(x).toArray()).toEqual([
      [
        [
          [1, 1],
          [1, 1],
        ],
      ],
    ]);
  });
});
