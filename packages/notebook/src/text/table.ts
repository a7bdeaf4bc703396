// Tables as text.

import { counted } from "../views/number-text.ts";
import type { TableView } from "../views/view.ts";
import { cut, faint, framed, padEnd, padStart, type Style, widthOf, wrapped } from "./style.ts";

/** How many rows are printed: the first of them, and the last few. */
const mostRows = 40;
const lastRows = 5;
const gap = 2;
/** How many lines a cell of text takes at most. */
const mostLines = 6;
/** How narrow a column of text becomes before columns are left out. */
const narrowest = 8;

export function tableText(view: TableView, style: Style): string[] {
  const { columns, rows, title, note } = view;
  if (columns.length === 0) return framed(title, ["(a table without columns)"], note, style);
  const skipped = Math.max(0, rows.length - mostRows);
  const shown = skipped === 0 ? rows : [...rows.slice(0, mostRows - lastRows), ...rows.slice(-lastRows)];
  const widths = columns.map(({ name }, i) =>
    shown.reduce((widest, row) => Math.max(widest, widthOf(row[i] ?? "")), widthOf(name)),
  );
  const count = fit(widths, style.width);
  const line = (cells: readonly string[]) =>
    widths
      .slice(0, count)
      .map((width, i) => {
        const cell = cut(cells[i] ?? "", width);
        return columns[i]!.align === "right" ? padStart(cell, width) : padEnd(cell, width);
      })
      .join(" ".repeat(gap))
      .trimEnd();
  /** A row in as many lines as its longest text takes in its column. */
  const linesOfRow = (row: readonly string[]): readonly string[] => {
    const parts = widths
      .slice(0, count)
      .map((width, i) => (columns[i]!.align === "right" ? [row[i] ?? ""] : wrapped(row[i] ?? "", width)));
    const height = Math.min(mostLines, Math.max(...parts.map(({ length }) => length)));
    return Array.from({ length: height }, (_, k) =>
      line(parts.map((part) => (k === height - 1 ? part.slice(k).join(" ") : (part[k] ?? "")))),
    );
  };
  const left = columns.slice(count).map(({ name }) => name);
  const rowLines = shown.map(linesOfRow);
  if (skipped > 0)
    rowLines.splice(mostRows - lastRows, 0, [
      `… ${counted(skipped, "more row")}: show a part of them, or see the report`,
    ]);
  const body = rowLines.flat();
  const lines = [
    line(columns.map(({ name }) => name)),
    faint(
      widths
        .slice(0, count)
        .map((width) => "─".repeat(width))
        .join(" ".repeat(gap)),
      style,
    ),
    ...body,
    ...(left.length === 0
      ? []
      : [
          cut(
            `… ${counted(left.length, "more column")}: ${left.join(", ")}; choose with { columns: […] }`,
            style.width,
          ),
        ]),
  ];
  return framed(title, lines, note, style);
}

/** Narrows the widest columns until all fit; returns how many do. */
function fit(widths: number[], width: number): number {
  const total = () => widths.reduce((sum, each) => sum + each, 0) + gap * (widths.length - 1);
  while (total() > width) {
    const widest = widths.indexOf(Math.max(...widths));
    if (widths[widest]! <= narrowest) break;
    widths[widest] = Math.max(narrowest, widths[widest]! - (total() - width));
  }
  let used = -gap;
  let count = 0;
  for (const each of widths) {
    used += each + gap;
    if (used > width && count > 0) break;
    count++;
  }
  return count;
}
