// Makes the mistakes of test/mutations/ in a copy of the project, one at a time, and says which the tests notice.
//
//   npm run mutate                     all of them, from the start
//   npm run mutate -- heap selection   those in files whose path contains one of the parts
//   npm run mutate -- --missing        those without a verdict yet: new ones, or after a run that was interrupted
//   npm run mutate -- --dry            runs nothing: asks whether the list still fits the sources
//
// Each mistake takes some seconds. Verdicts are kept in test/mutations/verdicts.json as they come in, and results.md
// there has them for each room.
//
// StrykerJS does not run here. Its Vitest runner fixes the pool to threads, where the tests of memory have no gc(); it
// writes its switches into every function, while the laboratory prints the text of functions and runs it elsewhere;
// and of every mutant that it thinks of, thousands, somebody would have to say whether it is equivalent.

import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
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
import { parseArgs } from "node:util";
import { mutations } from "../test/mutations/list.ts";
import { tableOf } from "./mutation-table.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const left = new Set([".git", ".cache", "coverage", "dist", ".scratch"]);
/** In milliseconds. A mistake may lead into a loop without an end; that is noticed too. */
const LONGEST = 300_000;
const verdictsFile = join(root, "test/mutations/verdicts.json");
const resultsFile = join(root, "test/mutations/results.md");

const nameOf = ({ file, replace, by }) => `${file}: ${JSON.stringify(replace)} → ${JSON.stringify(by)}`;

/** What keeps a mutation from being made: its text is not found once, or its tests are gone. */
function misfit({ file, replace, tests }) {
  const path = join(root, "packages", file);
  if (!existsSync(path)) return "there is no such file";
  const count = readFileSync(path, "utf8").split(replace).length - 1;
  if (count !== 1) return `the text occurs ${count} times and must occur once`;
  const lost = tests.filter((test) => !existsSync(join(root, "test", test)));
  return lost.length === 0 ? null : `there is no test/${lost[0]}`;
}

/** The verdicts that are known, by the names of mutations. */
const verdicts = () => (existsSync(verdictsFile) ? JSON.parse(readFileSync(verdictsFile, "utf8")) : {});

/** Writes verdicts down, in the order of the list; those of mutations that are gone go, too. */
function keep(all) {
  const listed = mutations.flatMap((each) => {
    const verdict = all[nameOf(each)];
    return verdict === undefined ? [] : [[nameOf(each), verdict]];
  });
  writeFileSync(verdictsFile, `${JSON.stringify(Object.fromEntries(listed), null, 2)}\n`);
  writeFileSync(
    resultsFile,
    tableOf(mutations, (each) => all[nameOf(each)], nameOf),
  );
}

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

/** Whether a file or folder of tests passes in the copy; what it prints, and what failed first, if not. */
function passes(copy, test) {
  const run = spawnSync(
    process.execPath,
    [
      join(copy, "node_modules/vitest/vitest.mjs"),
      "run",
      "--no-isolate",
      "--maxWorkers",
      "1",
      "--bail",
      "1",
      "--reporter",
      "dot",
      // A machine that is busy is no mistake.
      "--testTimeout",
      `${LONGEST}`,
      `test/${test}`,
    ],
    {
      cwd: copy,
      encoding: "utf8",
      timeout: LONGEST,
      killSignal: "SIGKILL",
      env: { ...process.env, NO_COLOR: "1" },
    },
  );
  const text = `${run.stdout}${run.stderr}`;
  return { passed: run.status === 0, text, failed: /FAIL .*/.exec(text)?.[0] ?? "no end, or no start" };
}

const sound = new Set();

/** Throws where a test fails before anything is changed: then it says nothing of mistakes. */
function checkUnchanged(copy, test) {
  if (sound.has(test)) return;
  const { passed, text } = passes(copy, test);
  if (!passed) throw new Error(`mutate: test/${test} fails before anything is changed\n${text}`);
  sound.add(test);
}

/** Makes one mistake in the copy, runs its tests until one fails, and takes it back. */
function verdictOf(copy, mutation) {
  const path = join(copy, "packages", mutation.file);
  const source = readFileSync(path, "utf8");
  const changed = source.replace(mutation.replace, () => mutation.by);
  let failed = null;
  // One after another, so that a mistake that the first of them sees costs no more.
  for (const test of mutation.tests) {
    writeFileSync(path, changed);
    const run = passes(copy, test);
    writeFileSync(path, source);
    if (run.passed) continue;
    checkUnchanged(copy, test);
    failed = run.failed;
    break;
  }
  const isEquivalent = mutation.equivalent !== undefined;
  const verdict =
    failed === null ? (isEquivalent ? "equivalent" : "survived") : isEquivalent ? "noticed" : "killed";
  return { verdict, failed };
}

const { values: options, positionals: parts } = parseArgs({
  options: { dry: { type: "boolean" }, missing: { type: "boolean" } },
  allowPositionals: true,
});
const misfits = mutations.filter((mutation) => misfit(mutation) !== null);
for (const each of misfits) console.log(`${nameOf(each)}\n  ${misfit(each)}: bring the list up to date`);
if (options.dry || misfits.length > 0) {
  console.log(`${mutations.length} mutations, of which ${misfits.length} do not fit the sources`);
  process.exit(misfits.length === 0 ? 0 : 1);
}

const isWhole = parts.length === 0 && !options.missing;
if (isWhole) rmSync(verdictsFile, { force: true });
const known = verdicts();
const chosen = mutations.filter(
  (mutation) =>
    (parts.length === 0 || parts.some((part) => mutation.file.includes(part))) &&
    !(options.missing && nameOf(mutation) in known),
);
const copy = copied();
try {
  for (const mutation of chosen) {
    const start = performance.now();
    const { verdict, failed } = verdictOf(copy, mutation);
    known[nameOf(mutation)] = verdict;
    // As soon as it is known, and beside those that another run may have written meanwhile.
    keep({ ...verdicts(), [nameOf(mutation)]: verdict });
    const seconds = Math.round((performance.now() - start) / 1000);
    console.log(`${verdict.padEnd(10)} ${seconds} s  ${nameOf(mutation)}`);
    if (failed !== null) console.log(`           ${failed}`);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
const verdictFor = (mutation) => known[nameOf(mutation)];
const unexpected = chosen.filter((mutation) => ["survived", "noticed"].includes(verdictFor(mutation)));
console.log(`\n${chosen.length} mutations, of which ${unexpected.length} came out unexpectedly`);
for (const each of unexpected)
  console.log(
    `${nameOf(each)}\n  ${each.equivalent === undefined ? "survived" : `was noticed, and is called equivalent: ${each.equivalent}`}`,
  );
process.exitCode = unexpected.length === 0 ? 0 : 1;
