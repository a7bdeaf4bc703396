// Sees to it that every name that a package exports has a page in the reference, with its source, and says which have no
// word of explanation.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { entries } from "../api/entries.mjs";

const packages = join(import.meta.dirname, "../../../packages");
const api = join(import.meta.dirname, "../../api");
const kinds = ["functions", "variables", "classes", "interfaces", "type-aliases"];

/** The names that a file exports, those of files that it exports as a whole included. */
function namesIn(file) {
  const text = readFileSync(file, "utf8").replaceAll(/\/\/.*|\/\*[\s\S]*?\*\//g, "");
  const lists = [...text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, list]) => list.split(","));
  const own = [...text.matchAll(/^export (?:async )?(?:const|function|class|interface|type) (\w+)/gm)];
  const others = [...text.matchAll(/^export \* from "(.*)"/gm)].map(([, path]) => join(dirname(file), path));
  return [
    ...lists
      .map((name) =>
        name
          .trim()
          .replace(/^type /, "")
          .replace(/.* as /, ""),
      )
      .filter(Boolean),
    ...own.map(([, name]) => name),
    ...others.flatMap(namesIn),
  ];
}

const missing = [];
const silent = [];
let count = 0;
for (const [file, module] of Object.entries(entries)) {
  const place = module.replace("@adjoint/", "");
  for (const name of new Set(namesIn(join(packages, file)))) {
    count++;
    const pages = kinds.map((kind) => `${api}/${place}/${kind}/${name}.md`).filter(existsSync);
    // What another entry of the package has, too, has its page there.
    const listed = readFileSync(`${api}/${place}/index.md`, "utf8").includes(`[${name}](`);
    if (pages.length === 0 && !listed) missing.push(`${module}: ${name} has no page`);
    for (const page of pages) {
      const text = readFileSync(page, "utf8");
      if (!text.includes("_Source: ")) missing.push(`${module}: the page of ${name} has no source`);
      const said = text.split(/\n\n+/).filter((part) => !/^([#>_|]|- )/.test(part) && part.trim() !== "");
      if (said.length === 0) silent.push(`${module}: ${name}`);
    }
  }
}
for (const mistake of missing) console.error(mistake);
console.log(`${count} public names: ${missing.length} lack a page or a source, ${silent.length} a docstring`);
if (silent.length > 0) console.log(silent.join("\n"));
process.exitCode = missing.length === 0 ? 0 : 1;
