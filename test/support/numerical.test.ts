import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Estimate,
  nextUp,
  relativeUlps,
  ridders,
  riddersOneSided,
  ulp,
  ulpDistance,
} from "./numerical.ts";
import { trials } from "./runs.ts";

interface Case {
  readonly name: string;
  readonly f: (x: number) => number;
  readonly derivative: (x: number) => number;
  readonly from: number;
  readonly to: number;
}

// Every f and derivative is within 8 units of rounding, so that the bar and the judgement below are fair.
const cases: readonly Case[] = [
  { name: "sin", f: Math.sin, derivative: Math.cos, from: -6, to: 6 },
  { name: "exp", f: Math.exp, derivative: Math.exp, from: -20, to: 20 },
  { name: "log", f: Math.log, derivative: (x) => 1 / x, from: 0.3, to: 1e6 },
  { name: "sqrt", f: Math.sqrt, derivative: (x) => 0.5 / Math.sqrt(x), from: 0.3, to: 1e6 },
  { name: "cube root", f: Math.cbrt, derivative: (x) => 1 / (3 * Math.cbrt(x) ** 2), from: 0.3, to: 1e3 },
  { name: "reciprocal", f: (x) => 1 / x, derivative: (x) => -1 / x ** 2, from: 0.3, to: 1e3 },
  { name: "fifth power", f: (x) => x ** 5, derivative: (x) => 5 * x ** 4, from: -10, to: 10 },
  { name: "tanh", f: Math.tanh, derivative: (x) => 1 / Math.cosh(x) ** 2, from: -5, to: 5 },
  {
    name: "a steep tanh",
    f: (x) => Math.tanh(64 * x),
    derivative: (x) => 64 / Math.cosh(64 * x) ** 2,
    from: -0.1,
    to: 0.1,
  },
  { name: "arc tangent", f: Math.atan, derivative: (x) => 1 / (1 + x * x), from: -20, to: 20 },
  {
    name: "Runge's function",
    f: (x) => 1 / (1 + 25 * x * x),
    derivative: (x) => (-50 * x) / (1 + 25 * x * x) ** 2,
    from: -2,
    to: 2,
  },
  {
    name: "bell",
    f: (x) => Math.exp(-(x * x)),
    derivative: (x) => -2 * x * Math.exp(-(x * x)),
    from: -3,
    to: 3,
  },
  {
    name: "a fast sine",
    f: (x) => Math.sin(64 * x),
    derivative: (x) => 64 * Math.cos(64 * x),
    from: -1,
    to: 1,
  },
  {
    name: "inverse hyperbolic sine",
    f: Math.asinh,
    derivative: (x) => 1 / Math.hypot(1, x),
    from: -50,
    to: 50,
  },
  { name: "a constant", f: () => 0.1, derivative: () => 0, from: -5, to: 5 },
  { name: "a straight line", f: (x) => 0.3 * x, derivative: () => 0.3, from: -1e5, to: 1e5 },
];

const caseAndPlace = fc
  .constantFrom(...cases)
  .chain((one) => fc.tuple(fc.constant(one), fc.double({ min: one.from, max: one.to, noNaN: true })));

/** Whether the bar covers the truth. The derivative stated is itself rounded: 16 units cover its few operations. */
function covers(estimate: Estimate, truth: number): boolean {
  return Math.abs(estimate.value - truth) <= estimate.error + 16 * ulp(truth);
}

describe("ridders", () => {
  test("the true derivative lies within the error bar in every one of 1000 cases", () => {
    fc.assert(
      fc.property(caseAndPlace, fc.constantFrom(0.25, 0.1, 1 / 64), ([one, x], h0) => {
        expect(covers(ridders(one.f, x, h0), one.derivative(x)), `${one.name} at ${x}`).toBe(true);
      }),
      trials(1000, 100_000),
    );
  });

  test("from one side, too, fewer than one case in ten thousand escapes the error bar", () => {
    const sided = fc.tuple(caseAndPlace, fc.constantFrom<1 | -1>(1, -1));
    const all = fc.sample(sided, trials(1000, 100_000));
    const escaped = all.filter(
      ([[one, x], side]) => !covers(riddersOneSided(one.f, x, 0.25, side), one.derivative(x)),
    );
    expect(escaped.length).toBeLessThan(all.length / 10_000);
  });

  test("the bar is short: nine in ten cases are settled to eight digits of the function's scale", () => {
    let short = 0;
    const all = fc.sample(caseAndPlace, trials(1000));
    for (const [one, x] of all) {
      const scale = Math.max(Math.abs(one.derivative(x)), Math.abs(one.f(x)));
      if (ridders(one.f, x, 0.25).error <= 1e-8 * scale) short++;
    }
    expect(short).toBeGreaterThanOrEqual(0.9 * all.length);
  });

  test("each side of a kink has its own derivative, and what is at the kink does not matter", () => {
    const broken = (x: number) => (x === 1 ? 77 : x > 1 ? 3 * x : 10 - x);
    for (const [side, slope] of [
      [1, 3],
      [-1, -1],
    ] as const) {
      const { value, error } = riddersOneSided(broken, 1, 0.25, side);
      expect(Math.abs(value - slope)).toBeLessThanOrEqual(error);
      // Straight lines: nothing but the rounding of a dozen differences at h ≥ 2⁻⁶ is left.
      expect(error).toBeLessThan(1e-12);
    }
  });

  test("nothing is claimed where the function is not finite or its derivative does not exist", () => {
    expect(ridders(() => NaN, 0, 0.25).error).toBe(Infinity);
    expect(ridders(() => Infinity, 0, 0.25).error).toBe(Infinity);
    expect(ridders(Math.log, -3, 0.25).error).toBe(Infinity);
    expect(riddersOneSided(Math.sqrt, 0, 0.25, 1).error).toBeGreaterThan(1);
  });

  test("a function that states a larger error gets a longer bar", () => {
    const rough = ridders((x) => ({ value: Math.sin(x), error: 1e-6 }), 1, 0.25);
    expect(rough.error).toBeGreaterThan(1e-6);
    expect(Math.abs(rough.value - Math.cos(1))).toBeLessThanOrEqual(rough.error);
  });
});

describe("distances between floats", () => {
  test("a float and the next one are one apart, over the whole line", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, max: Number.MAX_VALUE }), (x) => {
        expect(nextUp(x)).toBeGreaterThan(x);
        expect(ulpDistance(x, nextUp(x))).toBe(1);
        expect(ulpDistance(nextUp(x), x)).toBe(1);
      }),
      trials(300),
    );
    expect(ulpDistance(-Number.MIN_VALUE, Number.MIN_VALUE)).toBe(2);
    expect(ulpDistance(-0, 0)).toBe(0);
    expect(nextUp(Number.MAX_VALUE)).toBe(Infinity);
  });

  test("NaN is nowhere near a number, and at no distance from NaN", () => {
    expect(ulpDistance(NaN, 1)).toBe(Infinity);
    expect(ulpDistance(NaN, NaN)).toBe(0);
  });

  test("the gap at 1 is Number.EPSILON, at 0 the least positive number", () => {
    expect(ulp(1)).toBe(Number.EPSILON);
    expect(ulp(-1)).toBe(Number.EPSILON);
    expect(ulp(0)).toBe(Number.MIN_VALUE);
    expect(ulp(Number.MAX_VALUE)).toBe(2 ** 971);
    expect(relativeUlps(1 + 3 * Number.EPSILON, 1)).toBe(3);
    expect(relativeUlps(Infinity, Infinity)).toBe(0);
  });
});
