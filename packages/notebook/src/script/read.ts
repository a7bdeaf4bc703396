// TypeScript as JavaScript whose names are known.

import { SourceMap, type SourceMapPayload } from "node:module";
import { type Names, namesOf } from "./names.ts";
import { ScriptError } from "./script-error.ts";
import { type Transformed, transform, type TransformOptions } from "./transform.ts";

export interface Read {
  readonly transformed: Transformed;
  readonly names: Names;
}

/** The line of the text, from 1, that a place in its JavaScript comes from. */
function lineOf(map: string, { line, column }: { line: number; column: number }): number {
  const entry = new SourceMap(JSON.parse(map) as SourceMapPayload).findEntry(line - 1, column);
  return "originalLine" in entry ? entry.originalLine + 1 : 1;
}

/** Reads a module of TypeScript. Throws `ScriptError` where it can't be read. */
export function read(text: string, options: TransformOptions = {}): Read {
  // Node leaves such a line out of account; here the hash would count as a mistake.
  const transformed = transform(text.replace(/^#!/, "//"), options);
  try {
    return { transformed, names: namesOf(transformed.code) };
  } catch (error) {
    // What esbuild lets pass, such as `return` outside of a function.
    const { loc } = error as { loc?: { line: number; column: number } };
    if (!(error instanceof SyntaxError) || loc === undefined) throw error;
    const line = (options.from ?? 1) + lineOf(transformed.map, loc) - 1;
    throw new ScriptError(error.message.replace(/ \(\d+:\d+\)$/, ""), line);
  }
}
