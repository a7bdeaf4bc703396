// The mean where its sum overflows, and beside it: eagerly and in programs, the mean of finite numbers is finite.

import { averagePool, compile, grad, type Tensor, tensor } from "@adjoint/autograd";
import { meanSquaredError } from "@adjoint/nn";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { trials } from "../../support/runs.ts";

type Float = "float32" | "float64";
type F = (x: Tensor) => Tensor;
const largest = { float32: 2 ** 127 * (2 - 2 ** -23), float64: Number.MAX_VALUE };
const unit = { float32: 2 ** -24, float64: 2 ** -53 };
const ways: readonly (readonly [string, Float, (f: F) => F])[] = (["float32", "float64"] as const).flatMap(
  (dtype) => [["eagerly", dtype, (f: F) => f] as const, ["compiled", dtype, (f: F) => compile(f)] as const],
);
const numbers = (x: Tensor) => Array.from(x.data);

describe.each(ways)("%s in %s", (_way, dtype, run) => {
  const t = (values: readonly number[], shape: number[] = [values.length]) =>
    tensor(values as number[], { dtype, shape }) as Tensor;
  const mean = run((x) => x.mean() as Tensor);
  const rows = run((x) => x.mean({ axis: 1 }) as Tensor);
  const big = largest[dtype] / 1.25;
  const power = { float32: 2 ** 127, float64: 2 ** 1023 }[dtype];

  test("the mean of numbers whose sum overflows is right, in short rows and in long ones", () => {
    for (const n of [2, 3, 7, 100, 5000]) {
      // Of a power of two, sums and quotients are exact.
      expect(mean(t(Array.from({ length: n }, () => power))).item()).toBe(power);
    }
    expect(mean(t([big, -big, big, -big])).item()).toBe(0);
    expect(numbers(rows(t([big, big, 1, 3], [2, 2])))).toEqual([t([big]).item(), 2]);
  });

  test("the mean lies among its numbers, whatever their size", () => {
    const exponents = { float32: [-149, 127], float64: [-1074, 1023] }[dtype];
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            exponent: fc.integer({ min: exponents[0]!, max: exponents[1]! }),
            sign: fc.constantFrom(1, -1),
          }),
          { minLength: 1, maxLength: 9 },
        ),
        (parts) => {
          const row = parts.map(({ exponent, sign }) => sign * 2 ** exponent);
          // A part of each, where all of the largest size had no sum; of the smallest there is no part.
          const part = Math.max(...row.map(Math.abs)) > 1 ? 16 : 1;
          const wanted = (row.reduce((sum, x) => sum + x / part, 0) / row.length) * part;
          const size = row.reduce((sum, x) => sum + Math.abs(x) / part, 0) * (part / row.length);
          // Nine sums of rounded numbers, a quotient and, of the smallest numbers, the last place.
          expect(Math.abs(mean(t(row)).item() - wanted)).toBeLessThanOrEqual(
            24 * unit[dtype] * size + 2 ** exponents[0]!,
          );
        },
      ),
      trials(100),
    );
  });

  test("tiny numbers, infinities and NaN have the means they had", () => {
    const tiny = { float32: 2 ** -149, float64: 2 ** -1074 }[dtype];
    expect(mean(t([tiny, tiny, tiny])).item()).toBe(tiny);
    expect(mean(t([Infinity, 1])).item()).toBe(Infinity);
    expect(mean(t([-Infinity, big])).item()).toBe(-Infinity);
    expect(mean(t([Infinity, -Infinity])).item()).toBeNaN();
    expect(mean(t([NaN, 1])).item()).toBeNaN();
    expect(mean(t([], [0])).item()).toBeNaN();
    // One number says nothing of how far numbers lie apart: 0/0.
    expect(run((x) => x.variance({ correction: 1 }) as Tensor)(t([3])).item()).toBeNaN();
  });

  test("variance, pooling and the squared error are finite where their means are", () => {
    const root = Math.sqrt(largest[dtype]) / 1.25;
    const error = { float32: 2 ** -20, float64: 2 ** -49 }[dtype];
    const near = (x: Tensor, wanted: number) =>
      expect(Math.abs(x.item() / wanted - 1)).toBeLessThanOrEqual(error);
    expect(run((x) => x.variance() as Tensor)(t([big, big])).item()).toBe(0);
    near(run((x) => x.variance() as Tensor)(t([root, -root, root, -root])), root * root);
    near(run((x) => averagePool(x.reshape([1, 1, 2]), 2))(t([big, big])), big);
    near(run((x) => meanSquaredError(x, x.mul(0) as Tensor))(t([root, root, root])), root * root);
  });

  test("the gradient is one nth for each, also where the sum overflows", () => {
    const slope = run((x) => grad((y: Tensor) => y.mean() as Tensor)(x) as Tensor);
    expect(numbers(slope(t([big, big, big, big])))).toEqual([0.25, 0.25, 0.25, 0.25]);
    const second = run((x) => grad((y: Tensor) => y.square().mean().square() as Tensor)(x) as Tensor);
    // ∂(mean x²)² = 2·mean x²·2x/n.
    expect(numbers(second(t([1, 2])))).toEqual([5, 10]);
  });
});
