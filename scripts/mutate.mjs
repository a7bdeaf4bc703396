// Makes the mistakes of test/mutations/ in a copy of the project, one at a time, and says which the tests notice.
// npm run mutate [-- part of a file's path, …]. Takes a few seconds for each mistake.
//
// StrykerJS does not run here. Its Vitest runner fixes the pool to threads, where the tests of memory have no gc(); it
// writes its switches into every function, while the laboratory prints the text of functions and runs it elsewhere;
// and of every mutant that it thinks of, thousands, somebody would have to say whether it is equivalent.

import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { mutations } from "../test/mutations/list.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const left = new Set([".git", ".cache", "coverage", "dist", ".scratch"]);
/** In milliseconds. A mistake may lead into a loop without an end; that is noticed too. */
const LONGEST = 300_000;

/** A copy that imports its own packages: links between them are relative, and so lead to the copy's. */
function copied() {
  const copy = mkdtempSync(join(tmpdir(), "mutate-"));
  const modules = join(root, "node_modules");
  cpSync(root, copy, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !left.has(basename(path)) && path !== modules,
  });
  mkdirSync(join(copy, "node_modules"));
  for (const name of readdirSync(modules)) {
    if (name === "@adjoint")
      cpSync(join(modules, name), join(copy, "node_modules", name), {
        recursive: true,
        verbatimSymlinks: true,
      });
    else if (!name.startsWith(".vite")) symlinkSync(join(modules, name), join(copy, "node_modules", name));
  }
  return copy;
}

/** Whether the tests pass in the copy within some time; what they print, if not. */
function passes(copy, tests, longest = LONGEST) {
  const run = spawnSync(
    process.execPath,
    [
      join(copy, "node_modules/vitest/vitest.mjs"),
      "run",
      // Only what has been changed is transformed anew.
      "--experimental.fsModuleCache",
      "--no-isolate",
      "--maxWorkers",
      "1",
      "--bail",
      "1",
      "--reporter",
      "dot",
      ...tests.map((test) => `test/${test}`),
    ],
    {
      cwd: copy,
      encoding: "utf8",
      timeout: longest,
      killSignal: "SIGKILL",
      env: { ...process.env, NO_COLOR: "1" },
    },
  );
  return { passed: run.status === 0, text: `${run.stdout}${run.stderr}` };
}

const wanted = process.argv.slice(2);
const chosen = mutations.filter(
  ({ file }) => wanted.length === 0 || wanted.some((part) => file.includes(part)),
);
const copy = copied();
const unexpected = [];
let [killed, survived, equivalent] = [0, 0, 0];
try {
  const tests = [...new Set(chosen.flatMap((mutation) => mutation.tests))];
  const unchanged = passes(copy, tests, 10 * LONGEST);
  if (!unchanged.passed)
    throw new Error(`mutate: the tests fail before anything is changed\n${unchanged.text}`);
  for (const mutation of chosen) {
    const path = join(copy, "packages", mutation.file);
    const source = readFileSync(path, "utf8");
    const parts = source.split(mutation.replace);
    const what = `${mutation.file}: ${JSON.stringify(mutation.replace)} → ${JSON.stringify(mutation.by)}`;
    if (parts.length !== 2) {
      unexpected.push(
        `${what}\n  occurs ${parts.length - 1} times and must occur once: bring the list up to date`,
      );
      continue;
    }
    writeFileSync(path, parts.join(mutation.by));
    const { passed } = passes(copy, mutation.tests);
    writeFileSync(path, source);
    const isEquivalent = mutation.equivalent !== undefined;
    if (isEquivalent && passed) equivalent++;
    else if (passed) survived++;
    else killed++;
    if (isEquivalent !== passed)
      unexpected.push(
        `${what}\n  ${passed ? "survived" : `was noticed, and is called equivalent: ${mutation.equivalent}`}`,
      );
    console.log(`${isEquivalent && passed ? "equivalent" : passed ? "SURVIVED" : "killed"}  ${what}`);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
console.log(`\n${chosen.length} mutations: ${killed} killed, ${survived} survived, ${equivalent} equivalent`);
for (const each of unexpected) console.log(each);
process.exitCode = unexpected.length === 0 ? 0 : 1;
