// The public names of the packages with their docstrings, as the sources have them: what each entry point exports, and the
// methods and fields of what it exports. Reads syntax only, by oxc-parser, since types take a compiler many seconds.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync } from "oxc-parser";

export const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * The entry points of the packages that are published, as their package.json names them, with the sources. A folder for
 * experiments or pages, which is private, has no public names.
 */
export function entryPoints() {
  return readdirSync(join(root, "packages")).flatMap((folder) => {
    const file = join(root, "packages", folder, "package.json");
    if (!existsSync(file)) return [];
    const { name, private: isPrivate, exports = {} } = JSON.parse(readFileSync(file, "utf8"));
    if (isPrivate) return [];
    return Object.entries(exports).flatMap(([key, { "@adjoint/source": source }]) =>
      source === undefined
        ? []
        : [{ name: name + key.slice(1), file: join(root, "packages", folder, source) }],
    );
  });
}

const packageOf = new Map(entryPoints().map(({ name, file }) => [name, file]));
const modules = new Map();

/** A file's syntax: its declarations by name with their docstrings, its imports, and its exports. */
export function moduleOf(file) {
  let found = modules.get(file);
  if (found !== undefined) return found;
  const source = readFileSync(file, "utf8");
  const { program, comments, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0].message}`);
  const docs = new Map();
  for (const { type, value, start, end } of comments)
    if (type === "Block" && value.startsWith("*"))
      docs.set(afterSpace(source, end), { text: plain(value), start });
  const docOf = (node) => docs.get(node.start)?.text ?? null;
  found = { file, source, declarations: new Map(), imports: new Map(), exports: new Map(), stars: [], docOf };
  modules.set(file, found);
  const resolve = (from) => {
    if (from.startsWith(".")) return join(dirname(file), from);
    return packageOf.get(from) ?? null;
  };
  for (const statement of program.body) {
    if (statement.type === "ImportDeclaration") {
      const from = resolve(statement.source.value);
      if (from === null) continue;
      for (const { type, local, imported } of statement.specifiers)
        found.imports.set(local.name, { from, name: type === "ImportSpecifier" ? imported.name : "*" });
    } else if (statement.type === "ExportAllDeclaration") {
      found.stars.push(resolve(statement.source.value));
    } else if (statement.type === "ExportNamedDeclaration" && statement.declaration === null) {
      const from = statement.source === null ? null : resolve(statement.source.value);
      for (const { local, exported } of statement.specifiers)
        found.exports.set(exported.name, { from, name: local.name });
    } else {
      const isExported = statement.type === "ExportNamedDeclaration";
      declare(found, isExported ? statement.declaration : statement, docOf(statement), isExported);
    }
  }
  return found;
}

function declare(module, node, doc, isExported) {
  const add = (name, part) => {
    // Overloads, and an interface merged with its class, are several declarations of one name.
    const known = module.declarations.get(name) ?? { name, module, nodes: [], docs: [] };
    known.nodes.push(part);
    if (doc !== null) known.docs.push(doc);
    module.declarations.set(name, known);
    if (isExported) module.exports.set(name, { from: null, name });
  };
  if (node.type === "VariableDeclaration") {
    for (const each of node.declarations) if (each.id.type === "Identifier") add(each.id.name, each);
  } else if (node.id) add(node.id.name, node);
}

const afterSpace = (source, from) => {
  let at = from;
  while (/\s/.test(source[at] ?? "x")) at++;
  return at;
};

/** The text of a comment, without its stars. */
const plain = (comment) =>
  comment
    .replace(/^\*/, "")
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, ""))
    .join("\n")
    .trim();

/** What a name is declared as, followed through imports and exports; null for what is not of this project. */
export function declarationOf(file, name) {
  const module = moduleOf(file);
  const own = module.declarations.get(name);
  if (own !== undefined) return own;
  const imported = module.imports.get(name) ?? module.exports.get(name);
  if (imported === undefined || (imported.from ?? file) === null) return starred(module, name);
  if (imported.name === "*") return { name, namespace: imported.from };
  return exportOf(imported.from ?? file, imported.name, imported.from === null);
}

function exportOf(file, name, isLocal) {
  const module = moduleOf(file);
  const exported = module.exports.get(name);
  if (isLocal || exported === undefined) return module.declarations.get(name) ?? starred(module, name);
  return exported.from === null
    ? declarationOf(file, exported.name)
    : exportOf(exported.from, exported.name, false);
}

function starred(module, name) {
  for (const from of module.stars) {
    const found = exportOf(from, name, false);
    if (found) return found;
  }
  return null;
}

/** The names that a file exports. */
export function exportedNames(file) {
  const { exports, stars } = moduleOf(file);
  return [...exports.keys(), ...stars.flatMap(exportedNames)];
}

export const kindOf = ({ nodes }) => {
  const types = nodes.map(({ type }) => type);
  if (types.includes("ClassDeclaration")) return "class";
  if (types.includes("TSInterfaceDeclaration")) return "interface";
  if (types.includes("TSTypeAliasDeclaration")) return "type";
  return types.some((type) => /Function/.test(type)) ? "function" : "const";
};

/**
 * The public members of a class or interface: methods, fields and accessors, with their docstrings and their code. Left out:
 * what is private or protected, and what JavaScript calls by a symbol.
 */
export function membersOf({ nodes, module }) {
  const members = new Map();
  const add = (member, inClass) => {
    if (member.computed || member.key === undefined || member.key.type === "PrivateIdentifier") return;
    if (["private", "protected"].includes(member.accessibility)) return;
    const key = member.key.name ?? String(member.key.value);
    if (inClass && key === "constructor") return;
    // A class may have a static method and a field of one name.
    const name = member.static ? `static ${key}` : key;
    const known = members.get(name) ?? { name, docs: [], nodes: [], isOverride: false, module };
    const doc = module.docOf(member);
    if (doc !== null) known.docs.push(doc);
    known.nodes.push(member);
    if (member.override) known.isOverride = true;
    members.set(name, known);
  };
  for (const node of nodes) {
    if (node.type === "ClassDeclaration") for (const member of node.body.body) add(member, true);
    if (node.type === "TSInterfaceDeclaration") for (const member of node.body.body) add(member, false);
    const type = node.typeAnnotation ?? node.id?.typeAnnotation?.typeAnnotation;
    if (type?.type === "TSTypeLiteral") for (const member of type.members) add(member, false);
  }
  // A field that overrides one of JavaScript's own, such as an error's name, says nothing new.
  return [...members.values()].filter(
    ({ docs, isOverride, name }) => docs.length > 0 || !(isOverride && name === "name"),
  );
}

/** The classes and interfaces of the project that a class or an interface extends, nearest first. */
export function basesOf({ nodes, module }) {
  const names = nodes.flatMap((node) => [
    node.superClass?.name,
    ...(node.type === "TSInterfaceDeclaration" ? node.extends.map(({ expression }) => expression.name) : []),
  ]);
  return names.flatMap((name) => {
    const base = name === undefined ? null : declarationOf(module.file, name);
    return base?.nodes === undefined ? [] : [base, ...basesOf(base)];
  });
}

/** Where something is, for messages: a path of the repository. */
export const placeOf = (file) => relative(root, file);
