// Tests run from source: both condition lists name @adjoint/source and then Vite's defaults, which arrays replace.

import { defineConfig } from "vitest/config";

const conditions = ["@adjoint/source", "module", "node", "development|production"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["test/**/*.test.ts"],
    typecheck: { include: ["test/**/*.test-d.ts"], tsconfig: "test/tsconfig.vitest.json" },
    // Forks, so that tests of memory can call gc().
    pool: "forks",
    execArgv: ["--expose-gc"],
    maxWorkers: 2,
    // Deep runs draw many times as many cases.
    testTimeout: process.env["ADJOINT_DEEP"] === "1" ? 1_200_000 : 60_000,
    passWithNoTests: true,
    // .ci/run counts from the second.
    reporters: ["default", ["json", { outputFile: ".cache/vitest.json" }]],
    coverage: {
      provider: "v8",
      include: ["packages/{autograd,nn}/src/**"],
      reportsDirectory: ".cache/coverage",
    },
  },
});
