// Experiments that predict distributions.

import { beforeAll, describe, expect, test } from "vitest";
import { loadWeather } from "../../packages/examples/src/data/weather.ts";
import { runExperiment, type Shown } from "./run.ts";

describe("flow", () => {
  let shown: Shown;
  beforeAll(async () => {
    shown = await runExperiment("flow");
  });

  test("−log p falls on points held out, and never below what the true density gives by more than chance", () => {
    const heldOut = shown.ys("Training of the flow", "held out");
    expect(heldOut.at(-1)).toBeLessThan(heldOut[0]! - 1);
    expect(shown.measured("how much more the flow has")).toBeGreaterThan(-0.05);
  });

  test("log |det J| is what slogdet gives of the Jacobian, and both densities integrate to one", () => {
    // In float32, through some layers.
    expect(shown.measured("greatest difference of log |det J|")).toBeLessThan(1e-4);
    expect(shown.measured("the true density over the square")).toBeCloseTo(1, 2);
    // A flow at its beginning still reaches out of the square.
    expect(Math.abs(shown.measured("the flow's density over the square") - 1)).toBeLessThan(0.1);
  });

  test("draws lie where the points lie: their means and spreads agree", () => {
    for (const axis of ["x", "y"] as const) {
      const [given, drawn] = [
        shown.layer("Held out", "held out")[axis],
        shown.layer("Drawn from the flow", "drawn")[axis],
      ];
      const moments = (values: readonly number[]) => {
        const mean = values.reduce((sum, each) => sum + each, 0) / values.length;
        return [mean, Math.sqrt(values.reduce((sum, each) => sum + (each - mean) ** 2, 0) / values.length)];
      };
      const [[mean, deviation], [drawnMean, drawnDeviation]] = [moments(given), moments(drawn)] as [
        number[],
        number[],
      ];
      // 200 draws of deviation below 0.9: a standard error of 0.06.
      expect(Math.abs(mean! - drawnMean!)).toBeLessThan(0.3);
      expect(drawnDeviation! / deviation!).toBeGreaterThan(0.7);
      expect(drawnDeviation! / deviation!).toBeLessThan(1.4);
    }
  });

  test("every finding of a full run lies within its spread", () => {
    expect(shown.strays()).toEqual([]);
  });
});

describe("regression", () => {
  let shown: Shown;
  beforeAll(async () => {
    shown = await runExperiment("regression");
  });

  test("there are 1,461 days from 2012 to 2015, each once, with its place in the year", () => {
    const days = loadWeather();
    expect(new Set(days.map(({ date }) => date)).size).toBe(1461);
    expect([days[0]!.date, days.at(-1)!.date]).toEqual(["2012-01-01", "2015-12-31"]);
    expect(days.filter(({ ofYear }) => ofYear === 0).length).toBe(4);
    expect(days[365]).toMatchObject({ date: "2012-12-31", ofYear: 365 });
    expect(days.every(({ high, low }) => high >= low)).toBe(true);
  });

  test("calibrated 90% intervals cover nine tenths of the days held out, within chance", () => {
    // Three divisions of 460 days, calibrated on 400: a standard error of about one percent.
    for (const name of ["ended in time", "trained to the end"])
      expect(Math.abs(shown.measured(`${name}, calibrated`) - 90)).toBeLessThan(5);
  });

  test("the wider interval holds the narrower one, on every day that is drawn", () => {
    const bands = shown.titled("chart", "Seattle, summer").layers.filter((layer) => layer.mark === "band");
    const [ninety, eighty] = bands;
    expect(bands.length).toBe(2);
    for (let day = 0; day < 92; day++) {
      expect(ninety!.low[day]).toBeLessThan(eighty!.low[day]! + 0.5);
      expect(ninety!.high[day]).toBeGreaterThan(eighty!.high[day]! - 0.5);
    }
  });

  test("every finding of a full run lies within its spread", () => {
    expect(shown.strays()).toEqual([]);
  });
});
