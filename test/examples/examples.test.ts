// What the examples print, each in a process of its own; and the digits that one of them reads. They are made one file
// each first: a process that strips the types of every source again is there later by a second. The digits' training itself
// is `npm start`, which runs from sources and fails below 97%; a convolutional network fails below 98.5%.

import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { randomKey } from "@adjoint/autograd";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Digits, divide, imageAt, loadDigits, side } from "../../packages/examples/src/data/mnist.ts";
import { warpedBatches, warper } from "../../packages/examples/src/data/warp.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
// In the package, whose dependencies hold data.
const cache = join(root, "packages/examples/.cache");
mkdirSync(cache, { recursive: true });
const folder = mkdtempSync(join(cache, "examples-"));
afterAll(() => rmSync(folder, { recursive: true }));

const names = [
  "characters",
  "copy-task",
  "flow",
  "free-fall",
  "gradient-norms",
  "grounded-example",
  "overfitting",
  "xor",
];

beforeAll(async () => {
  // Data that an example reads beside itself.
  const book = "moby-dick.txt.gz";
  copyFileSync(join(root, "packages/examples/src/data", book), join(folder, book));
  const build = await rolldown({
    cwd: root,
    input: Object.fromEntries(names.map((name) => [name, `./packages/examples/src/${name}.ts`])),
    platform: "node",
    resolve: { conditionNames: ["@adjoint/source", "node", "import", "default"] },
  });
  await build.write({
    dir: folder,
    format: "esm",
    entryFileNames: "[name].mjs",
    chunkFileNames: "[name].mjs",
  });
}, 60_000);

/** What an example prints, without a terminal. Rejects where it exits with anything but 0. */
function run(name: string, ...options: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [join(folder, `${name}.mjs`), ...options],
      { cwd: root, env: { ...process.env, NO_COLOR: "1" } },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`${name}: ${error.message}\n${stderr}`));
      },
    );
  });
}

/** The last number on the line that starts with these words, leaving out units. */
function lastNumber(text: string, start: string): number {
  const line = text.split("\n").find((each) => each.startsWith(start));
  return Number(line?.match(/-?[\d.]+(?=\D*$)/)?.[0] ?? Number.NaN);
}

describe("grounded-example", () => {
  let printed: string;
  beforeAll(async () => {
    printed = await run("grounded-example");
  });

  test("the lecture's numbers are printed in the lecture's order, to its three digits", () => {
    const numbers = printed.slice(printed.indexOf("Feedforward"), printed.indexOf("The same gradients"));
    expect(numbers.match(/-?\d\.\d{3}/g)?.map(Number)).toEqual([
      ...[1, 0, 1, 1, 0.55, 0.711, 0.512, 0.67],
      ...[-0.488, 0, -0.06, -0.01],
      ...[-0.488, -0.269, -0.347, -0.06, -0.01, 0, 0, -0.06, -0.01],
    ]);
  });

  test("grad() and the scalar engine agree with backpropagation() to the last bits", () => {
    expect(printed).toMatch(/grad\(\) of the loss +below 1e-15/);
    expect(printed).toMatch(/the scalar engine +below 1e-15/);
  });

  test("only the corrected matrices give the new prediction 0.722", () => {
    expect(printed).toMatch(/Feedforward again\n +ŷ +0\.722/);
    expect(printed).toContain("would predict 0.597; the corrected ones predict 0.722");
  });
});

test("xor: one neuron fails whichever way it is taught, and four hidden neurons solve it", async () => {
  const printed = await run("xor");
  const endings = printed.split("\n").filter((line) => line.includes(" of 4 right"));
  expect(endings[0]).toBe("  4 of 4 right");
  expect(Number.parseInt(endings[1]!, 10)).toBeLessThan(4);
  expect(Number.parseInt(endings[2]!, 10)).toBeLessThan(4);
  expect(endings[3]).toBe("  4 of 4 right");
  expect(printed).toContain("XOR: still mistaken");
  expect(printed).toContain("loss 0.6931");
  expect(printed).toContain("1 hidden: solved from 0 of 10");
});

test("free-fall: no network without a hidden layer comes within two metres everywhere, and four hidden neurons do", async () => {
  const printed = await run("free-fall");
  expect(lastNumber(printed, "none, linear")).toBeGreaterThan(2);
  expect(lastNumber(printed, "none, logistic")).toBeGreaterThan(2);
  expect(lastNumber(printed, "4, linear")).toBeLessThan(1);
});

test("flow: the flow's covariance becomes that of the points, and the loss is lower than that of independent ones", async () => {
  const printed = await run("flow");
  const [flow, points] = [...printed.matchAll(/covariance of the [\s\S]*?\]\]/g)].map(([text]) =>
    text.match(/-?\d+\.\d+/g)!.map(Number),
  );
  // Printed to four digits, of numbers below 4.
  for (const [i, x] of flow!.entries()) expect(Math.abs(x - points![i]!)).toBeLessThan(0.002);
  expect(lastNumber(printed, "epoch 400")).toBeLessThan(1);
});

test("characters: a small transformer's held-out loss falls by one, its step is compiled once, and it writes text", async () => {
  const size = ["--layers", "1", "--width", "32"];
  const printed = await run("characters", "--steps", "60", ...size, "--letters", "25");
  const rows = [...printed.matchAll(/^ +(\d+) +(\d\.\d+|–) +(\d\.\d+)/gm)];
  expect(rows.map(([, step]) => Number(step))).toEqual([0, 6, 12, 18, 24, 30, 36, 42, 48, 54, 60]);
  // Before training all of the 89 characters are about equally likely: ln 89 = 4.49.
  expect(Math.abs(Number(rows[0]![3]) - 4.49)).toBeLessThan(0.5);
  expect(Number(rows.at(-1)![3])).toBeLessThan(Number(rows[0]![3]) - 1);
  expect(lastNumber(printed, "programs made")).toBe(1);
  const text = printed.slice(printed.indexOf("The whale ")).trimEnd();
  expect([...text].length).toBeGreaterThan(25);
});

describe("gradient-norms", () => {
  let rows: Record<number, number[]>[];
  beforeAll(async () => {
    const printed = await run("gradient-norms");
    rows = printed
      .split("\n\n")
      .slice(0, 2)
      .map((part) =>
        Object.fromEntries(
          [...part.matchAll(/^ +(\d+)((?: +\d\.\de[+-]\d+)+)$/gm)].map(([, size, norms]) => [
            Number(size),
            norms!.trim().split(/ +/).map(Number),
          ]),
        ),
      );
  });

  test("through 64 layers the logistic function lets nothing of the gradient through, tanh and relu a part, and residual layers all", () => {
    const [logistic, tanh, relu, residual] = rows[0]![64]!;
    expect(logistic).toBeLessThan(1e-30);
    expect(tanh).toBeGreaterThan(1e-3);
    expect(relu).toBeGreaterThan(1e-3);
    expect(residual).toBeGreaterThan(rows[0]![2]![3]!);
  });

  test("through 1,024 steps nothing arrives in a plain cell, and in an LSTM whose forget gates start open a hundredth does", () => {
    const [plain, , , open] = rows[1]![1024]!;
    expect(plain).toBeLessThan(1e-200);
    expect(open).toBeGreaterThan(rows[1]![2]![3]! / 1000);
  });
});

test("copy-task: the plain cell guesses, and the LSTM is always right", async () => {
  const printed = await run("copy-task");
  const share = (name: string) => Number(printed.match(new RegExp(`^${name} +([\\d.]+)%`, "m"))?.[1]);
  expect(share("plain cell")).toBeLessThan(40);
  expect(share("LSTM")).toBe(100);
});

test("overfitting: validation loss is far above training loss at the end, and each of the four cures has a lower test loss", async () => {
  const printed = await run("overfitting", "--seeds", "1", "--epochs", "12");
  const rows = [...printed.matchAll(/^ +(\d+) +(\d\.\d+) +(\d\.\d+)$/gm)].map((row) =>
    row.slice(1).map(Number),
  );
  const [epoch, training, validation] = rows.at(-1)!;
  expect(epoch).toBe(12);
  expect(validation).toBeGreaterThan(10 * training!);
  const testLoss = (name: string) =>
    Number(printed.match(new RegExp(`^${name} .*? ± .*? (\\d\\.\\d+) ±`, "m"))?.[1]);
  for (const cure of ["L2", "dropout", "batch normalisation", "early stopping"])
    expect(testLoss(cure), cure).toBeLessThan(testLoss("nothing"));
}, 60_000);

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
