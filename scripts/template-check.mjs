// Follows a newcomer outside of this repository: packs the packages, makes a project with `adjoint-notebook new` in an empty
// folder, installs it from the tarballs and the registry, runs its experiment, its tests, and the compilers TypeScript 5.9
// and 7. Needs the network. node scripts/template-check.mjs

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const work = mkdtempSync(join(tmpdir(), "adjoint-template-"));
const tools = join(work, "tools");
const project = join(work, "my-experiment");

// What this process was started with says nothing about a newcomer's.
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_OPTIONS$|INIT_CWD$)/i.test(name)),
);
env.NO_COLOR = "1";

/** What a command prints. Throws where it fails, with all that it said. */
function run(file, args, cwd) {
  try {
    return execFileSync(file, args, { cwd, env, encoding: "utf8", stdio: "pipe", maxBuffer: 2 ** 26 });
  } catch (error) {
    throw new Error(`${file} ${args.join(" ")}\n${error.stdout}${error.stderr}`, { cause: error });
  }
}

let [passed, failed] = [0, 0];
function step(what, act) {
  // Nothing works where an earlier step failed.
  if (failed > 0) return;
  const start = performance.now();
  try {
    act();
    passed++;
    console.log(`passed  ${what} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failed++;
    console.log(`FAILED  ${what}\n${error.message}`);
  }
}

function expectIn(text, wanted, where) {
  if (!text.includes(wanted))
    throw new Error(`${where} lacks ${JSON.stringify(wanted)}:\n${text.slice(0, 2000)}`);
}

const tarballs = [];
const install = (folder) => run("npm", ["install", "--no-audit", "--no-fund", ...tarballs], folder);

step("build and pack", () => {
  run("npm", ["run", "build", "--silent"], root);
  for (const name of ["autograd", "nn", "notebook"]) {
    const [{ filename }] = JSON.parse(
      run("npm", ["pack", "--json", "--pack-destination", work], join(root, "packages", name)),
    );
    tarballs.push(join(work, filename));
  }
});
step("adjoint-notebook new makes a project", () => {
  mkdirSync(tools);
  run("npm", ["init", "--yes"], tools);
  install(tools);
  expectIn(
    run(join(tools, "node_modules/.bin/adjoint-notebook"), ["new", "my-experiment"], work),
    "npm start",
    "what it says",
  );
  const text =
    readFileSync(join(project, "package.json"), "utf8") + readFileSync(join(project, ".gitignore"), "utf8");
  expectIn(text, '"name": "my-experiment"', "the project");
});
step("npm installs it", () => install(project));
step("its experiment runs and writes a report", () => {
  expectIn(run("npm", ["start"], project), "snake is right", "what it prints");
  const report = readFileSync(join(project, "report.html"), "utf8");
  expectIn(report, "Does a wave help to learn a wave?", "the report");
});
step("tsx alone prints the same as the runner", () => {
  const [file, ...args] = ["npx", "tsx", "src/experiment.ts", "--fast"];
  const alone = run(file, args, project);
  const runner = run(
    "npx",
    ["adjoint-notebook", "run", "src/experiment.ts", "--fast", "--out", "fast.html"],
    project,
  );
  if (alone !== runner) throw new Error(`tsx prints\n${alone}\nand the runner\n${runner}`);
});
step("its tests pass", () => expectIn(run("npm", ["test"], project), "3 passed", "what vitest says"));
step("TypeScript 7 builds it, and plain Node runs what was built", () => {
  expectIn(run("npx", ["tsc", "--version"], project), "Version 7", "the compiler");
  run("npm", ["run", "build"], project);
  expectIn(
    run(process.execPath, ["dist/src/experiment.js", "--fast"], project),
    "snake is right",
    "what it prints",
  );
});
step("TypeScript 5.9 builds it", () => {
  const typescript = ["--yes", "--package", "typescript@5.9", "--", "tsc"];
  // Outside of the project, where npx would take the one that is installed.
  expectIn(run("npx", [...typescript, "--version"], work), "Version 5.9", "the compiler");
  run("npx", [...typescript, "-p", project, "--outDir", join(work, "built")], work);
});

rmSync(work, { recursive: true, force: true });
console.log(`the template: ${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
