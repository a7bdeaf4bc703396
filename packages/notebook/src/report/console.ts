// Console output as a page shows it.

import { stripVTControlCharacters } from "node:util";

/** More lines than this, and longer lines, are shown at their beginning and end only. */
const MOST_LINES = 400;
const FIRST = 300;
const LAST = 60;
const LONGEST = 2_000;

/** Printed text without colours, cursor movements and what was overwritten; the middle of very long text is left out, which says so. */
export function readable(text: string): string {
  const lines = stripVTControlCharacters(text)
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => {
      // A carriage return goes back to the line's beginning, as bars of progress do.
      const rest = line.replace(/\r+$/, "");
      const shown = rest.slice(rest.lastIndexOf("\r") + 1);
      return shown.length > LONGEST
        ? `${shown.slice(0, LONGEST)}… (${shown.length - LONGEST} characters more)`
        : shown;
    });
  if (lines.length <= MOST_LINES) return lines.join("\n");
  const left = lines.length - FIRST - LAST;
  return [
    ...lines.slice(0, FIRST),
    `… (${left.toLocaleString("en-GB")} lines left out) …`,
    ...lines.slice(-LAST),
  ].join("\n");
}
