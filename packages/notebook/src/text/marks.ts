// The drawing of each mark of a chart, character by character.

import { plot } from "asciichart";
import type { Layer } from "../views/view.ts";
import type { Scale } from "./axis.ts";
import { type Canvas, height } from "./canvas.ts";
import { drawContours, drawField } from "./samples.ts";

/** Which row a value is in, and which column; NaN where it has no place, also outside of the axis. */
const rowOf = (up: Scale, value: number) => placeRow(up, within(up, up.place(value)));
const columnOf = (across: Scale, canvas: Canvas, value: number) =>
  Math.round(
    ((within(across, across.place(value)) - across.from) / (across.to - across.from)) * (canvas.width - 1),
  );

/** A place that lies on the axis, or NaN. Ends count in spite of rounding. */
function within({ from, to }: Scale, place: number): number {
  const slack = (to - from) * 1e-9;
  return place < from - slack || place > to + slack ? Number.NaN : place;
}

/** Signs of dots: the first names have different ones, since not every terminal has colours. */
export const signs = ["•", "×", "+", "o", "*", "#"] as const;

export function draw(
  layer: Layer,
  canvas: Canvas,
  across: Scale,
  up: Scale,
  {
    colour,
    sign,
    isColoured,
  }: { readonly colour: number; readonly sign: string; readonly isColoured: boolean },
): void {
  switch (layer.mark) {
    case "line":
      for (const run of runsOf(resampled(layer.x, layer.y, canvas, across, up)))
        drawRun(run, canvas, up, colour);
      break;
    case "dots":
      layer.x.forEach((x, i) => {
        const [row, column] = [rowOf(up, layer.y[i]!), columnOf(across, canvas, x)];
        const spread = Math.abs(layer.spread?.[i] ?? 0);
        if (spread > 0 && !Number.isNaN(row)) {
          const ends = [layer.y[i]! + spread, layer.y[i]! - spread].map((end) => placeRow(up, up.place(end)));
          const [top, bottom] = [ends[0]!, Number.isNaN(ends[1]!) ? height : ends[1]!];
          for (let each = Math.max(0, top); each <= Math.min(height, bottom); each++)
            canvas.put(each, column, "│", colour);
        }
        canvas.put(row, column, sign, colour);
      });
      break;
    case "band": {
      const low = resampled(layer.x, layer.low, canvas, across, up);
      const high = resampled(layer.x, layer.high, canvas, across, up);
      low.forEach((from, column) => {
        const [bottom, top] = [placeRow(up, from), placeRow(up, high[column]!)];
        for (let row = Math.max(0, top); row <= Math.min(height, bottom); row++)
          canvas.put(row, column, "░", colour);
      });
      break;
    }
    case "columns":
      drawColumns(layer, canvas, across, up, colour);
      break;
    case "rule":
      if (layer.across === "y")
        for (let column = 0; column < canvas.width; column++)
          canvas.put(rowOf(up, layer.at), column, "┄", colour);
      else
        for (let row = 0; row <= height; row++)
          canvas.put(row, columnOf(across, canvas, layer.at), "┊", colour);
      break;
    case "bars":
      break;
    case "field":
      drawField(layer, canvas, across, up, isColoured);
      break;
    case "contours":
      drawContours(layer, canvas, across, up);
      break;
  }
}

const placeRow = (up: Scale, place: number) => Math.round(((up.to - place) / (up.to - up.from)) * height);

const eighths = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;

function drawColumns(
  { from, to, y }: Extract<Layer, { mark: "columns" }>,
  canvas: Canvas,
  across: Scale,
  up: Scale,
  colour: number,
): void {
  const step = (across.to - across.from) / canvas.width;
  for (let column = 0; column < canvas.width; column++) {
    const middle = across.value(across.from + (column + 0.5) * step);
    const which = from.findIndex((low, i) => middle >= low && middle < to[i]!);
    const value = which < 0 ? Number.NaN : up.place(y[which]!);
    if (Number.isNaN(value)) continue;
    const filled = Math.max(0, ((value - up.from) / (up.to - up.from)) * height);
    // What is not nothing is to be seen.
    const parts = Math.max(y[which]! > 0 ? 1 : 0, Math.round(filled * 8));
    for (let level = 0; level * 8 < parts && level < height; level++)
      canvas.put(height - level, column, eighths[Math.min(8, parts - level * 8)]!, colour);
  }
}

/** For each column of the canvas the place of y there: the mean of the points in the column, or what lies between its neighbours. */
function resampled(
  xs: readonly number[],
  ys: readonly number[],
  { width }: Canvas,
  across: Scale,
  up: Scale,
): number[] {
  const sums = new Float64Array(width);
  const counts = new Float64Array(width);
  const points: (readonly [number, number])[] = [];
  xs.forEach((x, i) => {
    const at = ((across.place(x) - across.from) / (across.to - across.from)) * (width - 1);
    const place = up.place(ys[i]!);
    if (Number.isNaN(at)) return;
    points.push([at, place]);
    const column = Math.round(at);
    if (column < 0 || column >= width || Number.isNaN(place)) return;
    sums[column]! += place;
    counts[column]!++;
  });
  points.sort((a, b) => a[0] - b[0]);
  const result = Array.from(sums, (sum, i) => (counts[i] === 0 ? Number.NaN : sum / counts[i]!));
  for (let i = 1; i < points.length; i++) {
    const [[x0, y0], [x1, y1]] = [points[i - 1]!, points[i]!];
    for (let column = Math.max(0, Math.ceil(x0)); column < Math.min(width, x1); column++)
      if (counts[column] === 0 && x1 > x0) result[column] = y0 + ((y1 - y0) * (column - x0)) / (x1 - x0);
  }
  // What lies outside of the axis is not drawn.
  return result.map((place) => (place < up.from - 1e-12 || place > up.to + 1e-12 ? Number.NaN : place));
}

/** Stretches of numbers without gaps, each with the column where it begins. */
function runsOf(places: readonly number[]): { start: number; places: number[] }[] {
  const runs: { start: number; places: number[] }[] = [];
  let current: { start: number; places: number[] } | null = null;
  places.forEach((place, column) => {
    if (Number.isNaN(place)) current = null;
    else if (current === null) runs.push((current = { start: column, places: [place] }));
    else current.places.push(place);
  });
  return runs;
}

/** asciichart's drawing of one stretch, laid onto the canvas: its own would begin at the left, and it knows no gaps. */
function drawRun(
  { start, places }: { start: number; places: number[] },
  canvas: Canvas,
  up: Scale,
  colour: number,
): void {
  if (places.length === 1) {
    canvas.put(placeRow(up, places[0]!), start, "─", colour);
    return;
  }
  // From 0 to the height, so that asciichart's rounding finds the same rows for every stretch.
  const rows = places.map((place) => ((place - up.from) / (up.to - up.from)) * height);
  const drawing = plot([...rows, rows.at(-1)!], { min: 0, max: height, height, format: () => "   " });
  drawing.split("\n").forEach((line, row) => {
    // Three blanks for the label, one more, and the axis.
    [...line].slice(5).forEach((character, i) => {
      if (character !== " ") canvas.put(row, start + i, character, colour);
    });
  });
}

export const letters = "abcdefghijklmnopqrstuvwxyz";

/** A letter on a line in a few places, where there are no colours to tell lines apart. */
export function mark(layer: Layer, canvas: Canvas, across: Scale, up: Scale, colour: number): void {
  if (layer.mark !== "line") return;
  const places = resampled(layer.x, layer.y, canvas, across, up);
  const drawn = places.flatMap((place, column) => (Number.isNaN(place) ? [] : [column]));
  for (const part of [0.15, 0.5, 0.85]) {
    // Lines that lie over each other have their letters side by side.
    const column = drawn[Math.min(drawn.length - 1, Math.floor(drawn.length * part) + colour)];
    if (column !== undefined)
      canvas.put(placeRow(up, places[column]!), column, letters[colour % letters.length]!, colour);
  }
}
