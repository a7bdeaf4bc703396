// Functions with structure finer than the steps of differences, at every scale: right rules are never called wrong, and
// wrong ones are still found.

import { definePrimitive, type Tensor, tensor } from "@adjoint/autograd";
import { checkGradients } from "@adjoint/autograd/check";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { trials } from "../../support/runs.ts";

const at = (x: number) => tensor(x, { dtype: "float64" }) as Tensor;
const check = (f: (x: Tensor) => Tensor, x: number) => checkGradients((a: Tensor) => [f(a)], [at(x)]);

describe("right rules are never called wrong", { timeout: 600_000 }, () => {
  const expectNotWrong = (f: (x: Tensor) => Tensor, x: number) => {
    const report = check(f, x);
    expect(report.verdict === "wrong" ? String(report) : "not wrong").toBe("not wrong");
  };

  // Found by a deep run: the period is some 10⁻⁵, and Ridders' extrapolation from steps of 0.1 is sure of something else.
  test("of cos(tan x) near a pole, where the finest differences even find them right", () => {
    expect(String(check((x) => x.tan().cos() as Tensor, 1.5695476680994034))).toMatch(/^right/);
  });

  // Noise that grows with the step: the difference of the two is exact where they are equal, and nowhere else.
  test("of the variance of equal numbers", () => {
    for (const x of [1.75, 0.3, 7, 1e-3]) {
      const equal = tensor([x, x], { dtype: "float64" }) as Tensor;
      const spread = (a: Tensor) => [a.reciprocal().variance({ keepDims: true, correction: 1 })];
      expect(checkGradients(spread, [equal]).verdict).not.toBe("wrong");
    }
  });

  // The last of these was found earlier.
  const scale = fc.double({ min: 0, max: 9, noNaN: true }).map((exponent) => 10 ** exponent);
  const place = fc.oneof(fc.constant(0), fc.double({ min: -30, max: 30, noNaN: true }));
  type Family = (k: number, x: number) => [f: (x: Tensor) => Tensor, x: number];
  const families: Record<string, Family> = {
    "sin(kx)": (k, x) => [(a) => a.mul(k).sin() as Tensor, x],
    "exp(sin(kx))": (k, x) => [(a) => a.mul(k).sin().exp() as Tensor, x],
    "|sin(kx)|": (k, x) => [(a) => a.mul(k).sin().abs() as Tensor, x],
    "x + sin(kx)/k": (k, x) => [(a) => a.mul(k).sin().div(k).add(a) as Tensor, x],
    "cos(tan x) at a distance of 1/√k from a pole": (k, x) => [
      (a) => a.tan().cos() as Tensor,
      (Math.round(x / Math.PI) + 0.5) * Math.PI - Math.sign(x || 1) / Math.sqrt(k),
    ],
    "sin(1/x) at 1/k": (k, x) => [(a) => a.reciprocal().sin() as Tensor, (1 + Math.abs(x)) / (10 * k)],
    "cos(expm1(2x)) at log k": (k, x) => [
      (a) => a.mul(2).expm1().cos() as Tensor,
      Math.log(k) + Math.abs(x) / 30,
    ],
  };
  test.each(Object.entries(families))("of %s", (_name, family) => {
    fc.assert(
      fc.property(scale, place, (k, x) => expectNotWrong(...family(k, x))),
      trials(60, 1000),
    );
  });
});

/** sin x, whose derivative is off by a factor. */
const wrongSine = (factor: number) =>
  definePrimitive({
    name: "wrongSine",
    shape: ([shape]) => shape!,
    value([x], out) {
      x!.data.forEach((value: number, i: number) => {
        out[i] = Math.sin(value);
      });
    },
    pullback: ({ inputs: [x] }, dy) => [dy.mul(x!.cos().mul(factor))],
  });

describe("wrong rules are found", { timeout: 600_000 }, () => {
  // Seven digits of a constant, 0.1%, a factor, a dropped derivative, a sign.
  const factors = fc.constantFrom(1 + 1e-7, 1.001, 2, 0, -1);
  // Not where the derivative vanishes: nothing is wrong with a part of nothing.
  const place = fc.double({ min: 1, max: 3, noNaN: true });
  const far = (k: number, x: number) => (Math.round((k * x) / Math.PI) * Math.PI + 0.3) / k;

  test.each([
    ["sin(kx)", (a: Tensor) => a],
    ["exp(sin(kx))", (a: Tensor) => a.exp() as Tensor],
    ["sin(kx)·|sin(kx)|", (a: Tensor) => a.mul(a.abs()) as Tensor],
  ] as const)("in %s", (_name, outer) => {
    const scale = fc.double({ min: 0, max: 2, noNaN: true }).map((exponent) => 10 ** exponent);
    fc.assert(
      fc.property(factors, scale, place, (factor, k, x) => {
        const sine = wrongSine(factor);
        const report = check((a) => outer(sine(a.mul(k) as Tensor)), far(k, x));
        expect(`${report.verdict} ${report.guilty?.operation}`).toBe("wrong wrongSine");
      }),
      trials(60, 1000),
    );
  });

  test("also far beyond what extrapolation can follow, where they are grossly wrong", () => {
    const scale = fc.double({ min: 2, max: 8, noNaN: true }).map((exponent) => 10 ** exponent);
    fc.assert(
      fc.property(fc.constantFrom(2, -1), scale, place, (factor, k, x) => {
        const sine = wrongSine(factor);
        expect(check((a) => sine(a.mul(k) as Tensor), far(k, x)).verdict).toBe("wrong");
      }),
      trials(60, 1000),
    );
  });
});
