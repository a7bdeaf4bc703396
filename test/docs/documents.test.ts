// Every TypeScript block of the documents is run as a reader would run it, so that they can't drift from the code.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
// Beside the tests, so that the packages are found as they are from any of the project's files.
const scratch = `${root}test/docs/.scratch/`;

beforeAll(() => mkdirSync(scratch, { recursive: true }));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function blocksOf(document: string): string[] {
  const text = readFileSync(`${root}${document}`, "utf8");
  return [...text.matchAll(/^```ts(?: own-atom)?\n([\s\S]*?)^```$/gm)].map(([, code]) => code!);
}

function run(name: string, code: string): string {
  const file = `${scratch}${name}.ts`;
  writeFileSync(file, code);
  return execFileSync(process.execPath, ["--import", "tsx", "--conditions=@adjoint/source", file], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
}

describe.each([
  "README.md",
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  "docs/checking.md",
  "packages/autograd/README.md",
  "packages/nn/README.md",
])("%s", (document) => {
  const blocks = blocksOf(document);

  test.each(blocks.map((code, i) => [i + 1, code] as const))("block %i runs", (i, code) => {
    const output = run(`${document.replaceAll("/", "-")}-${i}`, code);
    expect(output).not.toBe("");
    // What a comment beside console.log promises is what is printed.
    for (const [, promised] of code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm))
      expect(output).toContain(promised);
  });
});
