// Derivatives of log-softmax where one class is all but certain: what is left of the others is tiny, and must keep its
// digits, in both modes and both orders. The oracle adds differences, pⱼ(tᵢ − tⱼ), which cancel nowhere.

import { compile, grad, jvp, type Tensor, tensor, vjp } from "@adjoint/autograd";
import { describe, expect, test } from "vitest";

const double = (values: readonly number[]): Tensor => tensor([...values], { dtype: "float64" });
const int32 = (values: readonly number[]): Tensor => tensor([...values], { dtype: "int32" });
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

  test("reverse mode does for an element that is taken by its index, from either end", () => {
    x.forEach((_, i) => {
      const p = shares(x);
      const row = p.map((pj, j) => (j === i ? p.reduce((sum, pk, k) => (k === i ? sum : sum + pk), 0) : -pj));
      for (const index of [i, i - x.length]) {
        const f = grad((z: Tensor) =>
          z
            .logSoftmax()
            .takeAlongAxis(int32([index]), { axis: 0 })
            .sum(),
        );
        expectClose(f(double(x)), row);
        expectClose(compile(f)(double(x)), row);
      }
    });
  });

  test.each([
    ["a part of the row", (z: Tensor, i: number) => z.slice(i)],
    ["an element that is taken", (z: Tensor, i: number) => z.takeAlongAxis(int32([i]), { axis: 0 }).sum()],
  ])("the derivative of the gradient of %s does, in forward mode over reverse mode", (_, take) => {
    x.forEach((_, i) => {
      const f = grad((z: Tensor) => take(z.logSoftmax() as Tensor, i));
      // The Hessian of each entry of log-softmax is that of −log Σ exp: −pⱼ Σₖ pₖ(tⱼ − tₖ) along t.
      const expected = shares(x).map((p, j) => -p * tangentOf(x, t)[j]!);
      expectClose(jvp(f, double(x), double(t)).tangent, expected);
    });
  });
});

test("elements taken along another axis are not those of one row each", () => {
  const x = [
    [0.5, -1, 2],
    [1, 0.25, -3],
  ];
  const rows = [1, 0, 1];
  const weights = [2, 3, -5];
  const f = grad((z: Tensor) =>
    z
      .logSoftmax()
      .takeAlongAxis(int32(rows).expandDims(0) as Tensor, { axis: 0 })
      .mul(double(weights))
      .sum(),
  );
  // Row r has the sum of weights w of entries j: wⱼ (δⱼₖ − pₖ).
  const expected = x.flatMap((row, r) => {
    const p = shares(row);
    return row.map((_, k) =>
      weights.reduce((sum, w, j) => (rows[j] === r ? sum + w * (Number(j === k) - p[k]!) : sum), 0),
    );
  });
  const at = tensor(x, { dtype: "float64" }) as Tensor;
  for (const found of [f(at), compile(f)(at)]) expectClose(found.reshape([6]), expected);
});

test("nor are several elements of one row", () => {
  const x = [0.5, -1, 2];
  const f = grad((z: Tensor) =>
    z
      .logSoftmax()
      .takeAlongAxis(int32([2, 0, 2]), { axis: 0 })
      .sum(),
  );
  const p = shares(x);
  const expected = [1, 0, 2].map((count, k) => count - 3 * p[k]!);
  for (const found of [f(double(x)), compile(f)(double(x))]) expectClose(found, expected);
});
