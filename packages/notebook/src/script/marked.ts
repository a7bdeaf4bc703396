// A script as it runs in a piece: the same module that tsx would run, with a call in place of each line that begins a cell.

import { pathToFileURL } from "node:url";
import type { Cell } from "./cell.ts";
import { read } from "./read.ts";
import { withMap } from "./transform.ts";

/** The global function that a marked script calls where a cell begins, with the cell's place from 0. */
export const MARKER = "__adjointCell";

/**
 * The script as JavaScript with its source map, and with `__adjointCell(i);` in place of the `// %%` line of each cell
 * but the first, so that no line moves. `file` is the script's absolute path. Throws `ScriptError` where the script
 * can't be read.
 */
export function marked(source: string, cells: readonly Cell[], file: string): string {
  const lines = source.split("\n");
  cells.forEach((cell, i) => {
    // The statement above may lack its semicolon.
    if (i > 0) lines[cell.from - 1] = `;${MARKER}(${i});`;
  });
  const { code, map } = read(lines.join("\n"), { file }).transformed;
  return withMap(code, map, pathToFileURL(file).href);
}
