// Tests run from source: both condition lists name @adjoint/source and then Vite's defaults, which arrays replace. The
// packages' sources are loaded by Node where that can be (scripts/native-modules.mjs).

import { execFileSync } from "node:child_process";
import { relative } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { nativeModules } from "./scripts/native-modules.mjs";

const conditions = ["@adjoint/source", "module", "node", "development|production"];

// Each of these has a process to itself: it waits for a browser, turns on a flag of the engine, measures memory, or uses it up.
const apart = [
  "test/playground/page/page.browser.test.ts",
  "test/autograd/compile/stateful.test.ts",
  "test/autograd/differentiate/endurance.test.ts",
  "test/autograd/expression/memory.test.ts",
  "test/autograd/compile/memory.test.ts",
  "test/autograd/scalar/memory.test.ts",
  "test/autograd/compile/pressure.test.ts",
];
// The longest of the others start first, so that no worker is left with a long one at the end.
const slow = [
  "test/autograd/compile/programs.test.ts",
  "test/autograd/check/mutants/part-1.test.ts",
  "test/autograd/check/mutants/part-2.test.ts",
  "test/autograd/batch/programs.test.ts",
  "test/autograd/check/gradient-property.test.ts",
  "test/autograd/check/false-alarms.test.ts",
  "test/autograd/primitives/primitives.test.ts",
  "test/nn/models.test.ts",
  "test/nn/closed-form.test.ts",
];
// These load modules anew where the language's own objects have been exchanged, or one module by another, which only
// Vitest's loader can.
const anew = [
  "test/autograd/scalar/without-code.test.ts",
  "test/autograd/expression/algebra.test.ts",
  "test/autograd/kernels/arrival.test.ts",
];

// Tests in a browser take as long as a tenth of all others together: `npm test` leaves them to .ci/run, and to those who change a page.
const { ADJOINT_ALL, ADJOINT_DEEP, ADJOINT_PLAYGROUND } = process.env;
const isDeep = ADJOINT_DEEP === "1";
const opensBrowser = isDeep || ADJOINT_ALL === "1" || ADJOINT_PLAYGROUND === "1";
const exclude = opensBrowser ? [] : ["test/**/*.browser.test.ts"];

// Node keeps what it has loaded, so a run that waits for changes must load sources itself; and coverage counts only those.
const isNative = process.argv.includes("run") && !process.argv.includes("--coverage");
const plugins = isNative ? [nativeModules(import.meta.dirname)] : [];
const server = { deps: { external: [/\/\.cache\/modules\//] } };

// Two workers keep two cores busy, so what an engine does beside them to be faster later is not free here, and most code runs
// for some seconds only: collect garbage and compile in the worker's own thread, quickly at first, and optimise less, later.
const known = execFileSync(process.execPath, ["--v8-options"], { encoding: "utf8" });
const hurry = [
  "--single-threaded",
  "--always-sparkplug",
  "--no-flush-bytecode",
  "--interrupt-budget=300000",
  "--max-inlined-bytecode-size-cumulative=460",
  // Engines give their flags other names over the years.
].filter((flag) => known.includes(` --${flag.replace(/^--(no-)?|=.*/g, "")} (`));

// Long tapes live long: with more room for the young they are copied less often.
const execArgv = ["--expose-gc", ...hurry, "--min-semi-space-size=64", "--max-semi-space-size=128"];

class SlowFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const order = [...apart, ...slow];
    const rank = ({ moduleId }: TestSpecification) => {
      const place = order.indexOf(relative(import.meta.dirname, moduleId).replaceAll("\\", "/"));
      return place < 0 ? order.length : place;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    projects: [
      {
        extends: true,
        plugins,
        test: {
          name: "apart",
          server,
          include: apart,
          exclude,
        },
      },
      {
        extends: true,
        test: { name: "anew", include: anew },
      },
      {
        extends: true,
        plugins,
        test: {
          name: "together",
          server,
          include: ["test/**/*.test.ts"],
          exclude: [...exclude, ...apart, ...anew],
          // The packages are loaded, and compiled by the engine, once for each worker, not once for each file.
          isolate: false,
        },
      },
    ],
    // Experiments run small, but for deep runs; the notebook reads this once in a process.
    env: isDeep ? {} : { ADJOINT_FAST: "1" },
    sequence: { sequencer: SlowFilesFirst },
    // Forks, so that tests of memory can call gc().
    pool: "forks",
    execArgv,
    maxWorkers: 2,
    // Deep runs draw many times as many cases.
    testTimeout: isDeep ? 1_200_000 : 60_000,
    // Experiments run in hooks.
    hookTimeout: isDeep ? 1_200_000 : 60_000,
    passWithNoTests: true,
    // .ci/run counts from the second.
    reporters: ["default", ["json", { outputFile: ".cache/vitest.json" }]],
    coverage: {
      provider: "v8",
      include: ["packages/{autograd,nn,linalg,interop,notebook}/src/**"],
      reportsDirectory: ".cache/coverage",
    },
  },
});
