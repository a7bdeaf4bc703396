// Differences by themselves, on functions whose derivatives are known: the error bars hold, and are narrow.

import { describe, expect, test } from "vitest";
import {
  centralDerivative,
  type Estimates,
  finestDerivatives,
  type Line,
  oneSidedDerivative,
} from "../../../packages/autograd/src/check/numerical.ts";
import { Stream } from "../../../packages/autograd/src/check/random.ts";

const firstStep = 2 ** -4;

/** A function at a point, with its derivative there. */
type Case = readonly [name: string, f: (x: number) => number, at: number, slope: number];

const smooth: readonly Case[] = [
  ["a constant", () => 3, 1, 0],
  ["a line", (x) => 5 - 2 * x, 0.3, -2],
  ["x²", (x) => x * x, -1.5, -3],
  ["x⁷", (x) => x ** 7, 1.25, 7 * 1.25 ** 6],
  ["sin x", Math.sin, 0.7, Math.cos(0.7)],
  ["eˣ", Math.exp, -2, Math.exp(-2)],
  ["e³ˣ", (x) => Math.exp(3 * x), 1, 3 * Math.exp(3)],
  ["log x", Math.log, 0.5, 2],
  ["1/x", (x) => 1 / x, -0.8, -1 / 0.64],
  ["√x", Math.sqrt, 3, 0.5 / Math.sqrt(3)],
  ["atan x", Math.atan, 0.2, 1 / 1.04],
  ["tanh x", Math.tanh, -0.4, 1 - Math.tanh(-0.4) ** 2],
];

const line =
  (f: (x: number) => number, at: number): Line =>
  (step) =>
    Float64Array.of(f(at + step));

/** Of values computed with an error of one unit in the last place, to which the rounding of the point adds. */
const noiseOf = ([, f, at, slope]: Case) =>
  Float64Array.of(2 ** -51 * (Math.abs(f(at)) + Math.abs(slope * at)));

const only = ({ values, errors }: Estimates) => ({ value: values[0]!, error: errors[0]! });

/** That the bar reaches the truth, and is no wider than a fraction of the function's size. */
function expectWithin(found: Estimates, truth: number, widest: number) {
  const { value, error } = only(found);
  expect(Math.abs(value - truth)).toBeLessThanOrEqual(error);
  expect(error).toBeLessThanOrEqual(widest);
}
const sizeOf = ([, f, at, slope]: Case) => Math.max(1, Math.abs(f(at)), Math.abs(slope));

describe.each(smooth)("of %s", (...one) => {
  const [, f, at, slope] = one;
  const along = line(f, at);
  const noise = noiseOf(one);
  const size = sizeOf(one);

  test("extrapolated central differences are right to eleven digits, by their own bar", () => {
    expectWithin(centralDerivative(along, firstStep, noise), slope, 1e-11 * size);
  });

  test("extrapolated differences from either side are right to ten", () => {
    for (const side of [1, -1] as const)
      expectWithin(oneSidedDerivative(along, firstStep, noise, side), slope, 1e-10 * size);
  });

  test("the finest differences are right to eleven, and to nine from either side", () => {
    const sizes = Float64Array.of(size);
    const found = finestDerivatives(along, () => noise, firstStep, noise, sizes, new Stream(1));
    expectWithin(found.central, slope, 1e-11 * size);
    expectWithin(found.above, slope, 1e-9 * size);
    expectWithin(found.below, slope, 1e-9 * size);
  });
});

test("at a kink the two sides have slopes of their own, and their bars keep them apart", () => {
  const along = line((x) => (x > 0 ? Math.sin(3 * x) : 1 - Math.exp(x)), 0);
  const noise = Float64Array.of(2 ** -52);
  const finest = finestDerivatives(along, () => noise, firstStep, noise, Float64Array.of(3), new Stream(1));
  for (const [above, below] of [
    [oneSidedDerivative(along, firstStep, noise, 1), oneSidedDerivative(along, firstStep, noise, -1)],
    [finest.above, finest.below],
  ] as const) {
    expectWithin(above, 3, 1e-9);
    expectWithin(below, -1, 1e-9);
  }
});

describe("the finest differences", () => {
  const [noise, size] = [2 ** -50, 1];
  /** What is found up to a largest step, and how many steps were taken. */
  const found = (f: Line, largest: number, seed = 1, noiseAt = (_step: number) => noise) => {
    let lines = 0;
    const counted: Line = (step) => {
      lines++;
      return f(step);
    };
    const [noises, sizes] = [Float64Array.of(noise), Float64Array.of(size)];
    const at = (step: number) => Float64Array.of(noiseAt(step));
    const { central, above, below } = finestDerivatives(
      counted,
      at,
      largest,
      noises,
      sizes,
      new Stream(seed),
    );
    // One at the point, and two for each step.
    return { estimates: [central, above, below].map(only), steps: (lines - 1) / 2 };
  };
  const sine = line(Math.sin, 0.5);

  test("claim nothing before four steps agree, and then what is true", () => {
    const [told, open] = [new Set<number>(), new Set<number>()];
    for (let seed = 1; seed <= 100; seed++) {
      for (let factor = 1; factor <= 2 ** 16; factor *= 4) {
        const { estimates, steps } = found(sine, 4 * noise * factor, seed);
        for (const { value, error } of estimates) {
          if (error === Infinity) {
            expect(value).toBeNaN();
            open.add(steps);
          } else {
            expect(Math.abs(value - Math.cos(0.5))).toBeLessThanOrEqual(error);
            told.add(steps);
          }
        }
      }
    }
    expect(Math.min(...told)).toBe(4);
    expect([...open]).toEqual(expect.arrayContaining([1, 2, 3]));
  });

  // Numbers that cancel at the point and not beside it make such noise.
  test("have bars as wide as noise that grows with the step makes them", () => {
    for (const part of [1e-3, 1e-6, 1e-9]) {
      // All of the slope beyond 1 is noise, as large at every step as it is said to be.
      const disturbed: Line = (step) => Float64Array.of(step + part * step);
      for (let seed = 1; seed <= 20; seed++)
        for (const { value, error } of found(disturbed, firstStep, seed, (step) => part * Math.abs(step))
          .estimates) {
          expect(Math.abs(value - 1)).toBeLessThanOrEqual(error);
          expect(error).toBeLessThanOrEqual(10 * part);
        }
    }
  });
});
