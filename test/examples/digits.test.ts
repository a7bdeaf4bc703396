// The handwritten digits, and the experiments that read them. Their full training is `npm start`, which fails below 97%; the
// convolutional network fails below 98.5%.

import { randomKey } from "@adjoint/autograd";
import { beforeAll, describe, expect, test } from "vitest";
import { type Digits, divide, imageAt, loadDigits, side } from "../../packages/examples/src/data/mnist.ts";
import { warpedBatches, warper } from "../../packages/examples/src/data/warp.ts";
import { runExperiment, type Shown } from "./run.ts";

describe.each(["digits", "digits-convolutional"])("%s", (name) => {
  let shown: Shown;
  beforeAll(async () => {
    shown = await runExperiment(name);
  });

  test("most of the images held out are read rightly, as the diagonal of the confusion matrix says", () => {
    const { rows, values } = shown.titled("grid", "Held-out images");
    const right = Array.from({ length: rows }, (_, i) => values[i * rows + i]!).reduce(
      (sum, n) => sum + n,
      0,
    );
    const total = values.reduce((sum, n) => sum + n, 0);
    const measured = shown.measured("held-out images read rightly");
    expect(measured).toBeCloseTo((100 * right) / total, 3);
    // Guessing is right in 10%.
    expect(measured).toBeGreaterThan(70);
  });

  test("the surest mistakes are mistakes, the surest first, with their images", () => {
    const cards = shown.titled("group", "The surest mistakes").parts;
    expect(cards.length).toBeGreaterThan(2);
    const said = cards.map((card) =>
      /^a (\d) read as (\d), (\d+)%$/.exec(card.kind === "grid" ? card.title : ""),
    );
    for (const match of said) expect(match![1]).not.toBe(match![2]);
    const sureness = said.map((match) => Number(match![3]));
    expect(sureness).toEqual([...sureness].sort((a, b) => b - a));
    for (const card of cards) if (card.kind === "grid") expect(Math.max(...card.values)).toBeGreaterThan(0.5);
  });

  test("training ends with a lower loss than it began with, on both kinds of images", () => {
    for (const curve of ["training, warped", "held out"]) {
      const losses = shown.ys("Loss", curve);
      expect(losses.at(-1), curve).toBeLessThan(losses[0]!);
    }
  });

  test("every finding of a full run lies within its spread", () => {
    expect(shown.strays()).toEqual([]);
  });
});

describe("the digits", () => {
  let digits: Digits;
  beforeAll(() => {
    digits = loadDigits();
  });
  const pixels = side * side;
  const bytesOf = (image: Float32Array) =>
    Buffer.from(image.buffer, image.byteOffset, image.byteLength).toString("latin1");
  const imagesOf = (set: Digits) => Array.from(set.labels, (_, place) => bytesOf(imageAt(set, place)));

  test("there are 10,000 images of 28×28 pixels from 0 to 1, each digit at least 800 times", () => {
    expect(digits.labels.length).toBe(10_000);
    expect(digits.pixels.length).toBe(10_000 * pixels);
    expect(digits.pixels.every((ink) => ink >= 0 && ink <= 1)).toBe(true);
    const counts = new Array<number>(10).fill(0);
    for (const label of digits.labels) counts[label]!++;
    expect(counts.length).toBe(10);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(800);
  });

  test("no image occurs twice, so none that is trained on is held out", () => {
    expect(new Set(imagesOf(digits)).size).toBe(10_000);
    const { training, heldOut } = divide(digits, 2000, randomKey(1));
    const trained = new Set(imagesOf(training));
    expect(imagesOf(heldOut).filter((image) => trained.has(image))).toEqual([]);
    expect([trained.size, heldOut.labels.length]).toEqual([8000, 2000]);
  });

  test("dividing keeps every image with its label", () => {
    const labelOf = new Map(imagesOf(digits).map((image, place) => [image, digits.labels[place]!]));
    const { training, heldOut } = divide(digits, 2000, randomKey(2));
    for (const part of [training, heldOut]) {
      expect(imagesOf(part).map((image) => labelOf.get(image))).toEqual(Array.from(part.labels));
    }
  });

  test("equal keys divide equally and others otherwise", () => {
    const labels = (seed: number) => Array.from(divide(digits, 100, randomKey(seed)).heldOut.labels);
    expect(labels(3)).toEqual(labels(3));
    expect(labels(3)).not.toEqual(labels(4));
  });

  test("an epoch's warped batches have every image once, with its label, and another epoch another order", () => {
    const { heldOut } = divide(digits, 100, randomKey(5));
    const limits = { shift: 0, turn: 0, slant: 0, resize: 0 };
    const epoch = (batchSize: number, seed: number) => [
      ...warpedBatches(heldOut, { batchSize, limits })(0, randomKey(seed)),
    ];
    const whole = (seed: number) => {
      const batches = epoch(20, seed);
      expect(batches.map(({ x }) => x.shape)).toEqual(new Array(5).fill([20, 1, side, side]));
      return batches.flatMap(({ x, y }) =>
        Array.from(y.data, (label, i) => ({
          label,
          image: bytesOf(Float32Array.from(x.data.subarray(i * pixels, (i + 1) * pixels))),
        })),
      );
    };
    // between() leaves the last row and column bare; so are they in these images.
    const labelOf = new Map(imagesOf(heldOut).map((image, place) => [image, heldOut.labels[place]!]));
    const first = whole(1);
    expect(new Set(first.map(({ image }) => image)).size).toBe(100);
    for (const { label, image } of first) expect(label).toBe(labelOf.get(image));
    expect(whole(1)).toEqual(first);
    expect(whole(2)).not.toEqual(first);
    expect(epoch(30, 1).length).toBe(3);
  });

  test("a warp without limits to its name copies the image, and any other stays within 0 to 1", () => {
    const image = imageAt(digits, 0);
    const target = new Float32Array(2 * pixels);
    warper(randomKey(1), 1, { shift: 0, turn: 0, slant: 0, resize: 0 })(image, 0, target, pixels);
    // between() leaves the last row and column bare, as they are in this image.
    expect(target.subarray(pixels)).toEqual(image);
    expect(target.subarray(0, pixels).every((ink) => ink === 0)).toBe(true);
    warper(randomKey(1), 1, { shift: 2, turn: 0.5, slant: 0.5, resize: 0.3 })(image, 0, target, 0);
    expect(target.every((ink) => ink >= 0 && ink <= 1)).toBe(true);
    expect(target.subarray(0, pixels)).not.toEqual(image);
  });
});
