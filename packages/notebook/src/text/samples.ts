// Functions over the plane of a chart, drawn character by character.

import type { ContourLayer, FieldLayer, Samples } from "../views/view.ts";
import type { Scale } from "./axis.ts";
import { type Canvas, height } from "./canvas.ts";
import { shadeOf, toneOf } from "./shades.ts";

/** The value at a place of the canvas: between four samples, weighed by nearness. NaN outside, and beside a NaN. */
function valueAt(
  samples: Samples,
  across: Scale,
  up: Scale,
): (row: number, column: number, width: number) => number {
  const { rows, columns, values, x, y } = samples;
  const share = (scale: Scale, part: number, [from, to]: readonly [number, number]) => {
    const [low, high] = [scale.place(from), scale.place(to)];
    if (!(high > low)) return 0.5;
    const at = (scale.from + (scale.to - scale.from) * part - low) / (high - low);
    return at < -1e-9 || at > 1 + 1e-9 ? Number.NaN : Math.min(1, Math.max(0, at));
  };
  return (row, column, width) => {
    const i = (1 - share(up, 1 - row / height, y)) * (rows - 1);
    const j = share(across, column / (width - 1), x) * (columns - 1);
    if (Number.isNaN(i) || Number.isNaN(j)) return Number.NaN;
    const [top, left] = [Math.min(Math.floor(i), rows - 1), Math.min(Math.floor(j), columns - 1)];
    const [below, right] = [Math.min(top + 1, rows - 1), Math.min(left + 1, columns - 1)];
    const [down, on] = [i - top, j - left];
    const mixed = (a: number, b: number, part: number) => (part === 0 ? a : a + (b - a) * part);
    const line = (r: number) => mixed(values[r * columns + left]!, values[r * columns + right]!, on);
    return mixed(line(top), line(below), down);
  };
}

/** The colours behind everything else, or shades where there are no colours. */
export function drawField(
  field: FieldLayer,
  canvas: Canvas,
  across: Scale,
  up: Scale,
  isColoured: boolean,
): void {
  const value = valueAt(field, across, up);
  canvas.rows.forEach((line, row) => {
    line.forEach((ink, column) => {
      const here = value(row, column, canvas.width);
      if (isColoured) ink.back = toneOf(here, field);
      // Shades are written by twos.
      else if (!Number.isNaN(here)) ink.character = shadeOf(here, field)[column % 2]!;
    });
  });
}

/** So many contours are told apart on a few lines of text. */
const mostLevels = 4;

/** The levels that are drawn: a few of them, evenly chosen. */
export function drawnLevels({ levels }: ContourLayer): readonly number[] {
  const every = Math.ceil(levels.length / mostLevels);
  return levels.filter((_, i) => i % every === Math.floor(every / 2));
}

/** A dot at each place whose value is next to a level, of two places between which the level lies. */
export function drawContours(contours: ContourLayer, canvas: Canvas, across: Scale, up: Scale): void {
  const value = valueAt(contours, across, up);
  const { width } = canvas;
  const values = canvas.rows.map((line, row) => line.map((_, column) => value(row, column, width)));
  const levels = drawnLevels(contours);
  values.forEach((line, row) => {
    line.forEach((here, column) => {
      const around = [
        line[column - 1],
        line[column + 1],
        values[row - 1]?.[column],
        values[row + 1]?.[column],
      ];
      const isNext = (level: number, there: number | undefined) =>
        there !== undefined &&
        (here - level) * (there - level) <= 0 &&
        Math.abs(here - level) <= Math.abs(there - level) &&
        here !== there;
      if (levels.some((level) => around.some((there) => isNext(level, there))))
        canvas.put(row, column, "·", null);
    });
  });
}
