// A script for watching: each cell is a module of its own, so that those above a change can stay alive.
//
// A cell's module imports from the modules of earlier cells what it mentions of their names, and exports all that it
// declares. Imports can't be assigned: a `let` or `var` that another cell assigns becomes a property of the global
// object, where names that no scope has are looked up.

import { pathToFileURL } from "node:url";
import type { Cell } from "./cell.ts";
import { cellsOf } from "./cells-of.ts";
import { boundBy, type Names } from "./names.ts";
import { type Read, read } from "./read.ts";
import { type Edit, edited, globalsOf, importOf } from "./rewrite.ts";
import { ScriptError } from "./script-error.ts";

/** A cell as it is to be run. */
export interface Unit {
  readonly cell: Cell;
  /** What is wrong with it, if it can't be run. */
  readonly error?: ScriptError;
  /** What it does. Two cells with equal keys at equal places do the same; comments and blank lines are not in it. */
  readonly key: string;
  /** Its `let`s and `var`s that are properties of the global object. */
  readonly globals: readonly string[];
  /** Names that it mentions and that only a later cell declares, with the line there. */
  readonly later: ReadonlyMap<string, number>;
  /** Whether there is nothing to run in it. */
  readonly isEmpty: boolean;
  /** Its JavaScript, and the source map of that as JSON. */
  readonly code: string;
  readonly map: string;
  /** The module, given the URLs of the modules of the cells before it. Its first line is ours; the code begins in the second. */
  readonly module: (urls: readonly string[]) => string;
}

/** Reads cells, and remembers those of the script before. */
export class CellReader {
  readonly #file: string;
  #known = new Map<string, Read | ScriptError>();

  constructor(file: string) {
    this.#file = file;
  }

  /** The units of a script; a cell that can't be read has an `error`. */
  unitsOf(source: string): Unit[] {
    const cells = cellsOf(source);
    const lines = source.split("\n");
    const known = new Map<string, Read | ScriptError>();
    const all = cells.map((cell) => {
      const text = lines.slice(cell.from - 1, cell.to).join("\n");
      const result = this.#known.get(text) ?? this.#read(text);
      known.set(text, result);
      return result;
    });
    this.#known = known;
    const script = new Script(this.#file, cells, all, lines);
    return cells.map((_, i) => script.unit(i));
  }

  /** Lines of errors count from the cell's first line, which is 1. */
  #read(text: string): Read | ScriptError {
    try {
      return read(text, { file: this.#file, keepsImports: true });
    } catch (error) {
      if (error instanceof ScriptError) return error;
      throw error;
    }
  }
}

class Script {
  readonly #file: string;
  readonly #cells: readonly Cell[];
  readonly #read: readonly (Read | ScriptError)[];
  readonly #lines: readonly string[];
  /** Where each name is declared. */
  readonly #home = new Map<string, number>();
  /** Cells that declare what another has declared, and what is said of that. */
  readonly #faults = new Map<number, ScriptError>();
  readonly #shared = new Set<string>();
  readonly #mentioned = new Set<string>();

  constructor(
    file: string,
    cells: readonly Cell[],
    read: readonly (Read | ScriptError)[],
    lines: readonly string[],
  ) {
    this.#file = file;
    this.#cells = cells;
    this.#read = read;
    this.#lines = lines;
    this.#names((names, i) => {
      for (const name of names.mentioned) this.#mentioned.add(name);
      for (const [name, kind] of names.declared) {
        const home = this.#home.get(name);
        if (home === undefined) this.#home.set(name, i);
        else if (kind === "var" && this.#kind(name) === "var") this.#shared.add(name);
        else this.#fault(i, name, `${name} is declared already, in line ${this.#line(home, name)}`);
      }
    });
    this.#names((names, i) => {
      for (const name of names.assigned) {
        const home = this.#home.get(name);
        const isVariable = ["let", "var"].includes(this.#kind(name) ?? "");
        if (home !== undefined && home !== i && isVariable) this.#share(name, home);
      }
    });
    this.#names((names, i) => {
      this.#closeShared(names, i);
      for (const name of names.mentioned) {
        const home = this.#home.get(name) ?? i;
        if (home > i && name in globalThis)
          this.#fault(
            i,
            name,
            `${name} is declared in a later cell (line ${this.#line(home, name)}), and watching would take the global object's ${name} here; move the declaration up or give it another name`,
          );
      }
    });
  }

  /** What one statement declares is shared together, and shared by a statement of the cell itself, not of a block in it. */
  #closeShared(names: Names, i: number): void {
    const found = new Set<string>();
    for (const statement of names.program.body) {
      const declaration = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
      if (declaration?.type !== "VariableDeclaration") continue;
      const own = boundBy(declaration);
      for (const name of own) found.add(name);
      if (own.some((name) => this.#shared.has(name))) for (const name of own) this.#share(name, i);
    }
    for (const name of names.declared.keys())
      if (this.#shared.has(name) && !found.has(name))
        this.#fault(
          i,
          name,
          `${name} is assigned in another cell: declare it outside of blocks to watch this script`,
        );
  }

  /** Calls back with the names of each cell that could be read. */
  #names(act: (names: Names, cell: number) => void): void {
    this.#read.forEach((read, i) => {
      if (!(read instanceof ScriptError)) act(read.names, i);
    });
  }

  #kind(name: string) {
    const read = this.#read[this.#home.get(name)!];
    return read === undefined || read instanceof ScriptError ? undefined : read.names.declared.get(name);
  }

  #fault(cell: number, name: string, message: string): void {
    if (!this.#faults.has(cell)) this.#faults.set(cell, new ScriptError(message, this.#line(cell, name)));
  }

  #share(name: string, home: number): void {
    if (name in globalThis)
      this.#fault(
        home,
        name,
        `${name} is assigned in another cell, so that watching keeps it in the global object, which has a ${name} of its own; give the variable another name`,
      );
    this.#shared.add(name);
  }

  /** The line in which a cell declares a name, or its first where that isn't found. */
  #line(cell: number, name: string): number {
    const { from, to } = this.#cells[cell]!;
    const word = new RegExp(`(^|[^\\w$.])${name.replaceAll("$", "\\$")}(?![\\w$])`);
    const isDeclaration = /\b(const|let|var|function|class|import|enum|namespace)\b/;
    const lines = this.#lines.slice(from - 1, to).map((line) => line.replace(/\/\/.*/, ""));
    const best = lines.findIndex((line) => word.test(line) && isDeclaration.test(line));
    return from + Math.max(best >= 0 ? best : lines.findIndex((line) => word.test(line)), 0);
  }

  /** A cell's module is the script: its URL has no version for those who ask, and it is what was started. */
  #identity(code: string): string {
    if (!code.includes("import.meta")) return "";
    const url = JSON.stringify(pathToFileURL(this.#file).href);
    return `import.meta.url = ${url};if ("main" in import.meta) import.meta.main = true;`;
  }

  #rank(cell: number): number {
    return this.#read.slice(0, cell).filter((each) => !isEmpty(each)).length;
  }

  unit(i: number): Unit {
    const cell = this.#cells[i]!;
    const read = this.#read[i]!;
    const fault = this.#faults.get(i);
    if (read instanceof ScriptError || fault !== undefined) {
      const error =
        fault ?? new ScriptError((read as ScriptError).message, cell.from + (read as ScriptError).line - 1);
      const nothing = { globals: [], later: new Map(), isEmpty: false, code: "", map: "", module: () => "" };
      return { cell, error, key: `error ${error.message}`, ...nothing };
    }
    const { names, transformed } = read;
    const own = [...names.declared.keys()];
    const globals = own.filter((name) => this.#shared.has(name));
    const edits: Edit[] = [];
    const dropped: string[] = [];
    const gone = new Set(globals);
    for (const statement of names.program.body) {
      if (statement.type === "ImportDeclaration") {
        const text = importOf(statement, transformed.code, edits.length, this.#mentioned);
        if (text === undefined) {
          dropped.push(String(statement.source.value));
          for (const { local } of statement.specifiers) gone.add(local.name);
        }
        edits.push({ start: statement.start, end: statement.end, text: text ?? "" });
      } else {
        const edit = globalsOf(statement, transformed.code, this.#shared);
        if (edit !== undefined) edits.push(edit);
      }
    }
    const body = edited(transformed.code, edits);
    const exported = own.filter((name) => !names.exported.has(name) && !gone.has(name));
    const rest = exported.length === 0 ? "" : `\nexport { ${exported.join(", ")} };`;
    const before = globals.map((name) => `globalThis.${name} = void 0;`).join("");
    const later = new Map<string, number>();
    const needed = new Map<number, string[]>();
    for (const name of names.mentioned) {
      const home = this.#home.get(name);
      if (home === undefined || home === i || this.#shared.has(name)) continue;
      if (home > i) later.set(name, this.#line(home, name));
      else needed.set(home, [...(needed.get(home) ?? []), name]);
    }
    // By the place among the cells that do something: a cell of prose may come and go.
    const from = [...needed].map(([home, list]) => `${this.#rank(home)}: ${list.sort().join()}`).sort();
    return {
      cell,
      // With imports as they stand in the script: which of them are in use may change by what is written further down.
      key: JSON.stringify([
        edited(
          transformed.code,
          edits.filter((edit) => !edit.text.includes("import ")),
        ),
        globals,
        dropped,
        from,
      ]),
      globals,
      later,
      isEmpty: isEmpty(read),
      code: transformed.code,
      map: transformed.map,
      module: (urls) => {
        const imports = [...needed].map(
          ([home, list]) => `import { ${list.join(", ")} } from ${JSON.stringify(urls[home])};`,
        );
        return `${imports.join("")}${this.#identity(transformed.code)}${before}\n${body}${rest}\n`;
      },
    };
  }
}

const isEmpty = (read: Read | ScriptError): boolean =>
  !(read instanceof ScriptError) && read.names.program.body.length === 0;

/** The URL of a cell's module: relative imports in it resolve as they do in the script. */
export const moduleUrl = (file: string, cell: number, version: number): string =>
  `${pathToFileURL(file).href}?cell=${cell}&version=${version}`;
