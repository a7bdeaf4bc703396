// Operations that are made of others: what their parts refuse is refused in the name of the operation that was called.

import {
  averagePool,
  compile,
  convolution,
  DTypeError,
  einsum,
  maxPool,
  ShapeError,
  type Tensor,
  tensor,
  zeros,
} from "@adjoint/autograd";
import { describe, expect, test } from "vitest";

type DType = "float32" | "float64" | "int32" | "bool";
const of = (shape: number[], dtype: DType = "float32") => zeros(shape, { dtype }) as Tensor;
const image = of([1, 1, 3]);

const shapes: readonly (readonly [does: string, operation: string, run: () => unknown])[] = [
  ["sum to another shape", "sumTo", () => of([2, 3]).sumTo([4])],
  ["sum to a shape of more axes", "sumTo", () => of([3]).sumTo([2, 3])],
  [
    "take along an axis with too many indices",
    "takeAlongAxis",
    () => of([2, 3]).takeAlongAxis(of([5, 2], "int32"), { axis: 1 }),
  ],
  ["convolve with a kernel that is too long", "convolution", () => convolution(image, of([1, 1, 5]))],
  ["convolve by strides of 0", "convolution", () => convolution(image, of([1, 1, 2]), { strides: 0 })],
  ["convolve with negative padding", "convolution", () => convolution(image, of([1, 1, 2]), { padding: -1 })],
  ["ask for the least of nothing", "argmin", () => of([0]).argmin()],
  ["pool over windows that are too long", "maxPool", () => maxPool(image, 5)],
  ["pool by strides that are no whole numbers", "maxPool", () => maxPool(image, 2, { strides: 0.5 })],
  ["average with negative padding", "averagePool", () => averagePool(image, 2, { padding: -1 })],
  ["average over windows of nothing", "averagePool", () => averagePool(image, 0)],
];

const types: readonly (readonly [does: string, operation: string, run: () => unknown])[] = [
  ["sum truth values", "sum", () => of([3], "bool").sum()],
  ["sum truth values to a shape", "sumTo", () => of([2, 3], "bool").sumTo([3])],
  ["take at fractions", "takeAlongAxis", () => of([2, 3]).takeAlongAxis(of([2, 2]), { axis: 1 })],
  ["gather at fractions", "gather", () => of([2, 3]).gather(of([2]))],
  ["convolve whole numbers", "convolution", () => convolution(image.cast("int32"), of([1, 1, 2], "int32"))],
  ["convolve two types", "convolution", () => convolution(image, of([1, 1, 2], "float64"))],
  ["average whole numbers", "averagePool", () => averagePool(image.cast("int32"), 2)],
  [
    "multiply whole numbers and others by letters",
    "einsum",
    () => einsum("i,i->", of([2], "int32"), of([2])),
  ],
  ["multiply truth values by letters", "einsum", () => einsum("i,i->", of([2], "bool"), of([2], "bool"))],
  ["multiply two types by letters", "einsum", () => einsum("i,i->", of([2]), of([2], "float64"))],
  ["sum truth values by letters", "einsum", () => einsum("ij->i", of([2, 3], "bool"))],
  ["multiply vectors of whole numbers", "dot", () => of([3], "int32").dot(of([3], "int32") as never)],
  ["pad whole numbers with a fraction", "pad", () => of([3], "int32").pad(1, { value: 0.5 })],
];

const ways: readonly (readonly [string, (run: () => unknown) => () => unknown])[] = [
  ["eagerly", (run) => run],
  ["compiled", (run) => compile(run)],
];

describe.each(ways)("%s", (_way, by) => {
  test.each(shapes)("who would %s is answered in the name of %s", (_does, operation, run) => {
    expect(by(run)).toThrow(ShapeError);
    expect(by(run)).toThrow(new RegExp(`^${operation}: `));
  });

  test.each(types)("who would %s is answered in the name of %s", (_does, operation, run) => {
    expect(by(run)).toThrow(DTypeError);
    expect(by(run)).toThrow(new RegExp(`^${operation}: (?!.*has no (?!${operation};))`));
  });

  test.each([
    ["gather", (x: Tensor, at: Tensor) => x.gather(at)],
    ["takeAlongAxis", (x: Tensor, at: Tensor) => x.takeAlongAxis(at, { axis: 0 })],
    ["scatterAdd", (x: Tensor, at: Tensor) => x.scatterAdd(at, { axis: 0, shape: [2] })],
  ] as const)("an index outside is refused in the name of %s", (operation, f) => {
    const at = tensor([0, 2], { dtype: "int32" }) as Tensor;
    expect(by(() => f(of([2]), at))).toThrow(RangeError);
    expect(by(() => f(of([2]), at))).toThrow(new RegExp(`^${operation}: index 2 is outside an axis of 2`));
  });
});

describe.each(ways)("%s", (_way, by) => {
  const answer = (run: () => Tensor) => (by(run)() as Tensor).toArray();

  test("einsum multiplies whole numbers as it does others", () => {
    const numbers = (shape: number[], dtype: DType) =>
      tensor(
        Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => ((7 * i) % 11) - 5),
        { dtype, shape },
      ) as Tensor;
    for (const [equation, ...sizes] of [
      ["ij,jk->ik", [2, 3], [3, 4]],
      ["bij,bjk->bik", [2, 2, 3], [2, 3, 2]],
      ["i,j->ij", [3], [2]],
      ["ij,ij->", [2, 3], [2, 3]],
      ["ij,jk,kl->il", [2, 3], [3, 2], [2, 2]],
      ["ij,jk->ki", [2, 0], [0, 3]],
    ] as [string, ...number[][]][]) {
      const of = (dtype: DType) => einsum(equation, ...sizes.map((shape) => numbers(shape, dtype)));
      // Small whole numbers are exact in float64, so the oracle is the product of matrices.
      expect(answer(() => of("int32"))).toEqual((of("float64").add(0) as Tensor).toArray());
      expect((by(() => of("int32"))() as Tensor).dtype).toBe("int32");
    }
  });

  test("the least and the largest of truth values are found, the first of equal ones", () => {
    const x = tensor([
      [true, false, true],
      [false, false, true],
    ]) as Tensor;
    expect(answer(() => x.argmin({ axis: 1 }) as Tensor)).toEqual([1, 0]);
    expect(answer(() => x.argmax({ axis: 1 }) as Tensor)).toEqual([0, 2]);
    expect(answer(() => x.argmin({ axis: 0 }) as Tensor)).toEqual([1, 0, 0]);
    expect(answer(() => x.argmax() as Tensor)).toBe(0);
    expect(answer(() => tensor([true, true]).argmin() as Tensor)).toBe(0);
  });
});

test("programs find truth values and multiply whole numbers that they are given", () => {
  const x = tensor([
    [true, false, true],
    [false, false, true],
  ]) as Tensor;
  expect(compile((x: Tensor) => x.argmin({ axis: 1 }) as Tensor)(x).toArray()).toEqual([1, 0]);
  expect(compile((x: Tensor) => x.argmax({ axis: 1 }) as Tensor)(x).toArray()).toEqual([0, 2]);
  const whole = x.cast("int32").mul(3) as Tensor;
  const square = compile((a: Tensor, b: Tensor) => einsum("ij,kj->ik", a, b));
  expect(square(whole, whole).toArray()).toEqual([
    [18, 9],
    [9, 9],
  ]);
});

test("whole numbers and truth values are pooled by the largest, with padding, too", () => {
  expect(
    maxPool(tensor([[[-1, -2, -3]]], { dtype: "int32" }) as Tensor, 3, { padding: 1, strides: 1 }).toArray(),
  ).toEqual([[[-1, -1, -2]]]);
});
