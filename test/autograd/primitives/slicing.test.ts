// Slices are what JavaScript's own slice makes of arrays, every step-th element of it.

import { compile, grad, type Tensor, tensor } from "@adjoint/autograd";
import { describe, expect, test } from "vitest";
import { numbers } from "../../support/tensors.ts";

type Part = readonly [from: number | null, to: number | null, step: number];

const counted = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
const vectorOf = (values: readonly number[]) => tensor([...values], { shape: [values.length] }) as Tensor;
const bounds = (n: number) => [null, ...Array.from({ length: 2 * n + 5 }, (_, i) => i - n - 2)];

function partsOf(n: number): Part[] {
  const ends = bounds(n);
  return ends.flatMap((from) => ends.flatMap((to) => [1, 2, 3].map((step) => [from, to, step] as const)));
}

/** The places that a part names. */
const placesOf = ([from, to, step]: Part, n: number) =>
  counted(n)
    .map((i) => i - 1)
    .slice(from ?? 0, to ?? n)
    .filter((_, i) => i % step === 0);

describe.each([0, 1, 2, 5])("of an axis of %i", (n) => {
  const x = vectorOf(counted(n));

  test("every part has the elements that it names, also where its ends lie outside or cross", () => {
    for (const part of partsOf(n)) {
      const found = x.slice(part);
      expect(found.shape, `[${part}]`).toEqual([placesOf(part, n).length]);
      expect(numbers(found), `[${part}]`).toEqual(placesOf(part, n).map((i) => i + 1));
    }
  });

  test("an index from the front or the back is that element, and any other is refused", () => {
    for (let index = -n - 2; index < n + 2; index++) {
      const element = counted(n).at(index);
      if (element === undefined)
        expect(() => x.slice(index)).toThrow(
          `slice: index ${index} at axis 0 of [${n}]: use ${-n} to ${n - 1}`,
        );
      else {
        expect(x.slice(index).shape).toEqual([]);
        expect(x.slice(index).item()).toBe(element);
      }
    }
    expect(() => x.slice(0.5)).toThrow("slice: index 0.5 at axis 0");
  });
});

test("the derivative is 1 where a part has an element and 0 elsewhere, in programs as well", () => {
  const x = vectorOf(counted(5));
  for (const part of partsOf(5).filter((_, i) => i % 7 === 0)) {
    const f = (y: Tensor) => y.slice(part).sum() as Tensor;
    const wanted = counted(5).map((i) => Number(placesOf(part, 5).includes(i - 1)));
    expect(numbers(grad(f)(x)), `[${part}]`).toEqual(wanted);
  }
  const odd = compile((y: Tensor) => [
    y.slice([-4, null, 2]),
    y.slice(-2),
    grad((z: Tensor) => z.slice([1, -1, 2]).sum())(y),
  ]);
  expect(odd(x).map((each) => each.toArray())).toEqual([[2, 4], 4, [0, 1, 0, 1, 0]]);
});

test("each axis has its part, an index takes its axis away, and axes without a part are whole", () => {
  const rows = [
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
    [
      [7, 8, 9],
      [10, 11, 12],
    ],
  ];
  const x = tensor(rows) as Tensor;
  expect(x.slice().toArray()).toEqual(rows);
  expect(x.slice(null, [1]).toArray()).toEqual(rows.map((row) => row.slice(1)));
  expect(x.slice(-1, null, [null, null, 2]).toArray()).toEqual(rows.at(-1)!.map((row) => [row[0], row[2]]));
  expect(x.slice(0, 1, 2).toArray()).toBe(6);
  expect(x.slice([5]).shape).toEqual([0, 2, 3]);
  expect(() => x.slice(0, 0, 0, 0)).toThrow("slice: 4 parts for the 3 axes of [2, 2, 3]");
});
