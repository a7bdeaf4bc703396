// Shows that every public name has a docstring that says what it has to: the names that entry points export, the public
// methods and fields of what they export, and the methods that tensors take from tables. Run: node scripts/check-docstrings.mjs

import { join } from "node:path";
import { lacks } from "./docstring-rules.mjs";
import {
  basesOf,
  declarationOf,
  entryPoints,
  exportedNames,
  kindOf,
  membersOf,
  moduleOf,
  placeOf,
  root,
} from "./public-names.mjs";

/** What a docstring may lack, with the reason. */
const EXEMPT = {
  "Tensor.flatten": "the check beneath it is of a shape that it makes itself",
  sigmoid: "another name of logistic, which has the source",
  primitives: "a table for reading saved programs, no method",
  isSingular: "the bound at which this package's own solve gives up",
  averageOf: "makes a metric of a loss, which has the source",
  metric: "makes metrics",
  link: "makes links of optimizers",
  optimizer: "makes optimizers",
  orthogonal: "throws what all initializers do, see Initializer",
  gradientNorm: "what is thrown beneath it, no argument can cause",
  gradientNorms: "what is thrown beneath it, no argument can cause",
  updateRatios: "what is thrown beneath it, no argument can cause",
};

const engine = join(root, "packages/autograd/src");
/** Tables whose entries are methods of tensors, and in part of scalars and expressions, with the file that has the docstrings. */
const tables = ["expression/atoms/index.ts", "expression/compounds.ts", "primitives/reductions.ts"];

const subjects = new Map();
/** A name to be judged, once: some are exported in several places. */
function add(name, { nodes, module, docs, privates }) {
  if (!subjects.has(nodes[0])) subjects.set(nodes[0], { name, nodes, module, docs, privates });
}

function addAll(name, declaration) {
  if (kindOf(declaration) === "class") {
    const own = declaration.nodes.flatMap(({ body }) => body.body ?? []);
    const privates = new Map(
      own.filter(({ key }) => key?.type === "PrivateIdentifier").map((each) => [`#${each.key.name}`, each]),
    );
    const inherited = new Set(
      basesOf(declaration).flatMap((base) => membersOf(base).map((each) => each.name)),
    );
    for (const member of membersOf(declaration)) {
      // What overrides a method of the project has that method's docstring where it has none of its own.
      if (member.docs.length === 0 && inherited.has(member.name)) continue;
      add(`${name}.${member.name}`, { ...member, privates });
    }
    for (const base of basesOf(declaration)) addAll(base.name, base);
  } else {
    for (const member of membersOf(declaration)) add(`${name}.${member.name}`, member);
    for (const base of basesOf(declaration)) addAll(base.name, base);
  }
  // What a public name extends may not be exported itself, and its members are public all the same.
  add(name, declaration);
}

const findings = [];
for (const { name: entry, file } of entryPoints())
  for (const name of exportedNames(file)) {
    const declaration = declarationOf(file, name);
    if (declaration?.nodes === undefined)
      findings.push(`${entry}: ${name} is exported, and its declaration is not found`);
    else addAll(name, declaration);
  }
for (const table of tables)
  for (const name of exportedNames(join(engine, table))) {
    const declaration = declarationOf(join(engine, table), name);
    if (kindOf(declaration) === "const") add(name, declaration);
  }
// Signatures have the docstrings of these methods, and functions of the same names their code.
const structure = join(engine, "primitives/structure.ts");
for (const member of membersOf(declarationOf(join(engine, "tensor/tensor.ts"), "StructureSignatures"))) {
  const { nodes, module } = declarationOf(structure, member.name);
  add(`Tensor.${member.name}`, { nodes, module, docs: member.docs });
}

// A method has its atom's docstring in editors only if the atom's file is one of AtomFiles.
const atoms = moduleOf(join(engine, "expression/atoms/index.ts"));
for (const { from } of atoms.exports.values())
  if (from !== null && !atoms.source.includes(`typeof import("./${from.split("/").at(-1)}")`))
    findings.push(`expression/atoms/index.ts: AtomFiles lacks "./${from.split("/").at(-1)}"`);

const unused = new Set(Object.keys(EXEMPT));
for (const subject of subjects.values()) {
  const missing = lacks(subject);
  if (missing.length > 0 && unused.delete(subject.name)) continue;
  for (const what of missing) findings.push(`${placeOf(subject.module.file)}: ${subject.name} lacks ${what}`);
}
for (const name of unused) findings.push(`scripts/check-docstrings.mjs: ${name} needs no exemption any more`);

console.log(`${subjects.size} public names, methods and fields; ${findings.length} findings`);
for (const finding of [...new Set(findings)].sort()) console.log(`  ${finding}`);
process.exitCode = findings.length === 0 ? 0 : 1;
