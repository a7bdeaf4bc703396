// What of a cell is prose and what is code.
//
// A block of `//` lines at the left margin is prose, written in Markdown, where a blank line or the cell's edge is on both
// sides of it. The block at the cell's beginning (under its `// %%` line, or at the head of the file) is prose even where
// code follows at once. All other comments are part of the code: those directly above what they explain, those behind
// it, indented ones, and `/* … */`.

import type { Piece } from "./cell.ts";
import { isComplete } from "./transform.ts";

const COMMENT = /^\/\/(?![/%])/;
// What tools read, and people needn't, such as "// #region" and "//# sourceMappingURL"; "// # Title" is a heading.
const DIRECTIVE = /^\/\/(#|\s*(@ts-|biome-ignore|eslint-|oxlint-|prettier-ignore|#(?!#*\s)))/;

const isBlank = (line: string | undefined) => line === undefined || line.trim() === "";

/** The pieces of a cell's lines, of which the first is line `first` of the script (from 1). */
export function piecesOf(lines: readonly string[], first: number): Piece[] {
  const pieces: Piece[] = [];
  /** Adds lines [from, to) as code, without blank lines around. */
  const addCode = (from: number, to: number) => {
    while (from < to && isBlank(lines[from])) from++;
    while (to > from && isBlank(lines[to - 1])) to--;
    if (from === to) return;
    const text = lines.slice(from, to).join("\n");
    pieces.push({ kind: "code", text, from: first + from, to: first + to - 1 });
  };

  let codeFrom = 0;
  for (let from = 0; from < lines.length; from++) {
    if (!COMMENT.test(lines[from]!)) continue;
    let to = from;
    while (to < lines.length && COMMENT.test(lines[to]!)) to++;
    const isAtHead = lines.slice(0, from).every((line) => isBlank(line) || line.startsWith("#!"));
    const standsApart = isBlank(lines[from - 1]) && isBlank(lines[to]);
    const isProse =
      (isAtHead || standsApart) &&
      !DIRECTIVE.test(lines[from]!) &&
      // Lines within a template string or a function may look the same.
      isComplete(lines.slice(codeFrom, from).join("\n"));
    if (isProse) {
      addCode(codeFrom, from);
      const text = lines.slice(from, to).map((line) => line.replace(/^\/\/ ?/, ""));
      pieces.push({ kind: "markdown", text: text.join("\n"), from: first + from, to: first + to - 1 });
      codeFrom = to;
    }
    from = to - 1;
  }
  addCode(codeFrom, lines.length);
  return pieces;
}
