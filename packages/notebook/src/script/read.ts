// TypeScript as JavaScript whose names are known.

import { Lines } from "./lines.ts";
import { type Names, namesOf } from "./names.ts";
import { ScriptError } from "./script-error.ts";
import { type Transformed, type TransformOptions, transform } from "./transform.ts";

export interface Read {
  readonly transformed: Transformed;
  readonly names: Names;
}

/** A script's text without the mark that some editors put in front of it, which would hide what the first line is. */
export const withoutMark = (text: string): string => text.replace(/^\uFEFF/, "");

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
    const line = new Lines(transformed.map, options.from ?? 1).at(loc.line, loc.column + 1);
    throw new ScriptError(error.message.replace(/ \(\d+:\d+\)$/, ""), line);
  }
}
