// Grids: matrices as numbers and colours, fields over a plane, and images.

import {
  type AxisLike,
  checkAxis,
  checkNumbers,
  checkOptions,
  checkRange,
  checkText,
  kindOf,
} from "./check.ts";
import { shapeText } from "./number-text.ts";
import type { GridView } from "./view.ts";

/** A matrix: rows of numbers, or what has numbers in `data` and sizes in `shape`, as a tensor does. */
export type Matrix =
  | readonly ArrayLike<number>[]
  | { readonly data: ArrayLike<number | boolean>; readonly shape: readonly number[] };

export interface HeatMapOptions {
  readonly title?: string;
  /** What the numbers are, for the legend, with their unit: "loss, nats". */
  readonly label?: string;
  /** Names of the rows and of the columns. */
  readonly rowNames?: readonly string[];
  readonly columnNames?: readonly string[];
  /** What goes along the rows and along the columns, such as "actual" and "predicted". */
  readonly rowLabel?: string;
  readonly columnLabel?: string;
  /** For a field over a plane: axes with domains. Row 0 is drawn at the top and belongs to the end of y's domain. */
  readonly x?: AxisLike;
  readonly y?: AxisLike;
  /** "sequential" from least to most, "diverging" around 0; diverging by default where there are numbers below 0 and above. */
  readonly colours?: "sequential" | "diverging";
  /** What least and most stand for; the least and the greatest finite number by default, and the same on both sides of 0. */
  readonly range?: readonly [number, number];
  /** Whether cells show their numbers; by default in matrices of up to 16 rows and 16 columns. */
  readonly numbers?: boolean;
  readonly note?: string;
}

/** The largest matrix whose cells show their numbers. */
const mostNumbered = 16;

/** A matrix taken apart: its sizes and its numbers row by row. */
function matrixOf(
  operation: string,
  given: unknown,
): { rows: number; columns: number; values: Float64Array } {
  if (Array.isArray(given)) {
    const lists = given.map((row, i) => checkNumbers(operation, `row ${i}`, row));
    const columns = lists[0]?.length ?? 0;
    for (const [i, row] of lists.entries())
      if (row.length !== columns)
        throw new RangeError(
          `${operation}: row ${i} has ${row.length} numbers and row 0 has ${columns}; all rows of a matrix are equally long`,
        );
    return { rows: lists.length, columns, values: Float64Array.from(lists.flat()) };
  }
  const shape = (given as { readonly shape?: unknown } | null | undefined)?.shape;
  if (!Array.isArray(shape))
    throw new TypeError(
      `${operation}: got ${kindOf(given)} where a matrix belongs: rows of numbers, or a tensor of two axes`,
    );
  if (shape.length !== 2)
    throw new RangeError(
      `${operation}: the shape is ${shapeText(shape)} and must have two axes, rows and columns; reshape it, or choose a part`,
    );
  const [rows, columns] = shape as [number, number];
  return { rows, columns, values: Float64Array.from(checkNumbers(operation, "the matrix", given)) };
}

/** The least and the greatest finite number; 0 and 1 where there is none. */
export function extent(values: ArrayLike<number>): readonly [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low > high ? [0, 1] : [low, high];
}

/** Colours and range by the numbers, where nothing is said about them. */
export function colouring(
  values: ArrayLike<number>,
  colours?: "sequential" | "diverging",
  range?: readonly [number, number],
): Pick<GridView, "colours" | "range"> {
  const [low, high] = extent(values);
  const chosen = colours ?? (low < 0 && high > 0 ? "diverging" : "sequential");
  if (range !== undefined) return { colours: chosen, range };
  const most = Math.max(Math.abs(low), Math.abs(high));
  return { colours: chosen, range: chosen === "diverging" ? [-most, most] : [low, high] };
}

/**
 * A matrix as a grid of colours, with the numbers in the cells where it is small: rows of numbers, or a tensor [rows, columns].
 * Throws RangeError for rows of different lengths, another rank, or names that are not one for each row or column.
 */
export function heatMap(matrix: Matrix, options: HeatMapOptions = {}): GridView {
  checkOptions("heatMap", options, [
    "title",
    "label",
    "rowNames",
    "columnNames",
    "rowLabel",
    "columnLabel",
    "x",
    "y",
    "colours",
    "range",
    "numbers",
    "note",
  ]);
  const { rows, columns, values } = matrixOf("heatMap", matrix);
  const { rowNames = [], columnNames = [], x, y, colours, numbers } = options;
  for (const [what, names, count] of [
    ["rowNames", rowNames, rows],
    ["columnNames", columnNames, columns],
  ] as const)
    if (!Array.isArray(names) || (names.length !== 0 && names.length !== count))
      throw new RangeError(
        `heatMap: ${what} must be ${count} names, one for each, and not ${Array.isArray(names) ? names.length : kindOf(names)}`,
      );
  if (colours !== undefined && colours !== "sequential" && colours !== "diverging")
    throw new TypeError(
      `heatMap: colours is "${String(colours)}" and must be "sequential" or "diverging"; for pictures there is image()`,
    );
  if ((x === undefined) !== (y === undefined))
    throw new TypeError(`heatMap: one axis alone is given; a field over a plane has two, x and y`);
  const range = options.range === undefined ? undefined : checkRange("heatMap", "range", options.range);
  return {
    kind: "grid",
    title: checkText("heatMap", "the title", options.title),
    rows,
    columns,
    values,
    ...colouring(values, colours, range),
    label: checkText("heatMap", "the label", options.label),
    rowNames: rowNames.map(String),
    columnNames: columnNames.map(String),
    ...(x === undefined
      ? {}
      : { axes: { x: checkAxis("heatMap", "x", x), y: checkAxis("heatMap", "y", y) } }),
    rowLabel: checkText("heatMap", "rowLabel", options.rowLabel),
    columnLabel: checkText("heatMap", "columnLabel", options.columnLabel),
    isNumbered: numbers ?? (rows <= mostNumbered && columns <= mostNumbered && x === undefined),
    note: checkText("heatMap", "the note", options.note),
  };
}

export interface ImageOptions {
  readonly title?: string;
  /** What paper and ink stand for (or darkest and brightest): 0 and the greatest number by default, or the least where that is below 0. */
  readonly range?: readonly [number, number];
  readonly note?: string;
}

/**
 * An image: [height, width] from paper to ink, or [height, width, 3] in red, green and blue from 0 to 1 (or to 255, where some
 * are above 1). Throws RangeError for another shape.
 */
export function image(pixels: Matrix, options: ImageOptions = {}): GridView {
  checkOptions("image", options, ["title", "range", "note"]);
  const shape = (pixels as { readonly shape?: readonly number[] }).shape;
  const range = options.range === undefined ? undefined : checkRange("image", "range", options.range);
  const title = checkText("image", "the title", options.title);
  const note = checkText("image", "the note", options.note);
  if (Array.isArray(shape) && shape.length === 3 && shape[2] === 3) {
    const values = Float64Array.from(checkNumbers("image", "the image", pixels));
    return imageOf(values, shape[0] as number, shape[1] as number, true, {
      title,
      note,
      ...(range === undefined ? {} : { range }),
    });
  }
  const { rows, columns, values } = matrixOf("image", pixels);
  return imageOf(values, rows, columns, false, { title, note, ...(range === undefined ? {} : { range }) });
}

/** What paper and ink stand for where nobody says it: 0 and the greatest number, or 1 or 255 where these are colours. */
export function imageRange(values: ArrayLike<number>, isColoured: boolean): readonly [number, number] {
  const [least, greatest] = extent(values);
  return [Math.min(0, least), isColoured ? (greatest > 1 ? 255 : 1) : greatest];
}

/** The same of numbers that have been looked at. Colours are brought between 0 and 1. */
export function imageOf(
  values: Float64Array,
  rows: number,
  columns: number,
  isColoured: boolean,
  { title = "", note = "", range }: ImageOptions = {},
): GridView {
  const [low, high] = range ?? imageRange(values, isColoured);
  const span = high > low ? high - low : 1;
  return {
    kind: "grid",
    title,
    rows,
    columns,
    values: isColoured ? values.map((value) => Math.min(1, Math.max(0, (value - low) / span))) : values,
    colours: isColoured ? "rgb" : "ink",
    range: isColoured ? [0, 1] : [low, high > low ? high : low + 1],
    label: "",
    rowNames: [],
    columnNames: [],
    rowLabel: "",
    columnLabel: "",
    isNumbered: false,
    note,
  };
}
