// Experiments with text.

import { beforeAll, describe, expect, test } from "vitest";
import { runExperiment, type Shown } from "./run.ts";

describe("next-word", () => {
  let shown: Shown;
  beforeAll(async () => {
    shown = await runExperiment("next-word");
  });

  test("training starts at the perplexity of the words' shares and goes below it", () => {
    const unigram = shown.measured("perplexity by the shares");
    const heldOut = shown.ys("Perplexity", "held out");
    expect(heldOut[0]! / unigram).toBeCloseTo(1, 1);
    expect(heldOut.at(-1)).toBeLessThan(0.98 * unigram);
  });

  test("the likeliest words are given from the likeliest on, and their probabilities are shares of one", () => {
    const charts = shown.titled("group", "The likeliest next words").parts;
    expect(charts.length).toBe(4);
    for (const view of charts) {
      const bars = view.kind === "chart" ? view.layers[0] : undefined;
      if (bars?.mark !== "bars") throw new Error("no bars");
      expect(bars.values).toEqual([...bars.values].sort((a, b) => b - a));
      expect(bars.values.at(-1)).toBeGreaterThan(0);
      expect(bars.values.reduce((sum, each) => sum + each, 0)).toBeLessThan(100);
    }
  });

  test("every finding of a full run lies within its spread", () => {
    expect(shown.strays()).toEqual([]);
  });
});

describe("characters", () => {
  let shown: Shown;
  beforeAll(async () => {
    shown = await runExperiment("characters");
  });

  test("held-out cross-entropy starts at about log₂ of the number of signs, and ends below that of how often each occurs", () => {
    const view = shown.views.find((each) => each.kind === "chart" && each.title.includes("weights"));
    const title = view?.kind === "chart" ? view.title : "";
    const heldOut = shown.ys(title, "held out");
    // Between 64 and 128 signs.
    expect(heldOut[0]).toBeGreaterThan(5.8);
    expect(heldOut[0]).toBeLessThan(7.2);
    expect(heldOut.at(-1)).toBeLessThan(shown.measured("by how often each sign occurs"));
    expect(shown.measured("programs made")).toBe(1);
  });

  test("a row of a head's weights sums to one, and nothing looks into the future", () => {
    const heads = shown.views.filter((view) => view.kind === "grid");
    expect(heads.length).toBeGreaterThanOrEqual(2);
    for (const { rows, columns, values, rowNames } of heads) {
      expect([rows, columns]).toEqual([rowNames.length, rowNames.length]);
      for (let i = 0; i < rows; i++) {
        const row = [...values.subarray(i * columns, (i + 1) * columns)];
        expect(row.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 5);
        expect(row.slice(i + 1).every((each) => each === 0)).toBe(true);
      }
    }
  });

  test("it writes text that goes on from its beginning", () => {
    const text = shown.views.find((view) => view.kind === "text");
    expect(text?.kind === "text" ? text.text : "").toMatch(/The whale [\s\S]{20}/);
  });

  test("every finding of a full run lies within its spread", () => {
    expect(shown.strays()).toEqual([]);
  });
});
