// Every activation of the package, whatever its name: what it says of itself in data is put to the test.

import {
  type Activation,
  compile,
  differentiate,
  grad,
  hessian,
  scalar,
  type Tensor,
  tensor,
} from "@adjoint/autograd";
import * as nn from "@adjoint/nn";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exactValue } from "../support/exact-value.ts";
import { ridders } from "../support/numerical.ts";
import { trials } from "../support/runs.ts";

const isActivation = (value: unknown): value is Activation =>
  typeof value === "function" && "kinks" in value && "psi" in value;

/** Activations with a number to choose, of which a few are put to the test. */
const chosen: Readonly<Record<string, readonly Activation[]>> = {
  leakyReluOf: [nn.leakyReluOf(0.2), nn.leakyReluOf(1.5)],
  celuOf: [nn.celuOf(0.5), nn.celuOf(2)],
  thresholdOf: [nn.thresholdOf(0.5, -0.25), nn.thresholdOf(-1, -1), nn.thresholdOf(-1e-4, 2.5)],
};

const activations = [
  ...Object.entries(nn).filter((entry): entry is [string, Activation] => isActivation(entry[1])),
  ...Object.values(chosen).flatMap((each) => each.map((phi): [string, Activation] => [String(phi), phi])),
];

test("every activation with a number to choose is among those that are put to the test", () => {
  const makers = Object.entries(nn).filter(([, value]) => {
    return typeof value === "function" && / activation\("/.test(String(value)) && !isActivation(value);
  });
  expect(makers.map(([name]) => name).sort()).toEqual(Object.keys(chosen).sort());
});

const point = fc.integer({ min: -6 * 2 ** 16, max: 6 * 2 ** 16 }).map((n) => n / 2 ** 16);
/** How far from a kink numbers must be for a difference quotient not to reach across it. */
const reach = 0.05;
const awayFrom = (kinks: readonly number[]) =>
  point.filter((x) => kinks.every((kink) => Math.abs(x - kink) > 2 * reach));
const derivative = (phi: Activation, x: number) =>
  grad((t: Tensor) => phi(t).sum())(tensor(x, { dtype: "float64" }) as Tensor).item();

test("the package has the activations that the lecture names, and the field's", () => {
  const names = activations.map(([name]) => name);
  expect(names).toEqual(
    expect.arrayContaining([
      "step",
      "sign",
      "linear",
      "logistic",
      "sigmoid",
      "tanh",
      "relu",
      "leakyRelu",
      "elu",
      "gelu",
      "silu",
      "softplus",
      "softsign",
      "selu",
      "mish",
      "hardTanh",
      "hardSwish",
    ]),
  );
});

/** Terms as large as 1 and x may cancel to a small value: what they are rounded by stays (gelu far below 0). */
const measured = (value: number, x: number) => ({
  value,
  error: 8 * Number.EPSILON * (1 + Math.abs(x) + Math.abs(value)),
});

/** The float types, each with the gap after 1 and the least number that keeps all digits. */
const floats = [
  ["float32", 2 ** -23, 2 ** -126],
  ["float64", 2 ** -52, 2 ** -1022],
] as const;

/** Whether the derivative is computed from the output, of which too little is left next to 1. */
const isOfOutput = ({ name }: Activation) => ["logistic", "tanh"].includes(name);

describe.each(activations)("%s", (_name, phi) => {
  test("has the derivative that differences of its values have, and the same of its derivative", () => {
    fc.assert(
      fc.property(awayFrom(phi.kinks), (x) => {
        const first = ridders((v) => measured(phi(v), v), x, reach);
        expect(Math.abs(derivative(phi, x) - first.value)).toBeLessThanOrEqual(first.error);
        const second = ridders((v) => measured(derivative(phi, v), v), x, reach);
        const exact = hessian((t: Tensor) => phi(t).sum())(
          tensor(x, { dtype: "float64" }) as Tensor,
        ) as Tensor;
        expect(Math.abs(exact.item() - second.value)).toBeLessThanOrEqual(second.error);
      }),
      trials(60),
    );
  });

  test("gives a number, a tensor and a scalar the same value and slope", () => {
    fc.assert(
      fc.property(point, (x) => {
        const s = scalar(x);
        const y = phi(s);
        y.backward();
        const t = phi(tensor(x, { dtype: "float64" }) as Tensor).item();
        expect([y.value, t]).toEqual([phi(x), phi(x)]);
        // One more multiplication by 1 on either side may round differently.
        expect(Math.abs(s.grad - derivative(phi, x))).toBeLessThanOrEqual(
          4 * Number.EPSILON * Math.abs(s.grad),
        );
      }),
      trials(60),
    );
  });

  test("has a ψ whose value at the output is the derivative, where it has one", () => {
    const { psi } = phi;
    if (psi === undefined) {
      // Then none can exist: two inputs of one output and different slopes are the proof.
      expect(sharesAnOutput(phi)).toBe(true);
      return;
    }
    fc.assert(
      fc.property(point, (x) => {
        // y is rounded, and ψ amplifies that by its slope, which is at most 2 here.
        expect(Math.abs(psi(phi(x)) - derivative(phi, x))).toBeLessThanOrEqual(
          8 * Number.EPSILON * (1 + Math.abs(phi(x))),
        );
      }),
      trials(100),
    );
  });

  test("stays within its range and comes near to both ends", () => {
    const [low, high] = phi.range;
    const values = [...Array.from({ length: 2001 }, (_, i) => (i - 1000) / 50), -1000, 1000].map((x) =>
      phi(x),
    );
    const [least, greatest] = [Math.min(...values), Math.max(...values)];
    // The rounding of one value.
    const slack = 2 * Number.EPSILON;
    expect(least).toBeGreaterThanOrEqual(low - slack);
    expect(greatest).toBeLessThanOrEqual(high + slack);
    if (Number.isFinite(low)) expect(least - low).toBeLessThan(1e-3);
    else expect(least).toBeLessThan(-5);
    if (Number.isFinite(high)) expect(high - greatest).toBeLessThan(1e-3);
    else expect(greatest).toBeGreaterThan(500);
  });

  test("keeps the digits of its value and its slope far out on either side, in both float types", () => {
    for (const x of [-60, -8, 8, 60]) {
      const exact = [phi.expression, differentiate(phi.expression)].map((e) =>
        exactValue(e, [x])!.value.toNumber(),
      );
      for (const [dtype, epsilon, least] of floats) {
        const at: Tensor = tensor([x], { dtype });
        const found = [phi(at), ...(isOfOutput(phi) ? [] : [grad((t: Tensor) => phi(t).sum())(at)])];
        found.forEach((value, order) => {
          // e^(−u²) multiplies a rounding of u by 2u², e^u by u, and at most ten roundings reach either.
          const room = 10 * epsilon * x * x * Math.abs(exact[order]!) + least;
          const error = Math.abs(value.item() - exact[order]!);
          expect(error, `order ${order} at ${x} in ${dtype}: ${value.item()}`).toBeLessThanOrEqual(room);
        });
      }
    }
  });

  test("has finite values next to the ends of the range of floats", () => {
    // Not the very ends, since slopes go up to 1.5.
    const ends = [
      ["float32", 2e38],
      ["float64", 1.1e308],
    ] as const;
    for (const [dtype, end] of ends)
      for (const x of [-end, end]) {
        const at: Tensor = tensor([x], { dtype });
        expect(Number.isFinite(phi(at).item()), `at ${x} in ${dtype}`).toBe(true);
        expect(Number.isFinite(compile((t: Tensor) => phi(t))(at).item()), `compiled at ${x}`).toBe(true);
      }
  });

  test("has finite values and derivatives far out", () => {
    for (const x of [-1000, -40, 40, 1000]) {
      expect(Number.isFinite(phi(x))).toBe(true);
      expect(Number.isFinite(derivative(phi, x))).toBe(true);
    }
  });
});

/** Whether two inputs are found that give one output and have different slopes. */
function sharesAnOutput(phi: Activation): boolean {
  const xs = Array.from({ length: 4001 }, (_, i) => -5 + i / 400);
  for (let i = 1; i < xs.length; i++) {
    const [a, b] = [xs[i - 1]!, xs[i]!];
    if (phi(b) >= phi(a)) continue;
    // Falling here: further out or back it takes the same values again with the other sign of slope.
    const match = xs.find(
      (x, j) => j > 0 && phi(x) > phi(xs[j - 1]!) && phi(xs[j - 1]!) <= phi(a) && phi(a) <= phi(x),
    );
    if (match !== undefined) return true;
  }
  return false;
}

test("tanh is a rescaled logistic function", () => {
  fc.assert(
    fc.property(point, (x) => {
      // 2σ(2x) − 1 cancels near 0, absolutely by one rounding of 1.
      expect(Math.abs(nn.tanh(x) - (2 * nn.logistic(2 * x) - 1))).toBeLessThanOrEqual(4 * Number.EPSILON);
    }),
    trials(100),
  );
});

test("softsign's slope keeps its digits far out, where it is a difference of nearly equal numbers", () => {
  for (const x of [1e4, -1e8]) {
    const exact = (1 + Math.abs(x)) ** -2;
    // Three roundings, and one of the oracle's three.
    expect(Math.abs(derivative(nn.softsign, x) / exact - 1)).toBeLessThan(6 * Number.EPSILON);
  }
});
