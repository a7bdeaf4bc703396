// Experiments about gradients that vanish.

import { beforeAll, describe, expect, test } from "vitest";
import { runExperiment, type Shown } from "./run.ts";

describe("gradient-norms", () => {
  let shown: Shown;
  beforeAll(async () => {
    shown = await runExperiment("gradient-norms");
  });
  const last = (chart: string, name: string) => shown.ys(chart, name).at(-1)!;
  const layers = "The gradient of the first layer's weights";
  const steps = "The gradient of the last output";

  test("through 64 layers logistic neurons let nothing of the gradient through, tanh and relu a part, and residual layers more than all", () => {
    expect(shown.layer(layers, "tanh").x.at(-1)).toBe(64);
    expect(last(layers, "logistic")).toBeLessThan(1e-30);
    expect(last(layers, "tanh")).toBeGreaterThan(1e-4);
    expect(last(layers, "relu")).toBeGreaterThan(1e-4);
    expect(last(layers, "residual tanh")).toBeGreaterThan(shown.ys(layers, "residual tanh")[0]!);
  });

  test("over 500 steps and more nothing is left in a plain cell, and the more of an LSTM's the wider its forget gates start open", () => {
    expect(shown.layer(steps, "LSTM").x.at(-1)).toBeGreaterThan(500);
    // Too small for float64: a gap.
    expect(last(steps, "plain cell")).toBeNaN();
    const half = shown.measured("a step of an LSTM leaves");
    const one = shown.measured("a step of an LSTM with forget bias 1");
    const six = shown.measured("a step of an LSTM with forget bias 6");
    expect(half).toBeLessThan(one - 0.1);
    expect(one).toBeLessThan(six - 0.1);
    // σ(6) = 0.9975, and what the gates add.
    expect(six).toBeLessThan(1.01);
  });

  test("every finding of a full run lies within its spread", () => {
    expect(shown.strays()).toEqual([]);
  });
});

describe("copy-task", () => {
  let shown: Shown;
  beforeAll(async () => {
    shown = await runExperiment("copy-task");
  });

  test("the plain cell learns to keep a sign over 5 steps, and only guesses where the LSTM is always right", () => {
    const short = shown.layer("After the same training", "plain cell");
    expect([short.x[0], short.y[0]]).toEqual([5, 100]);
    const title = "A sign is kept for";
    expect(shown.ys(title, "plain cell").at(-1)).toBeLessThan(45);
    expect(shown.ys(title, "LSTM").at(-1)).toBeGreaterThan(98);
    expect(shown.measured("longest time kept by the LSTM")).toBeGreaterThan(
      shown.measured("longest time kept by the plain cell"),
    );
  });

  test("every finding of a full run lies within its spread", () => {
    expect(shown.strays()).toEqual([]);
  });
});
