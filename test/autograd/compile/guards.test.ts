// What guards in programs are shown: the numbers of this call, wherever they lie.

import { compile, guarded, type Tensor, tensor, variable } from "@adjoint/autograd";
import { expect, test } from "vitest";

/** A check that notes what it is shown. */
function noting() {
  const shown: number[][] = [];
  return { shown, check: (elements: ArrayLike<number>) => void shown.push(Array.from(elements)) };
}

const square = (...values: number[]) => tensor(values, { shape: [2, 2] }) as Tensor;

test.each([
  ["as they lie", (x: Tensor) => x, [1, 2, 3, 4]],
  ["transposed", (x: Tensor) => x.transpose() as Tensor, [1, 3, 2, 4]],
  ["a column of them", (x: Tensor) => x.slice(null, 1) as Tensor, [2, 4]],
  ["backwards", (x: Tensor) => x.flip() as Tensor, [4, 3, 2, 1]],
  ["computed", (x: Tensor) => x.mul(2) as Tensor, [2, 4, 6, 8]],
] as const)(
  "guards are shown an argument's numbers %s, in every call, also after memory has grown",
  (_how, seen, first) => {
    const { shown, check } = noting();
    const f = compile((x: Tensor) => guarded(seen(x), check).add(0) as Tensor);
    expect(f(square(1, 2, 3, 4)).size).toBe(first.length);
    // More than the heap begins with, so that it grows and all views of it are stale.
    const large = compile((x: Tensor) => x.mul(2).add(x.sum()) as Tensor);
    large(tensor(new Float32Array(4_000_000)) as Tensor);
    f(square(10, 20, 30, 40));
    expect(shown.slice(-2)).toEqual([first, first.map((value) => value * 10)]);
  },
);

test("guards are shown a variable's numbers before the call changes it, and what it was given since", () => {
  const { shown, check } = noting();
  const weight = variable([1, 2]);
  const f = compile(() => {
    const value = guarded(weight.value as Tensor, check);
    weight.assign(value.mul(2) as Tensor);
  });
  f();
  f();
  weight.assign(tensor([7, 5]));
  f();
  expect(shown.slice(-3)).toEqual([
    [1, 2],
    [2, 4],
    [7, 5],
  ]);
});

test("a repeated number is shown once for all its places", () => {
  const { shown, check } = noting();
  const f = compile((x: Tensor) => guarded(x.broadcastTo([3, 2]) as Tensor, check).sum() as Tensor);
  expect(f(tensor([1, 2]) as Tensor).item()).toBe(9);
  expect(shown.at(-1)).toEqual([1, 2]);
});
