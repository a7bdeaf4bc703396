// What a view looks like in a terminal.

import { numberText } from "../views/number-text.ts";
import type { FindingView, GroupView, View } from "../views/view.ts";
import { chartText } from "./chart.ts";
import { gridText } from "./grid.ts";
import { bold, framed, painted, type Style, shortened, wrapped } from "./style.ts";
import { tableText } from "./table.ts";

/** How many lines a text, a graph or a network takes at most. */
const mostLines = 80;
const way = "show a part of it, or see the report";

const drawn: {
  readonly [K in View["kind"]]: (view: Extract<View, { kind: K }>, style: Style) => readonly string[];
} = {
  text: ({ text }) => shortened(text.split("\n"), mostLines * 2, way),
  markdown: ({ source }, { width }) =>
    source
      .split("\n")
      .flatMap((line) => (line.length > width && !line.startsWith("|") ? wrapped(line, width) : [line])),
  table: tableText,
  chart: chartText,
  grid: gridText,
  graph: ({ title, text, note }, style) =>
    framed(title, shortened(text.split("\n"), mostLines, way), note, style),
  network: ({ title, text, note }, style) =>
    framed(title, shortened(text.split("\n"), mostLines, way), note, style),
  svg: ({ alternative }) => [`(${alternative}: a picture, drawn in the report)`],
  finding: findingText,
  group: groupText,
};

/** A view as lines for a terminal of so many columns. */
export function linesOf(view: View, style: Style): readonly string[] {
  return (drawn[view.kind] as (view: View, style: Style) => readonly string[])(view, style);
}

/** A view as text for a terminal of `width` columns; `colour` says whether it understands colours. */
export const textOf = (view: View, style: Style): string => linesOf(view, style).join("\n");

function findingText(
  { what, measured, expected, spread, unit, isCompared }: FindingView,
  style: Style,
): string[] {
  const withUnit = (text: string) => (unit === "" ? text : `${text} ${unit}`);
  const written = `written: ${withUnit(`${numberText(expected)} ± ${numberText(spread, 2)}`)}`;
  const isWithin = Math.abs(measured - expected) <= spread;
  const sign = !isCompared ? "·" : isWithin ? painted("✓", 36, style) : painted("✗", 208, style);
  const said = !isCompared
    ? `${written}; not compared in a quick run`
    : isWithin
      ? written
      : `${written}; outside of what is written`;
  return [`${sign} ${what}: ${bold(withUnit(numberText(measured)), style)} (${said})`];
}

function groupText({ title, parts, arrangement }: GroupView, style: Style): string[] {
  const blocks = parts.map((part) => linesOf(part, style));
  const lines = arrangement === "row" ? sideBySide(parts, style) : null;
  const inOrder = blocks.flatMap((block, i) => (i === 0 ? block : ["", ...block]));
  return framed(title, lines ?? inOrder, "", style);
}

/** Small images in rows, as many as fit; null where the parts are others. */
function sideBySide(parts: readonly View[], style: Style): string[] | null {
  if (!parts.every((part) => part.kind === "grid" && part.colours === "ink")) return null;
  const grids = parts as readonly Extract<View, { kind: "grid" }>[];
  const cell = Math.max(...grids.map(({ columns, title }) => Math.max(columns, title.length)), 1);
  const count = Math.floor((style.width + 2) / (cell + 2));
  if (count < 2) return null;
  const lines: string[] = [];
  for (let from = 0; from < grids.length; from += count) {
    const row = grids.slice(from, from + count).map((grid) => ({
      columns: grid.columns,
      // The titles stand without colours, so that their width is that of their text.
      lines: linesOf({ ...grid, title: "", note: "" }, style),
      title: grid.title,
    }));
    if (row.some(({ title }) => title !== ""))
      lines.push(
        row
          .map(({ title }) => title.padEnd(cell))
          .join("  ")
          .trimEnd(),
      );
    const height = Math.max(...row.map((each) => each.lines.length));
    for (let i = 0; i < height; i++)
      lines.push(
        row
          .map(({ lines: own, columns }) => {
            const line = own[i] ?? "";
            // A coloured line is as wide as the image; a plain one has lost the blanks at its end.
            const width = style.colour && line !== "" ? columns : line.length;
            return line + " ".repeat(Math.max(0, cell - width));
          })
          .join("  ")
          .trimEnd(),
      );
  }
  return lines;
}
