// Every TypeScript block of the documents is compiled and run as a reader would do it, so that they can't drift from the
// code.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { documents, fencesOf, root, textOf } from "./documents.ts";
import type { Outcome } from "./run-blocks.ts";

// Beside the tests, so that the packages are found as they are from any of the project's files.
const scratch = `${root}test/docs/.scratch/`;

function blocksOf(document: string): { readonly name: string; readonly code: string }[] {
  return fencesOf(textOf(document))
    .filter(({ info }) => /^ts( own-atom| target)?$/.test(info))
    .map(({ code }, i) => ({ name: `${document.replaceAll("/", "-")}-${i + 1}`, code }));
}

const blocks = documents.flatMap(blocksOf);
const fileOf = (name: string) => `${scratch}${name}.ts`;

/** What each block printed when all were run, in one process. */
const outcomes = new Map<string, Outcome>();
/** What the compiler says of all of them, with the project's strict options. */
let diagnostics = "";

beforeAll(() => {
  mkdirSync(scratch, { recursive: true });
  for (const { name, code } of blocks) writeFileSync(fileOf(name), code);
  const options = {
    extends: "../../../tsconfig.base.json",
    compilerOptions: { noEmit: true, composite: false, isolatedDeclarations: false, types: ["node"] },
    include: ["*.ts"],
  };
  writeFileSync(`${scratch}tsconfig.json`, JSON.stringify(options));
  diagnostics = spawnSync(`${root}node_modules/.bin/tsc`, ["-p", scratch, "--pretty", "false"], {
    encoding: "utf8",
  }).stdout;
  const printed = execFileSync(
    process.execPath,
    [
      ...["--import", "tsx", "--conditions=@adjoint/source", `${root}test/docs/run-blocks.ts`],
      ...blocks.map(({ name }) => fileOf(name)),
    ],
    { cwd: root, encoding: "utf8", env: { ...process.env, NO_COLOR: "1" } },
  );
  for (const [i, outcome] of (JSON.parse(printed) as Outcome[]).entries())
    outcomes.set(blocks[i]!.name, outcome);
}, 300_000);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe.each(documents.filter((document) => blocksOf(document).length > 0))("%s", (document) => {
  test.each(blocksOf(document).map(({ name, code }, i) => [i + 1, name, code] as const))(
    "block %i compiles, runs, and prints what it says",
    (_i, name, code) => {
      expect(diagnostics.split("\n").filter((line) => line.includes(`${name}.ts`))).toEqual([]);
      const { output, error } = outcomes.get(name)!;
      expect(error).toBeNull();
      expect(output).not.toBe("");
      // What comments beside console.log promise is what is printed, in their order.
      let rest = output;
      for (const [, promised] of code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)) {
        expect(rest).toContain(promised);
        rest = rest.slice(rest.indexOf(promised!) + promised!.length);
      }
    },
  );
});

test("every block of a page is run, is data that can be read, or is in a language that is not run", () => {
  for (const document of documents.filter((each) => each.startsWith("docs/"))) {
    const infos = new Set(fencesOf(textOf(document)).map(({ info }) => info));
    expect([...infos].filter((info) => !["ts", "json", "sh", "python"].includes(info))).toEqual([]);
    for (const { info, code } of fencesOf(textOf(document)))
      if (info === "json") expect(() => JSON.parse(code), `${document}: ${code}`).not.toThrow();
  }
});
