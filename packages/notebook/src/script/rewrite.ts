// How the code of a cell becomes that of a module of its own.

import type { AnyNode, ImportDeclaration } from "acorn";
import { boundBy } from "./names.ts";

export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The code with its edits made; each keeps the number of its lines. */
export function edited(code: string, edits: readonly Edit[]): string {
  let [text, at] = ["", 0];
  for (const { start, end, text: inserted } of [...edits].sort((a, b) => a.start - b.start)) {
    const lost = code.slice(start, end).split("\n").length - inserted.split("\n").length;
    text += `${code.slice(at, start)}${inserted}${"\n".repeat(Math.max(lost, 0))}`;
    at = end;
  }
  return text + code.slice(at);
}

/**
 * An import of the script as one of its cell's module, or undefined where nothing of it is used. TypeScript leaves out
 * imports that serve as types alone; whether a name is one can't be seen in a cell. Those that no cell mentions are
 * read from the whole module, where a type is undefined.
 */
export function importOf(
  { specifiers, source, start, end }: ImportDeclaration,
  code: string,
  id: number,
  mentioned: ReadonlySet<string>,
): string | undefined {
  if (specifiers.length === 0) return code.slice(start, end);
  const isUsed = ({ local }: { local: { name: string } }) => mentioned.has(local.name);
  if (!specifiers.some(isUsed)) return undefined;
  const unused = specifiers.filter((each) => !isUsed(each) && each.type !== "ImportNamespaceSpecifier");
  if (unused.length === 0) return code.slice(start, end);
  const named = specifiers.flatMap((each) => {
    if (!isUsed(each) || each.type === "ImportNamespaceSpecifier") return [];
    return [
      `${each.type === "ImportDefaultSpecifier" ? "default" : code.slice(each.imported.start, each.imported.end)} as ${each.local.name}`,
    ];
  });
  const all = `$module${id}`;
  const from = code.slice(source.start, end).replace(/;?$/, ";");
  const read = unused.map((each) => {
    const key =
      each.type === "ImportSpecifier" && each.imported.type === "Identifier" ? each.imported.name : "default";
    return `const ${each.local.name} = ${all}.${key};`;
  });
  return `import { ${named.join(", ")} } from ${from}import * as ${all} from ${from}${read.join("")}`;
}

/** A declaration of shared variables as assignments to properties of the global object. */
export function globalsOf(statement: AnyNode, code: string, shared: ReadonlySet<string>): Edit | undefined {
  // esbuild writes `export let a` as `let a; export { a }`.
  if (statement.type === "ExportNamedDeclaration" && !statement.source && statement.specifiers.length > 0) {
    const { specifiers, start, end } = statement;
    const own = specifiers.filter(({ local }) => local.type !== "Identifier" || !shared.has(local.name));
    if (own.length === specifiers.length) return undefined;
    const text =
      own.length === 0 ? "" : `export { ${own.map((each) => code.slice(each.start, each.end)).join(", ")} };`;
    return { start, end, text };
  }
  const declaration = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
  if (declaration?.type !== "VariableDeclaration") return undefined;
  const { declarations, end } = declaration;
  if (!boundBy(declaration).some((name) => shared.has(name))) return undefined;
  const parts = declarations.map(({ id, init }) => {
    const target = code.slice(id.start, id.end);
    return `(${target} = ${init ? code.slice(init.start, init.end) : "void 0"})`;
  });
  return { start: statement.start, end, text: `${parts.join(", ")};` };
}
