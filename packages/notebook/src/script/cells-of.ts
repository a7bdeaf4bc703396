// The cells of a script. A line that begins with `// %%` begins a cell where it stands between statements: not within a
// template string, a block comment or braces, since a cell must be a piece of the script that can run by itself.

import type { Cell } from "./cell.ts";
import { piecesOf } from "./pieces.ts";
import { isComplete } from "./transform.ts";

const BOUNDARY = /^\/\/ ?%%(.*)$/;

/** What would go on with the statement above, if that isn't ended by a semicolon or a brace. */
const CONTINUES = /^([([`+*/,.?:<>=&|^%-]|(in|instanceof|as|satisfies)\b)/;

/** The first character of code in the text and the last, without comments; both empty where there is none. */
function ends(lines: readonly string[]): { first: string; last: string } {
  const code = lines
    .join("\n")
    .replaceAll(/^\s*\/\/.*$|\/\*[\s\S]*?\*\//gm, "")
    .replaceAll(/\s\/\/.*$/gm, "")
    .trim();
  return { first: code.slice(0, 12), last: code.slice(-1) };
}

/** Whether the second text goes on with the last statement of the first, as in `const a = b` before `(c)`. */
function goesOn(above: readonly string[], below: readonly string[]): boolean {
  const { last } = ends(above);
  return last !== "" && !";}".includes(last) && CONTINUES.test(ends(below).first);
}

/** The lines, from 0, at which cells begin; line 0 is always one of them. */
function beginnings(lines: readonly string[]): number[] {
  const candidates = lines.flatMap((line, i) => (i > 0 && BOUNDARY.test(line) ? [i] : []));
  const found = [0];
  while (candidates.length > 0) {
    const from = found.at(-1)!;
    const isEnd = (to: number) =>
      isComplete(lines.slice(from, to).join("\n")) &&
      !goesOn(
        lines.slice(from, to),
        lines.slice(
          to,
          candidates.find((each) => each > to),
        ),
      );
    let next = candidates.findIndex(isEnd);
    // Nothing ends what began here. If the rest of the script does, the lines in between are part of one statement;
    // otherwise the cell has a mistake, and the others need not suffer for it.
    if (next < 0) {
      if (isComplete(lines.slice(from).join("\n"))) break;
      next = 0;
    }
    found.push(candidates[next]!);
    candidates.splice(0, next + 1);
  }
  return found;
}

/**
 * The cells of a script: what lies between lines that begin with `// %%`. The first cell begins at the first line,
 * whatever that is. Together they are all lines of the script, in order.
 *
 * A script that can't be read has cells too: the mistake stays in one of them where possible.
 */
export function cellsOf(source: string): Cell[] {
  const lines = source.split(/\r?\n/);
  // The end of the last line is not a line.
  if (lines.length > 1 && lines.at(-1) === "") lines.pop();
  const from = beginnings(lines);
  return from.map((start, i) => {
    const end = from[i + 1] ?? lines.length;
    const [, title] = BOUNDARY.exec(lines[start]!) ?? [];
    const body = title === undefined ? start : start + 1;
    return {
      title: (title ?? "").trim(),
      pieces: piecesOf(lines.slice(body, end), body + 1),
      from: start + 1,
      to: end,
    };
  });
}
