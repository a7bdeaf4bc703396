// No file imports itself by way of others, types included. In expression/ the atoms, the expressions made of them and
// the vocabulary that both have as methods are one thing in several files, so that room may.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

const roots = [
  "packages/autograd/src",
  "packages/nn/src",
  "packages/linalg/src",
  "packages/interop/src",
  "packages/examples/src",
];
const exempt = "packages/autograd/src/expression/";

const files = roots.flatMap((root) =>
  readdirSync(root, { recursive: true })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(root, name)),
);
const importsOf = new Map(
  files.map((file) => {
    const imports = readFileSync(file, "utf8").matchAll(/(?:from|import) "(\.[^"]+)"/g);
    return [file, [...imports].map(([, to]) => relative(".", resolve(dirname(file), to)))];
  }),
);

/** The shortest way from a file back to itself; null where there is none. */
function ring(start) {
  const from = new Map([[start, null]]);
  const pending = [start];
  for (const file of pending) {
    for (const next of importsOf.get(file) ?? []) {
      if (next === start) {
        const way = [start];
        for (let at = file; at !== null; at = from.get(at)) way.push(at);
        return way.reverse();
      }
      if (from.has(next)) continue;
      from.set(next, file);
      pending.push(next);
    }
  }
  return null;
}

const rings = files.map(ring).filter((way) => way?.some((file) => !file.startsWith(exempt)));
for (const way of rings) console.error(`cycle: ${way.join(" → ")}`);
console.log(`${files.length} files, ${rings.length} of them in import cycles`);
if (rings.length > 0) process.exitCode = 1;
