// Experiments about overfitting and about settings.

import { beforeAll, describe, expect, test } from "vitest";
import { runExperiment, type Shown } from "./run.ts";

describe("overfitting", () => {
  let shown: Shown;
  beforeAll(async () => {
    shown = await runExperiment("overfitting");
  });

  test("without a cure the training loss goes on falling, and the validation loss is far above it and rises again", () => {
    const chart = "Nothing done about it";
    const training = shown.ys(chart, "training").at(-1)!;
    const validation = shown.ys(chart, "validation");
    expect(validation.at(-1)).toBeGreaterThan(10 * training);
    expect(validation.at(-1)).toBeGreaterThan(1.05 * Math.min(...validation));
  });

  test("each of the four cures lowers the test loss", () => {
    const [bars] = shown.titled("chart", "Test loss by cure").layers;
    if (bars?.mark !== "bars") throw new Error("no bars");
    expect(bars.labels).toEqual(["nothing", "L2", "dropout", "batch normalisation", "early stopping"]);
    const [nothing, ...cured] = bars.values;
    for (const [i, loss] of cured.entries()) expect(loss, bars.labels[i + 1]).toBeLessThan(nothing!);
  });

  test("every finding of a full run lies within its spread", () => {
    expect(shown.strays()).toEqual([]);
  });
});

describe("hyperparameters", () => {
  let shown: Shown;
  beforeAll(async () => {
    shown = await runExperiment("hyperparameters");
  });

  test("each random trial has a learning rate of its own, while the grid's trials share a few", () => {
    const rates = (name: string) => shown.layer("Trials by learning rate", name).x;
    expect(new Set(rates("random")).size).toBe(rates("random").length);
    expect(new Set(rates("grid")).size).toBeLessThan(rates("grid").length);
    expect(rates("random").length).toBe(rates("grid").length);
  });

  test("all searches end with the same training spent, and what each has found only falls on the way", () => {
    for (const name of ["grid", "random", "halving"]) {
      const found = shown.ys("Lowest loss found", name).filter((loss) => !Number.isNaN(loss));
      expect(found.length).toBeGreaterThan(10);
      expect(found).toEqual([...found].sort((a, b) => b - a));
    }
  });

  test("every finding of a full run lies within its spread", () => {
    expect(shown.strays()).toEqual([]);
  });
});
