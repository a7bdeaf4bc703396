// How uncertain computed numbers are found to be: at least as much as they are, and not at all where nothing is rounded.

import { type DType, type Tensor, tensor } from "@adjoint/autograd";
import { describe, expect, test } from "vitest";
import { keptBits32, noiseOf, noiseWithoutTies } from "../../../packages/autograd/src/check/noise.ts";
import { Stream } from "../../../packages/autograd/src/check/random.ts";

const make = (values: readonly number[], dtype: DType = "float64") => tensor(values, { dtype }) as Tensor;

type Noise = typeof noiseOf;
/** The noise of what a computation gives. */
function noiseIn(run: () => Tensor, noise: Noise = noiseOf, bits?: number): number[] {
  const compute = () => Float64Array.from(run().data);
  return [...noise(compute, compute(), new Stream(1), bits === undefined ? {} : { bits })];
}

describe("what can't be rounded stays as it is, in float32 as in float64:", () => {
  // From 2²² on they have more digits than are kept of float32.
  const large = [2 ** 22 + 1, 2 ** 24 + 3, 2 ** 30 + 7, 2 ** 31 - 1, -(2 ** 31), -(2 ** 26 + 5), 0, -3];
  const others = large.map((n) => Math.max(-(2 ** 31), Math.min(n - 1, 2 ** 31 - 1)));
  const cases: Record<string, () => Tensor> = {
    "whole numbers, however large": () => make(large, "int32").sub(make(others, "int32")).cast("float64"),
    "the largest of whole numbers": () => make(large, "int32").max().cast("float64"),
    "comparisons of whole numbers": () => make(large, "int32").greater(make(others, "int32")).cast("float64"),
    "truth values": () => make([0, 1, 1], "bool").cast("int32").cast("float64"),
    "zeros, also where they are made large": () => make([0, -0]).mul(1e300),
    "the sign of a zero": () => make([0, -0]).reciprocal().greater(0).cast("float64"),
    "places of elements": () =>
      make([1, 2, 3])
        .gather(make([2, 0], "int32"))
        .greater(0)
        .cast("float64"),
    "equal numbers": () => make([0.1, 1e10]).sub(make([0.1, 1e10])),
    infinities: () => make([Infinity, -Infinity]).greater(0).cast("float64"),
  };
  test.each(Object.entries(cases))("%s", (_name, run) => {
    for (const bits of [undefined, keptBits32]) {
      const values = run().data;
      // What the result's own rounding may be, eight times, and what is below the normal numbers.
      const own = 8 * 2 ** -(bits ?? 49);
      for (const [i, each] of noiseIn(run, noiseOf, bits).entries())
        expect(each).toBeLessThanOrEqual(own * Math.abs(values[i]!) + 8 * 2 ** -1022);
    }
  });
});

describe("what is rounded has the noise of its own error at least, and of a thousand roundings at most:", () => {
  const parts = [0.3, -0.7, 1.2];
  // Operands are moved by up to eight units in the last place, and the largest change counts eight times.
  // What each computes, what it would give without rounding, and the size of the numbers on the way.
  const cases: Record<string, [run: () => Tensor, exact: readonly number[], size: number]> = {
    "small numbers that are added to a large one and taken out again": [
      () => make(parts).add(1e12).sub(1e12),
      parts,
      1e12,
    ],
    "a large number that cancels": [() => make(parts).mul(1e9).add(1e9).sub(1e9).div(1e9), parts, 1],
    "(1 + x)² − 1 − 2x for small x": [
      () => {
        const x = make([1e-7, 3e-6]);
        return x.add(1).square().sub(1).sub(x.mul(2));
      },
      [1e-14, 9e-12],
      1,
    ],
    "a function beside its inverse": [() => make(parts).exp().log(), parts, 1],
  };
  test.each(Object.entries(cases))("%s", (_name, [run, exact, size]) => {
    const values = run().data;
    for (const noise of [noiseOf, noiseWithoutTies])
      for (const [i, each] of noiseIn(run, noise).entries()) {
        expect(each).toBeGreaterThanOrEqual(Math.abs(values[i]! - exact[i]!));
        expect(each).toBeLessThanOrEqual(1000 * 2 ** -52 * size);
      }
  });
});

test("numbers that are equal move together, and apart where that is asked for", () => {
  const pair = make([0.1, 0.1]);
  const difference = () => pair.slice(0).sub(pair.slice(1));
  expect(noiseIn(difference)[0]).toBeLessThan(2 ** -1000);
  expect(noiseIn(difference, noiseWithoutTies)[0]).toBeGreaterThan(2 ** -56);
});

describe("the least numbers of float32", () => {
  // Between 2⁻¹⁴⁹ and 2⁻¹²⁶ float32 has multiples of 2⁻¹⁴⁹ only: what is rounded is off by half of that.
  const half = 2 ** -150;
  test.each([
    ["3 · 2⁻¹⁴⁹ and a bit", 3.3 * 2 ** -149],
    ["less than the least", 0.7 * 2 ** -149],
    ["just below 2⁻¹²⁶", 2 ** -126 * (1 - 2 ** -30)],
  ])("%s: rounding to them is noise, also where it is made large again", (_name, value) => {
    const scaled = () => make([value, -value]).mul(2 ** 140);
    for (const noise of noiseIn(scaled, noiseOf, keptBits32)) expect(noise).toBeGreaterThan(half * 2 ** 140);
    // In float64 such numbers have all their digits.
    for (const noise of noiseIn(scaled)) expect(noise).toBeLessThan(2 ** -40 * Math.abs(value) * 2 ** 140);
  });
});
