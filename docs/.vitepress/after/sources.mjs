// Puts the packages' sources into the built site, as text, for the links of the reference.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const packages = join(import.meta.dirname, "../../../packages");
const out = join(import.meta.dirname, "../../dist/source");

for (const name of ["autograd", "nn", "linalg", "interop", "notebook", "examples"])
  for (const entry of readdirSync(`${packages}/${name}/src`, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.(ts|mjs)$/.test(entry.name)) continue;
    const file = join(entry.parentPath ?? entry.path, entry.name).slice(packages.length + 1);
    mkdirSync(dirname(`${out}/${file}`), { recursive: true });
    // The mark at the front says UTF-8 where a server says only that it is text.
    writeFileSync(`${out}/${file}.txt`, `\uFEFF${readFileSync(`${packages}/${file}`, "utf8")}`);
  }
