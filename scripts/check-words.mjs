// Shows that public text uses no word that docs/words.md gives in `code` among those that are not used. Public text is the
// documentation, the docstrings of public names, and the messages of errors. Run: node scripts/check-words.mjs

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { declarationOf, entryPoints, exportedNames, membersOf, placeOf, root } from "./public-names.mjs";

/** Where a word is another one: idioms, and names that are given. */
const ALLOWED = [
  /in (the |their |its )?places? of/i,
  /(last|decimal|takes?|in (its|their|the)) places?\b/i,
  // The field's term for changing what an array holds.
  /changes in place/i,
  // A function of another library, which the benchmarks name.
  /jax-js jit/i,
];

const words = [...readFileSync(join(root, "docs/words.md"), "utf8").matchAll(/^\|.*\|([^|]*)\|$/gm)].flatMap(
  ([, last]) => [...last.matchAll(/`([^`]+)`/g)].map(([, word]) => word),
);
const pattern = new RegExp(`(?<![\\w-])(${words.map((word) => `${word}s?`).join("|")})(?![\\w-])`, "gi");

const findings = [];
function look(place, text) {
  // Names in code are what they are.
  const prose = text.replace(/```[\s\S]*?```|`[^`]*`|\]\([^)]*\)/g, (code) => code.replace(/[^\n]/g, " "));
  for (const { 0: word, index } of prose.matchAll(pattern)) {
    const around = prose.slice(Math.max(0, index - 25), index + word.length + 25).replace(/\s+/g, " ");
    if (ALLOWED.some((idiom) => idiom.test(around))) continue;
    const line = prose.slice(0, index).split("\n").length;
    findings.push(`${place}${text.includes("\n") ? `:${line}` : ""}: "${word}" in "…${around.trim()}…"`);
  }
}

const markdown = ["README.md", "CHANGELOG.md", ...filesIn("docs", ".md")];
for (const folder of readdirSync(join(root, "packages"))) markdown.push(`packages/${folder}/README.md`);
let texts = 0;
for (const file of markdown) {
  if (file === "docs/words.md") continue;
  const text = readIfThere(join(root, file));
  if (text === null) continue;
  texts++;
  look(file, text);
}

const seen = new Set();
for (const { file } of entryPoints())
  for (const name of exportedNames(file)) {
    const declaration = declarationOf(file, name);
    for (const each of [declaration, ...membersOf(declaration)])
      for (const doc of each.docs) {
        if (seen.has(doc)) continue;
        seen.add(doc);
        look(
          `${placeOf(declaration.module.file)}, ${name}${each === declaration ? "" : `.${each.name}`}`,
          doc.replace(/\s+/g, " "),
        );
      }
  }

let messages = 0;
for (const { file } of entryPoints()) {
  const folder = placeOf(join(file, ".."));
  if (!folder.endsWith("/src")) continue;
  for (const source of filesIn(folder, ".ts")) {
    const text = readFileSync(join(root, source), "utf8");
    for (const [whole] of text.matchAll(/\bnew \w*Error\(\s*(?:`(?:[^`\\]|\\.)*`|"(?:[^"\\]|\\.)*")/g)) {
      messages++;
      look(
        source,
        whole
          .replace(/^new \w+\(\s*[`"]|[`"]$/g, "")
          .replace(/\$\{[^}]*\}/g, "…")
          .replace(/\s+/g, " "),
      );
    }
  }
}

/** Not those that were installed, or made for the site. */
function filesIn(folder, end) {
  return readdirSync(join(root, folder), { recursive: true })
    .filter((name) => name.endsWith(end) && !/node_modules|^(api|copied|dist)[/\\]/.test(name))
    .map((name) => `${folder}/${name}`);
}

function readIfThere(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}

console.log(
  `${words.length} words looked for in ${texts} documents, ${seen.size} docstrings and ${messages} messages; ${findings.length} findings`,
);
for (const finding of findings) console.log(`  ${finding}`);
process.exitCode = findings.length === 0 ? 0 : 1;
