// Properties that failed once, with the operands they failed on.

import { tensor, vjp } from "@adjoint/autograd";
import { expect, test } from "vitest";

test("a float32 scatterAdd is rounded once, not at every addition", () => {
  // In float32, 1 + 2⁻²⁴ is 1 again: adding one at a time would lose all of them.
  const parts = tensor([1, ...new Array<number>(64).fill(2 ** -24)]);
  const indices = tensor(new Array<number>(65).fill(0), { dtype: "int32" });
  expect(parts.scatterAdd(indices, { axis: 0, shape: [1] }).item()).toBe(1 + 64 * 2 ** -24);
});

test("the gradient of overlapping float32 windows is rounded once, not at every addition", () => {
  const { pullback } = vjp((x) => x.windows({ sizes: [3] }), tensor([0, 0, 0, 0, 0]));
  const [a, b, c] = [1, 2 ** -24, 2 ** -24];
  // The element in the middle is the last of the first window, the second of the next, the first of the last.
  const cotangent = tensor([
    [0, 0, a],
    [0, b, 0],
    [c, 0, 0],
  ]);
  expect(pullback(cotangent).data[2]).toBe(Math.fround(a + b + c));
});

test("a scatterAdd of truth values is refused, since true + true is none", () => {
  const indices = tensor([0, 0], { dtype: "int32" });
  expect(() => tensor([true, true]).scatterAdd(indices, { axis: 0, shape: [1] })).toThrow(
    /bool is not a number; cast/,
  );
});
