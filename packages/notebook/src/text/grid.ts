// Grids as text: numbers in columns, images in half-blocks, and heat maps in shades.

import { counted, numberText } from "../views/number-text.ts";
import type { GridView } from "../views/view.ts";
import { partOf, shadeKey, shadeOf, toneOf } from "./shades.ts";
import { cut, filled, framed, padStart, type Style, widthOf, wrapped } from "./style.ts";

export function gridText(view: GridView, style: Style): string[] {
  const { rows, columns, title, note } = view;
  if (rows === 0 || columns === 0) return framed(title, [`(${rows} rows, ${columns} columns)`], note, style);
  const numbered = view.isNumbered ? numberLines(view, style) : null;
  const isImage = view.colours === "ink" || view.colours === "rgb";
  const lines = numbered ?? (isImage ? imageLines(view, style) : shadeLines(view, style));
  return framed(title, lines, note, style);
}

/** The numbers with the names of rows and columns; null where they don't fit. */
function numberLines(view: GridView, { width }: Style): string[] | null {
  const { rows, columns, values, rowNames, columnNames, rowLabel, columnLabel, label } = view;
  if (view.colours === "rgb") return null;
  const cells = Array.from({ length: rows }, (_, i) =>
    Array.from({ length: columns }, (_, j) => numberText(values[i * columns + j]!)),
  );
  const names = rowNames.length === 0 ? [] : rowNames.map((name) => cut(name, 20));
  const room = Math.max(0, ...names.map(widthOf), rowLabel === "" ? 0 : Math.min(20, widthOf(rowLabel)));
  const widths = Array.from({ length: columns }, (_, j) =>
    Math.max(widthOf(columnNames[j] ?? ""), ...cells.map((row) => widthOf(row[j]!))),
  );
  const total = room + widths.reduce((sum, each) => sum + each + 2, 0);
  if (total > width) return null;
  const line = (name: string, row: readonly string[]) =>
    `${room === 0 ? "" : padStart(name, room)}${row.map((cell, j) => `  ${padStart(cell, widths[j]!)}`).join("")}`;
  return [
    ...(label === "" ? [] : [label]),
    ...(columnLabel === "" ? [] : [`${" ".repeat(room)}  ${columnLabel}`]),
    ...(columnNames.length === 0 && rowLabel === ""
      ? []
      : [line(cut(rowLabel, 20), columnNames.length === 0 ? widths.map(() => "") : columnNames).trimEnd()]),
    ...cells.map((row, i) => line(names[i] ?? "", row)),
  ];
}

/** A grid whose cells are means of blocks of cells, so that it has at most so many rows and columns. */
function reduced(
  { rows, columns, values, colours }: GridView,
  mostRows: number,
  mostColumns: number,
): { rows: number; columns: number; block: number; left: number; values: Float64Array } {
  const block = Math.max(1, Math.ceil(rows / mostRows), Math.ceil(columns / mostColumns));
  const depth = colours === "rgb" ? 3 : 1;
  if (block === 1) return { rows, columns, block, left: 0, values };
  const [high, wide] = [Math.ceil(rows / block), Math.ceil(columns / block)];
  const sums = new Float64Array(high * wide * depth);
  const counts = new Float64Array(high * wide * depth);
  let left = 0;
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns * depth; j++) {
      const value = values[i * columns * depth + j]!;
      if (!Number.isFinite(value)) {
        left++;
        continue;
      }
      const at =
        (Math.floor(i / block) * wide + Math.floor(Math.floor(j / depth) / block)) * depth + (j % depth);
      sums[at]! += value;
      counts[at]!++;
    }
  return {
    rows: high,
    columns: wide,
    block,
    left,
    values: sums.map((sum, i) => (counts[i] === 0 ? Number.NaN : sum / counts[i]!)),
  };
}

const blockNote = (block: number, left: number, { width }: Style) => {
  if (block === 1) return [];
  const without = left === 0 ? "" : `, without ${counted(left, "number")} not finite`;
  return wrapped(`each place is the mean of ${block} × ${block}${without}; the report shows all`, width);
};

/** How many rows of text a picture takes at most. */
const mostLines = 32;

/** Two rows of pixels in each line of text. */
function imageLines(view: GridView, style: Style): string[] {
  const { rows, columns, block, left, values } = reduced(view, mostLines * 2, style.width);
  const isColoured = view.colours === "rgb";
  const shade = (i: number, j: number): number => {
    if (i >= rows) return 0;
    if (!isColoured) return partOf(values[i * columns + j]!, view.range);
    const at = (i * columns + j) * 3;
    return 0.299 * values[at]! + 0.587 * values[at + 1]! + 0.114 * values[at + 2]!;
  };
  const colour = (i: number, j: number): number => {
    if (i >= rows) return 16;
    if (!isColoured) return greyOf(shade(i, j));
    const at = (i * columns + j) * 3;
    const [r, g, b] = [0, 1, 2].map((k) => Math.round((values[at + k] || 0) * 5)) as [number, number, number];
    return 16 + 36 * r + 6 * g + b;
  };
  const lines: string[] = [];
  for (let i = 0; i < rows; i += 2) {
    let line = "";
    for (let j = 0; j < columns; j++) {
      if (style.colour) line += filled("▀", colour(i, j), colour(i + 1, j));
      else {
        const [above, below] = [shade(i, j), shade(i + 1, j)];
        if (Number.isNaN(above) || Number.isNaN(below)) line += "×";
        else line += above >= 0.5 ? (below >= 0.5 ? "█" : "▀") : below >= 0.5 ? "▄" : " ";
      }
    }
    lines.push(style.colour ? line : line.trimEnd());
  }
  return [...lines, ...blockNote(block, left, style)];
}

/** One of a terminal's 24 greys and white. */
const greyOf = (part: number) =>
  Number.isNaN(part) ? 196 : part >= 0.98 ? 231 : 232 + Math.round(part * 23);

/** Two characters for each cell, as they are half as wide as high. */
function shadeLines(view: GridView, style: Style): string[] {
  const room = style.width - 2;
  const { rows, columns, block, left, values } = reduced(view, mostLines, Math.max(1, Math.floor(room / 2)));
  const cell = (value: number): string => {
    const tone = toneOf(value, view);
    return style.colour && tone !== null ? filled("  ", tone, tone) : shadeOf(value, view);
  };
  const lines = Array.from({ length: rows }, (_, i) => {
    const line = Array.from({ length: columns }, (_, j) => cell(values[i * columns + j]!)).join("");
    return `│${line}│`;
  });
  const { rowLabel, columnLabel } = view;
  const along =
    rowLabel === "" && columnLabel === ""
      ? []
      : [`rows: ${rowLabel || "row"}, columns: ${columnLabel || "column"}`];
  const key = shadeKey(view, view.label, style);
  return [
    ...lines,
    ...[...along, key].flatMap((line) => (style.colour ? [line] : wrapped(line, style.width))),
    ...blockNote(block, left, style),
  ];
}
