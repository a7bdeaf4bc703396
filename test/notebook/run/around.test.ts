// What stands around a watched script: facts, files, the page's server.

import { execFileSync } from "node:child_process";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { factsOf } from "../../../packages/notebook/src/run/facts.ts";
import { servePage } from "../../../packages/notebook/src/run/server.ts";
import { watchFiles } from "../../../packages/notebook/src/run/watch-files.ts";
import { localImports } from "../../../packages/notebook/src/script/local-imports.ts";
import { scratch } from "./scratch.ts";

test("facts say what one must know to get the same", async () => {
  const source =
    'import { tensor } from "@adjoint/autograd";\nimport { x } from "./x.ts";\nimport { join } from "node:path";\ntensor(x), join();\n';
  const file = join(import.meta.dirname, "../../../packages/examples/src/script.ts");
  const facts = await factsOf(source, file, "fast", new Date("2026-01-02T03:04:05Z"));
  expect(Object.fromEntries(facts.map(({ name, value }) => [name, value]))).toEqual({
    mode: "fast",
    date: "2026-01-02 03:04 UTC",
    Node: process.version.slice(1),
    "@adjoint/autograd": expect.stringMatching(/^\d+\.\d+\.\d+$/),
    // A copy without its history has none.
    ...(facts.some(({ name }) => name === "commit") && {
      commit: expect.stringMatching(/^[0-9a-f]{7,}( \+ changes)?$/),
    }),
  });
});

test("the commit is that of the script's folder, and changes in it are named", async () => {
  const folder = mkdtempSync(join(tmpdir(), "facts-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", folder, "-c", "user.name=a", "-c", "user.email=a@b.c", ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  const file = join(folder, "a.ts");
  git("init");
  writeFileSync(file, "1;\n");
  git("add", "a.ts");
  git("commit", "-m", "a");
  const commit = async () =>
    (await factsOf("1;\n", file, "full")).find(({ name }) => name === "commit")?.value;
  const short = git("rev-parse", "--short", "HEAD").trim();
  expect(await commit()).toBe(short);
  writeFileSync(file, "2;\n");
  expect(await commit()).toBe(`${short} + changes`);
});

test("a script that can't be read has facts, too", async () => {
  expect((await factsOf("let = ;", "/nowhere/a.ts", "full")).map(({ name }) => name)).toEqual([
    "mode",
    "date",
    "Node",
  ]);
});

test("the files that a script loads are found through those that it loads", async () => {
  const folder = scratch({
    "script.ts": 'import { a } from "./a.ts";\nimport "@adjoint/autograd";\na;\n',
    "a.ts": 'export { b as a } from "./b.ts";\n',
    "b.ts": "export const b = 1;\n",
  });
  const files = await localImports(join(folder, "script.ts"));
  expect(files?.sort()).toEqual(["a.ts", "b.ts", "script.ts"].map((name) => join(folder, name)));
  writeFileSync(join(folder, "b.ts"), "export const = 1;\n");
  expect(await localImports(join(folder, "script.ts"))).toBeUndefined();
});

test("a file that is replaced, as editors do, is seen with its new text, and once", async () => {
  const folder = scratch({ "a.ts": "one" });
  const file = join(folder, "a.ts");
  const seen: string[] = [];
  const files = watchFiles((_, text) => seen.push(text));
  onTestFinished(files.close);
  files.set([file]);
  writeFileSync(`${file}~`, "two");
  renameSync(`${file}~`, file);
  await expect.poll(() => seen).toEqual(["two"]);
  writeFileSync(file, "two");
  writeFileSync(file, "three");
  await expect.poll(() => seen).toEqual(["two", "three"]);
});

test("the server gives the page, tells of changes, and answers under no other name", async () => {
  let page = "one";
  const server = await servePage(async () => page);
  onTestFinished(server.close);
  expect(await (await fetch(server.url)).text()).toBe("one");
  expect((await fetch(`${server.url}other`)).status).toBe(404);

  const events = await fetch(`${server.url}events`);
  const reader = events.body!.pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader.read()).value).toMatch(/event: page\ndata: 0\n\n$/);
  page = "two";
  server.changed();
  server.changed();
  expect((await reader.read()).value).toBe("event: page\ndata: 1\n\n");
  expect(await (await fetch(server.url)).text()).toBe("two");

  const { port } = new URL(server.url);
  const status = await new Promise((done) => {
    request({ port, host: "127.0.0.1", headers: { host: "elsewhere.example" } }, (response) =>
      done(response.statusCode),
    ).end();
  });
  expect(status).toBe(403);
});

test("a page that can't be made says why", async () => {
  const server = await servePage(async () => {
    throw new Error("no ink");
  });
  onTestFinished(server.close);
  const response = await fetch(server.url);
  expect(response.status).toBe(500);
  expect(await response.text()).toContain("no ink");
});
