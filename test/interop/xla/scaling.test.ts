// The guide's figures: its table is what the script prints, and what it says is sent is what compiled programs send.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { charactersCase } from "./networks.ts";
import { example, h100, summedNumbers, type Transformer, table, timesOf } from "./on-paper.ts";
import { summed } from "./splits.ts";

const cells = (text: string) =>
  [...text.matchAll(/^\|(.*)\|$/gm)].map(([, row]) =>
    row!.split("|").map((cell) => cell.trim().replace(/^-+:?$/, "-")),
  );

describe("what scaling costs on paper", () => {
  const [blocks, width, context, signs] = [2, 64, 64, 89];
  const characters: Transformer = {
    blocks,
    width,
    context,
    batch: 16,
    // Embeddings of characters and places, the last normalisation, and the layer that reads.
    others: (signs + context + 2 + signs) * width + signs,
  };

  test.each([
    { data: 1, model: 1 },
    { data: 8, model: 1 },
    { data: 1, model: 4 },
    { data: 4, model: 2 },
    { data: 2, model: 4 },
  ])("is of as many numbers as a program over $data × $model devices sums", (layout) => {
    const { gradients, activations } = summedNumbers(characters, layout);
    // What the test of training finds in the compiled programs.
    expect(gradients + activations).toBe(summed(layout, 2, charactersCase(100)));
  });

  test("is less for weights than for gradients as soon as a step has fewer tokens than twice the width", () => {
    const n = 8;
    for (const tokens of [0.5, 0.9, 1.1, 2].map((times) => times * 2 * example.width)) {
      const network = { ...example, context: 64, batch: tokens / 64 };
      const gradients = timesOf(network, { data: n, model: 1 }, h100).gradientBytes;
      const activations = timesOf(network, { data: 1, model: n }, h100).activationBytes;
      // Biases and normalisations, 13 numbers for each 12·width, are left out of the rule.
      expect(activations / gradients).toBeCloseTo(tokens / (2 * example.width), 2);
    }
  });

  test("is in the guide as the script prints it", () => {
    const guide = readFileSync(join(import.meta.dirname, "../../../docs/guides/scaling-out.md"), "utf8");
    expect(cells(guide)).toEqual(cells(table()));
  });
});
