// A grid as a PNG: each cell is a square of pixels, so that it stays crisp where a viewer smooths.

import { encode } from "fast-png";
import type { Cells } from "../views/view.ts";
import { pixelsOf } from "./grid-colours.ts";

/** More cells than this are drawn as means of blocks: about as many as pixels of a large screen. */
const MOST_CELLS = 1_100_000;
/** A side of the picture in pixels, at least, as far as cells can be repeated. */
const SIDE = 480;

/** The grid with blocks of cells made one, each the mean of what is finite in it, where it has too many cells to be drawn one by one. */
export function drawable<T extends Cells>(view: T): { grid: T; note: string } {
  const { rows, columns } = view;
  if (rows * columns <= MOST_CELLS) return { grid: view, note: "" };
  const block = Math.ceil(Math.sqrt((rows * columns) / MOST_CELLS));
  const [fewerRows, fewerColumns] = [Math.ceil(rows / block), Math.ceil(columns / block)];
  const parts = view.colours === "rgb" ? 3 : 1;
  const sums = new Float64Array(fewerRows * fewerColumns * parts);
  const counts = new Float64Array(sums.length);
  let from = 0;
  for (let row = 0; row < rows; row++) {
    const front = Math.floor(row / block) * fewerColumns;
    for (let column = 0; column < columns; column++) {
      const to = (front + Math.floor(column / block)) * parts;
      for (let part = 0; part < parts; part++) {
        const value = view.values[from++]!;
        if (!Number.isFinite(value)) continue;
        sums[to + part]! += value;
        counts[to + part]!++;
      }
    }
  }
  return {
    grid: {
      ...view,
      rows: fewerRows,
      columns: fewerColumns,
      values: sums.map((sum, i) => sum / counts[i]!),
    },
    note: `Each cell that is drawn is the mean of ${block} × ${block} of the ${rows.toLocaleString("en-GB")} × ${columns.toLocaleString("en-GB")} cells.`,
  };
}

/** The cells as a data URI of a PNG. */
export function imageOf(view: Cells, theme: "light" | "dark"): string {
  const { rows, columns } = view;
  const scale = Math.max(1, Math.ceil(SIDE / Math.max(rows, columns, 1)));
  const width = columns * scale;
  const colours = pixelsOf(view, theme);
  const pixels = new Uint32Array(width * rows * scale);
  for (let row = 0; row < rows; row++) {
    const start = row * scale * width;
    for (let column = 0; column < columns; column++) {
      const at = start + column * scale;
      pixels.fill(colours[row * columns + column]!, at, at + scale);
    }
    for (let i = 1; i < scale; i++) pixels.copyWithin(start + i * width, start, start + width);
  }
  const data = new Uint8Array(pixels.buffer);
  const png = encode({ width, height: rows * scale, data, channels: 4, depth: 8 }, { zlib: { level: 4 } });
  return `data:image/png;base64,${Buffer.from(png).toString("base64")}`;
}
