// Derivatives of log-softmax where one class is all but certain: what is left of the others is tiny, and must keep its
// digits, in both modes and both orders. The oracle adds differences, pⱼ(tᵢ − tⱼ), which cancel nowhere.

import { grad, jvp, type Tensor, tensor, vjp } from "@adjoint/autograd";
import { describe, expect, test } from "vitest";

const double = (values: readonly number[]): Tensor => tensor([...values], { dtype: "float64" });
const logSoftmax = (x: Tensor): Tensor => x.logSoftmax();

/** Softmax by the definition, shifted so that nothing overflows. */
function shares(x: readonly number[]): number[] {
  const largest = Math.max(...x);
  const powers = x.map((each) => Math.exp(each - largest));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

/** How log-softmax moves with x. */
const tangentOf = (x: readonly number[], t: readonly number[]): number[] =>
  t.map((ti) => shares(x).reduce((sum, p, j) => sum + p * (ti - t[j]!), 0));

// Each operation in the rules rounds once, and no sum has more than four terms of one sign here.
const digits = 1e-14;

function expectClose(actual: Tensor, expected: readonly number[]): void {
  expected.forEach((value, i) => {
    expect(
      Math.abs(actual.data[i]! - value),
      `entry ${i}: ${actual.data[i]} for ${value}`,
    ).toBeLessThanOrEqual(digits * Math.abs(value));
  });
}

describe.each([
  [
    [0, 62],
    [1, 3],
  ],
  [
    [62, 0],
    [3, 1],
  ],
  [
    [40, 0, -3],
    [5, 1, 2],
  ],
  [
    [-3, 0, 40, 1],
    [4, 3, 9, 2],
  ],
  [
    [0.5, 0.5, -50],
    [1, 2, 7],
  ],
  [
    [1, 2, 3],
    [6, 4, 1],
  ],
])("at %j, moving along %j,", (x, t) => {
  test("forward mode keeps the digits of every entry", () => {
    expectClose(jvp(logSoftmax, double(x), double(t)).tangent, tangentOf(x, t));
  });

  test("reverse mode does, one cotangent at a time", () => {
    const { pullback } = vjp(logSoftmax, double(x));
    x.forEach((_, i) => {
      const unit = x.map((_, k) => Number(k === i));
      // Row i of the Jacobian: 1 − pᵢ, the sum of the other shares, on the diagonal, and −pⱼ beside it.
      const p = shares(x);
      const row = p.map((pj, j) => (j === i ? p.reduce((sum, pk, k) => (k === i ? sum : sum + pk), 0) : -pj));
      expectClose(pullback(double(unit)), row);
    });
  });

  test("the derivative of a gradient does, in forward mode over reverse mode", () => {
    x.forEach((_, i) => {
      const f = grad((z: Tensor) => z.logSoftmax().slice(i));
      // The Hessian of each entry of log-softmax is that of −log Σ exp: −pⱼ Σₖ pₖ(tⱼ − tₖ) along t.
      const expected = shares(x).map((p, j) => -p * tangentOf(x, t)[j]!);
      expectClose(jvp(f, double(x), double(t)).tangent, expected);
    });
  });
});
