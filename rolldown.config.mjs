// What the packages ship: a module for each way in, instead of one for each source file, since a process that loads two
// files starts sooner than one that loads 170 (what the ways in share lies in a few more). Types lie beside them, file by file, as tsc
// writes them.

import { fileURLToPath } from "node:url";
import { defineConfig } from "rolldown";
import { pureValues } from "./scripts/pure-values.mjs";

/**
 * Keeps one module a file of its own, which package.json ("browser") has bundlers replace by another one: where large eager
 * operations have their kernels from.
 */
const seam = {
  name: "seam",
  resolveId(id, importer) {
    if (importer === undefined || !id.endsWith("/arrival.ts")) return null;
    // In the package it lies as its entry below has it, seen from the sources' folder as from dist.
    const place = importer.replace(/autograd\/src\/.*/, "autograd/src/kernels/arrival.js");
    return { id: place, external: "relative" };
  },
};

/**
 * The files of what is shared. What writes kernels lies by itself, and so does what can't do without it, so that a page can.
 * Each file takes along what it imports, unless one of more weight has it; no two import each other.
 */
const writers = "(?:assembler|instructions|kernel-module|lane-writer|loops|product|rows|eager/written)";
const compilers = "compile|scalar/(?:compile|engine)";
const groups = [
  { name: "base", test: `array|expression|kernels/(?!eager|plain|${writers})`, priority: 4 },
  {
    name: "engine",
    test: `(?!${compilers}|index|check|kernels)|kernels/eager/(?!arrival|written)`,
    priority: 3,
  },
  { name: "kernels", test: `kernels/${writers}`, priority: 2 },
  { name: "compile", test: compilers, priority: 1 },
].map((group) => ({ ...group, test: new RegExp(`autograd/src/(?:${group.test})`) }));

const bundle = (name, input, output = {}) => ({
  cwd: fileURLToPath(new URL(`packages/${name}`, import.meta.url)),
  input,
  // Whatever is imported by a package's name stays an import.
  external: /^(?![./\0]|[A-Za-z]:|@oxc-project\/)/,
  plugins: [pureValues, seam],
  output: {
    dir: fileURLToPath(new URL(`packages/${name}/dist`, import.meta.url)),
    format: "esm",
    sourcemap: true,
    // What an earlier build left is not published.
    cleanDir: true,
    chunkFileNames: "chunks/[name].js",
    ...output,
  },
});

export default defineConfig([
  bundle(
    "autograd",
    {
      index: "./src/index.ts",
      "check/index": "./src/check/index.ts",
      "kernels/arrival": "./src/kernels/eager/arrival.ts",
      "kernels/arrival-later": "./src/kernels/eager/arrival-later.ts",
    },
    { codeSplitting: { groups } },
  ),
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
