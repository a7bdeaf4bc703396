// Shows that no file of the engine outside primitives/, expression/ and tensor/, which is the operations' face, names an
// operation: none imports an atom or a primitive, calls one by its method, or compares a name with one. Run: node scripts/check-vocabulary.mjs

import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(fileURLToPath(import.meta.url), "../../packages/autograd/src");
const read = (file) => readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, "");

/** The names a table re-exports, or exports itself. */
const exported = (file) =>
  [...read(join(root, file)).matchAll(/export (?:\{([^}]*)\}|const (\w+))/g)].flatMap(([, list, name]) =>
    name === undefined
      ? list
          .split(",")
          .flatMap((each) =>
            each
              .replace(/\btype\b/, "")
              .trim()
              .split(" as "),
          )
          .filter(Boolean)
      : [name],
  );

const operations = new Set(
  ["expression/atoms/index.ts", "expression/compounds.ts", "primitives/table.ts"].flatMap(exported),
);
// Methods that arrays, numbers and Math have under the same names say nothing.
const ambiguous = new Set(["map", "slice", "concat", "select", "pad", "identity"]);

const findings = [];
for (const file of files(root)) {
  const place = relative(root, file);
  if (/^(primitives|expression|tensor)\//.test(place)) continue;
  // The list of public names re-exports, and check/ stands above it: it uses the engine as any user does.
  if (place === "index.ts" || place.startsWith("check/")) continue;
  const source = read(file);
  const report = (name, what) => findings.push(`${place}: ${what} ${name}`);
  for (const [, names, from] of source.matchAll(/import \{([^}]*)\} from "([^"]*)"/g)) {
    if (!/primitives\/|atoms\//.test(from)) continue;
    for (const name of names.split(",").map((each) => each.trim().split(" as ")[0])) {
      if (operations.has(name)) report(name, "imports");
    }
  }
  // Advice inside messages names methods, and sets have an `add`; neither is a use.
  const code = source.replace(/"[^"\n]*"|`[^`]*`/g, '""');
  const sets = new Set(
    [...code.matchAll(/(\w+)(?:: [^=;\n{]+)? = new (?:Weak)?Set\b/g)].map(([, name]) => name),
  );
  for (const [, owner, name] of code.matchAll(/(\w+|[)\]])\s*\??\.(\w+)\(/g)) {
    if (operations.has(name) && !ambiguous.has(name) && !/^(Math|Number)$/.test(owner) && !sets.has(owner))
      report(name, "calls");
  }
  // The tape's own operation is defined where it is used.
  if (place === "tape/identity.ts") continue;
  for (const [, name] of source.matchAll(/"(\w+)"/g))
    if (operations.has(name)) report(name, "has the string");
}

function files(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name));
}

console.log(
  `${operations.size} operations; ${findings.length} named outside primitives/, expression/ and tensor/`,
);
for (const finding of findings) console.log(`  ${finding}`);
process.exitCode = findings.length === 0 ? 0 : 1;
