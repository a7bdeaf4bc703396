import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { watch } from "../../../packages/notebook/src/run/watch.ts";
import { conditions, scratch } from "./scratch.ts";

test("what is saved is on the page, from the changed cell down; a changed import runs all again and says so", async () => {
  const script = (word: string) =>
    `import { two } from "./helper.ts";\nconsole.log("above", two, Math.random());\n// %% Below\nconsole.log(["it", "${word}"].join("-"));\n`;
  const folder = scratch({ "script.ts": script("before"), "helper.ts": "export const two = 2;\n" });
  const notes: string[] = [];
  const watched = await watch(join(folder, "script.ts"), {
    conditions,
    onOutput: () => {},
    onNote: (note) => notes.push(note),
  });
  onTestFinished(watched.close);
  await watched.first;
  const page = async () => (await fetch(watched.url)).text();
  const above = async () => /above 2 0\.\d+/.exec(await page())?.[0];
  const drawn = await above();
  expect(drawn).toBeDefined();
  expect(await page()).toContain("it-before");

  writeFileSync(join(folder, "script.ts"), script("after"));
  await expect.poll(page, { timeout: 20_000 }).toContain("it-after");
  // A number that would have been drawn anew.
  expect(await above()).toBe(drawn);
  expect(notes).toEqual([]);

  writeFileSync(join(folder, "helper.ts"), "export const two = 22;\n");
  await expect.poll(page, { timeout: 20_000 }).toContain("above 22");
  expect(notes).toEqual([expect.stringContaining("helper.ts has changed, so all cells run again")]);
});

test("files that a script loads are watched while it can't be read, and those that they come to load", async () => {
  const script = 'import { two } from "./helper.ts";\nconsole.log(["it", two].join("-"));\n';
  const folder = scratch({ "script.ts": script, "helper.ts": "export const two = 2;\n" });
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const watched = await watch(join(folder, "script.ts"), { conditions, onOutput: () => {} });
  onTestFinished(watched.close);
  await watched.first;
  const page = async () => (await fetch(watched.url)).text();
  expect(await page()).toContain("it-2");
  write("script.ts", `${script}const = 1;\n`);
  await expect.poll(page, { timeout: 20_000 }).toContain("SyntaxError");
  // The mistake is there when the other file changes.
  await new Promise((done) => setTimeout(done, 300));
  write("helper.ts", 'export { three as two } from "./other.ts";\n');
  write("other.ts", "export const three = 3;\n");
  await new Promise((done) => setTimeout(done, 300));
  write("script.ts", script);
  await expect.poll(page, { timeout: 20_000 }).toContain("it-3");
  write("other.ts", "export const three = 4;\n");
  await expect.poll(page, { timeout: 20_000 }).toContain("it-4");
}, 60_000);
