// What the examples print, each in a process of its own. They are made one file each first: a process that strips the types
// of every source again is there later by a second.

import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
// In the package, whose dependencies hold data.
const cache = join(root, "packages/examples/.cache");
mkdirSync(cache, { recursive: true });
const folder = mkdtempSync(join(cache, "examples-"));
afterAll(() => rmSync(folder, { recursive: true }));

const names = ["activation", "free-fall", "grounded-example", "xor"];

beforeAll(async () => {
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

test("activation: mish is printed with its derivative, its first three derivatives at 0, and the error it learns to", async () => {
  const printed = await run("activation");
  expect(printed).toContain("mish(x) = x·tanh(softplus(x))");
  expect(printed).toContain("tanh(softplus(x)) + x·logistic(x)·(1 − tanh(softplus(x))²)");
  // tanh(ln 2) = 3/5; the others by hand: 2·(1 − 9/25)/2 = 16/25, −12/125.
  expect(printed).toMatch(/^ +0 +0\.000000 +0\.600000 +0\.640000 +-0\.096000$/m);
  expect(printed).toMatch(/relu +not smooth at x = 0/);
  expect(lastNumber(printed, "after 600 steps")).toBeLessThan(0.002);
});
