// What the packages ship: a module for each way in, instead of one for each source file, since a process that loads two
// files starts sooner than one that loads 170 (what both ways in share is a file of its own). Types lie beside them, file by file, as tsc writes them.

import { fileURLToPath } from "node:url";
import { defineConfig } from "rolldown";
import { pureValues } from "./scripts/pure-values.mjs";

const bundle = (name, input) => ({
  cwd: fileURLToPath(new URL(`packages/${name}`, import.meta.url)),
  input,
  // Whatever is imported by a package's name stays an import.
  external: /^(?![./\0]|[A-Za-z]:|@oxc-project\/)/,
  plugins: [pureValues],
  output: {
    dir: fileURLToPath(new URL(`packages/${name}/dist`, import.meta.url)),
    format: "esm",
    sourcemap: true,
    // What an earlier build left is not published.
    cleanDir: true,
    chunkFileNames: "chunks/[name].js",
  },
});

export default defineConfig([
  bundle("autograd", { index: "./src/index.ts", "check/index": "./src/check/index.ts" }),
  bundle("nn", {
    index: "./src/index.ts",
    "node/index": "./src/node/index.ts",
    "terminal/index": "./src/terminal/index.ts",
  }),
  bundle("linalg", { index: "./src/index.ts" }),
  bundle("interop", { index: "./src/index.ts", "cli/start": "./src/cli/start.ts" }),
  bundle("notebook", {
    index: "./src/index.ts",
    "cli/start": "./src/cli/start.ts",
    // What a script's process loads by itself; src/run/child/place.ts knows where they lie.
    "run/child/preload": "./src/run/child/preload.ts",
    "run/child/kernel": "./src/run/child/kernel.ts",
    "run/child/hooks": "./src/run/child/hooks.ts",
  }),
]);
