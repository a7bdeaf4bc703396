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
