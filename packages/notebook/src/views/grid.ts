// Grids: matrices as numbers and colours, and images. A matrix over a plane is a chart with a field.

import { chart } from "./chart.ts";
import { type AxisLike, checkNumbers, checkOptions, checkRange, checkText, kindOf } from "./check.ts";
import { checkColours, colouring, extent, type Matrix, matrixOf } from "./matrix.ts";
import type { ChartView, GridView } from "./view.ts";

/** The options of `heatMap`. */
export interface HeatMapOptions {
  /** Stands above; none by default. */
  readonly title?: string;
  /** What the numbers are, for the legend, with their unit: "loss, nats". */
  readonly label?: string;
  /** Names of the rows, one for each; none by default. */
  readonly rowNames?: readonly string[];
  /** Names of the columns, one for each; none by default. */
  readonly columnNames?: readonly string[];
  /** What goes along the rows, such as "actual". */
  readonly rowLabel?: string;
  /** What goes along the columns, such as "predicted". */
  readonly columnLabel?: string;
  /** For a function over a plane: axes with domains. Row 0 is drawn at the top and belongs to the end of y's domain. */
  readonly x?: AxisLike;
  /** The other axis of such a function. */
  readonly y?: AxisLike;
  /** "sequential" from least to most, "diverging" around 0; diverging by default where there are numbers below 0 and above. */
  readonly colours?: "sequential" | "diverging";
  /** What least and most stand for; the least and the greatest finite number by default, and the same on both sides of 0. */
  readonly range?: readonly [number, number];
  /** Whether cells show their numbers; by default in matrices of up to 16 rows and 16 columns. */
  readonly numbers?: boolean;
  /** A line below, such as what was left out. */
  readonly note?: string;
}

/** The largest matrix whose cells show their numbers. */
export const mostNumbered = 16;

/** Options that say something of single rows and columns, which the samples of a function over a plane are not. */
const ofCells = ["rowNames", "columnNames", "rowLabel", "columnLabel", "numbers"] as const;

/**
 * A matrix as a grid of colours, with the numbers in the cells where it is small: rows of numbers, or a tensor [rows, columns].
 * With the axes x and y it is samples of a function over a plane: a chart with one layer, a field (see `chart`), on which nothing
 * else lies. Throws RangeError for rows of different lengths, another rank, or names that are not one for each row or column;
 * TypeError for axes together with names of rows and columns.
 */
export function heatMap(
  matrix: Matrix,
  options: HeatMapOptions & { readonly x: AxisLike; readonly y: AxisLike },
): ChartView;
export function heatMap(
  matrix: Matrix,
  options?: HeatMapOptions & { readonly x?: never; readonly y?: never },
): GridView;
export function heatMap(matrix: Matrix, options: HeatMapOptions = {}): GridView | ChartView {
  checkOptions("heatMap", options, ["title", "label", ...ofCells, "x", "y", "colours", "range", "note"]);
  const { rowNames = [], columnNames = [], x, y, numbers } = options;
  const colours = checkColours("heatMap", options.colours);
  const range = options.range === undefined ? undefined : checkRange("heatMap", "range", options.range);
  const title = checkText("heatMap", "the title", options.title);
  const label = checkText("heatMap", "the label", options.label);
  const note = checkText("heatMap", "the note", options.note);
  if (x !== undefined || y !== undefined) {
    if (x === undefined || y === undefined)
      throw new TypeError(`heatMap: one axis alone is given; a field over a plane has two, x and y`);
    const extra = ofCells.find((name) => options[name] !== undefined);
    if (extra !== undefined)
      throw new TypeError(
        `heatMap: ${extra} says something of single rows or columns, and the axes x and y make of these points of a plane; give one or the other`,
      );
    const said = { ...(colours && { colours }), ...(range && { range }) };
    return chart([{ mark: "field", name: label, values: matrix, ...said }], { title, x, y, note });
  }
  const { rows, columns, values } = matrixOf("heatMap", matrix);
  for (const [what, names, count] of [
    ["rowNames", rowNames, rows],
    ["columnNames", columnNames, columns],
  ] as const)
    if (!Array.isArray(names) || (names.length !== 0 && names.length !== count))
      throw new RangeError(
        `heatMap: ${what} must be ${count} names, one for each, and not ${Array.isArray(names) ? names.length : kindOf(names)}`,
      );
  return {
    kind: "grid",
    title,
    rows,
    columns,
    values,
    ...colouring(values, colours, range),
    label,
    rowNames: rowNames.map(String),
    columnNames: columnNames.map(String),
    rowLabel: checkText("heatMap", "rowLabel", options.rowLabel),
    columnLabel: checkText("heatMap", "columnLabel", options.columnLabel),
    isNumbered: numbers ?? (rows <= mostNumbered && columns <= mostNumbered),
    note,
  };
}

/** The options of `image`. */
export interface ImageOptions {
  /** Stands above; none by default. */
  readonly title?: string;
  /** What paper and ink stand for (or darkest and brightest): 0 and the greatest number by default, or the least where that is below 0. */
  readonly range?: readonly [number, number];
  /** A line below, such as what was left out. */
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
