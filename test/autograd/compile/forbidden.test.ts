// Engines that have WebAssembly, or a part of it, and may not use it. Each runs in a process of its own, which lacks
// something before the package is loaded.

import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { afterAll, describe, expect, test } from "vitest";

// Bundled once: a process that loads two files starts a second sooner than one that loads every source.
const folder = fileURLToPath(new URL("./.scratch/forbidden/", import.meta.url));
const build = await rolldown({
  input: fileURLToPath(new URL("./forbidden.fixture.ts", import.meta.url)),
  platform: "node",
  resolve: { conditionNames: ["@adjoint/source", "import", "default"] },
});
await build.write({ dir: folder, format: "esm", entryFileNames: "script.mjs" });
const script = `${folder}script.mjs`;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function linesWithout(lack: string): string[] {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, lack], { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return stdout.trim().split("\n");
}

describe("what needs no WebAssembly", () => {
  const absent = linesWithout("WebAssembly");

  test("the script computes", () => {
    expect(absent).toHaveLength(10);
    expect(absent.join()).not.toMatch(/Error|NaN/);
    expect(absent.slice(-2)).toEqual(["prepared 14", "scalar 6"]);
  });

  test.each([
    ["compiling is not permitted", "permission"],
    ["making instances is not permitted", "instances"],
    ["there is no memory for it", "memory"],
    ["there are no finalizers", "finalizers"],
  ])("large eager operations and compiled functions give the same numbers where %s", (_, lack) => {
    expect(linesWithout(lack)).toEqual(absent);
  });
});

test("where memory does not grow, eager operations go on, and a program that needs more says so and changes nothing", () => {
  const [whole, growth] = [linesWithout("nothing"), linesWithout("growth")];
  const isAbout = (name: string) => (line: string) => line.startsWith(name);
  for (const name of ["elements", "product", "extremes", "prepared", "scalar"])
    expect(growth.find(isAbout(name))).toBe(whole.find(isAbout(name)));
  const [first, second, small] = growth.filter(isAbout("compiled"));
  expect(first).toMatch(/^compiled RangeError compile: \d+ MiB of memory are needed/);
  expect(second).toBe(first);
  expect(small).toBe("compiled 2 2 4 4");
  // The variable's first value.
  expect(growth.find(isAbout("variable"))).toMatch(/^variable 2000 -0\.5 /);
});
