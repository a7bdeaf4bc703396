// Arrays of numbers of any shape: as numbers, table, image, heat map, histogram or curve.

import { curves } from "../views/chart.ts";
import { type AxisLike, kindOf } from "../views/check.ts";
import { colouring, imageOf } from "../views/grid.ts";
import { groupOf } from "../views/group.ts";
import { histogramOf } from "../views/histogram.ts";
import { counted, countText, numberText, shapeText } from "../views/number-text.ts";
import type { GridView, TableView, View } from "../views/view.ts";
import { type Form, OptionError, type ShowOptions } from "./kind.ts";
import { statisticsOf } from "./statistics.ts";

/** An array that has been taken from a tensor, a typed array or nested lists. */
export interface NumericArray {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
  /** "float32", "bool", …: empty for lists. */
  readonly dtype: string;
  /** What it is called: a variable's name. */
  readonly name: string;
}

/** Up to how many numbers of a vector are written out. */
const mostWritten = 16;
/** Up to how many make a curve; longer ones are summed up. */
const mostInCurve = 20_000;
/** Up to how many rows and columns of a matrix show their numbers. */
const mostNumbered = 16;
/** Up to how many rows and columns of a heat map are shown one by one. */
const mostCells = 256;
/** How many images of a batch are shown. */
const mostImages = 16;
/** How many curves are drawn on the same axes. */
const mostCurves = 12;
/** How many rows of a table are kept for the report. */
const mostRows = 1000;

/** Type and shape in front of what is shown: `"weight" float32 [2, 3]`. */
export const headOf = ({ shape, dtype, name }: NumericArray): string =>
  [name === "" ? "" : `"${name}"`, dtype, shapeText(shape)].filter((each) => each !== "").join(" ");

const elementText = (array: NumericArray, value: number, digits?: number): string =>
  array.dtype === "bool" ? (value === 0 ? "false" : "true") : numberText(value, digits);

const sizeOf = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1);

/** A part of the array along the first axis. */
function partOf(array: NumericArray, i: number): NumericArray {
  const shape = array.shape.slice(1);
  const size = sizeOf(shape);
  const data = Array.prototype.slice.call(array.data, i * size, (i + 1) * size) as number[];
  return { ...array, shape, data, name: "" };
}

/** The view of an array, in the form that is asked for or that suits it best. */
export function viewOfNumbers(array: NumericArray, options: ShowOptions): View {
  const { data, shape } = array;
  if (options.as !== undefined) return inForm(array, options.as, options);
  if (data.length === 0) return { kind: "text", text: titled(options, `${headOf(array)}: no elements`) };
  if (shape.length === 0) return writtenOut(array, options);
  if (shape.length === 1) {
    if (data.length <= mostWritten || array.dtype === "bool") return writtenOut(array, options);
    return data.length <= mostInCurve && isWorthDrawing(data)
      ? curveOf(array, options)
      : summedUp(array, options);
  }
  if (isColourImage(array) || isBatchOfImages(array)) return imagesOf(array, options);
  if (shape.length === 2)
    return shape[0]! > mostCells || shape[1]! > mostCells
      ? summedUp(array, options)
      : heatMapOf(array, options);
  return data.length <= 64 ? writtenOut(array, options) : summedUp(array, options);
}

const isWorthDrawing = (data: ArrayLike<number>) => {
  for (let i = 0; i < data.length; i++) if (Number.isFinite(data[i])) return true;
  return false;
};

function inForm(array: NumericArray, form: Form, options: ShowOptions): View {
  const { shape } = array;
  const refuse = (rule: string): never => {
    throw new OptionError(
      `show: ${headOf(array) || "the array"} can't be shown as ${/^[aeiou]/.test(form) ? "an" : "a"} ${form}: ${rule}`,
    );
  };
  switch (form) {
    case "text":
    case "number":
      return writtenOut(array, options);
    case "histogram":
      return histogramView(array, options);
    case "table":
      if (shape.length > 2) refuse("a table has rows and columns; reshape it, or choose a part");
      return tableOf(array, options);
    case "heat map":
      if (shape.length !== 1 && shape.length !== 2)
        refuse("it has rows and columns; reshape it, or choose a part");
      return heatMapOf(array, options);
    case "curve":
      if (shape.length !== 1 && shape.length !== 2)
        refuse(
          "a curve goes along a vector [n], several along the rows of a matrix [n, curves]; choose a part",
        );
      return curveOf(array, options);
    case "confusion matrix":
      if (shape.length !== 2 || shape[0] !== shape[1]) refuse("it is a square, [classes, classes]");
      return confusionOf(array, options);
    case "image":
      if (!isImageShape(shape))
        refuse(
          "an image is [h, w] or [h, w, 3], a batch of them [n, h, w], [n, h, w, 3], or [n, c, h, w] with c 1 or 3",
        );
      return imagesOf(array, options);
  }
}

const titled = ({ title }: ShowOptions, text: string) =>
  title === undefined || title === "" ? text : `${title}\n${text}`;

/** The numbers themselves, as many as can be read. */
function writtenOut(array: NumericArray, options: ShowOptions): View {
  const { data, shape, dtype } = array;
  const { digits, note } = options;
  const tail = note === undefined || note === "" ? "" : `\n${note}`;
  const head = headOf(array);
  if (shape.length === 0)
    return {
      kind: "text",
      text: titled(
        options,
        `${elementText(array, data[0]!, digits)}${dtype === "" ? "" : `  (${head.replace(/ \[\]$/, "")})`}${tail}`,
      ),
    };
  const most = options.as === undefined ? Math.max(mostWritten, 64) : 1000;
  const shown = Math.min(data.length, most);
  const texts = Array.from({ length: shown }, (_, i) => elementText(array, data[i]!, digits));
  const width = Math.max(...texts.map((text) => text.length), 0);
  const columns = shape.at(-1)!;
  const perLine = columns <= 16 ? columns : 8;
  const lines: string[] = [];
  // A blank line where a new matrix begins.
  const matrix = shape.length > 2 && columns <= 16 ? columns * shape.at(-2)! : Infinity;
  for (let i = 0; i < shown; i += perLine) {
    if (i > 0 && i % matrix === 0) lines.push("");
    const end = columns <= 16 ? i + perLine : Math.min(i + perLine, i - (i % columns) + columns);
    lines.push(
      `  ${texts
        .slice(i, end)
        .map((text) => text.padStart(width))
        .join("  ")}`,
    );
    i = end - perLine;
  }
  const more = data.length - shown;
  const counts =
    dtype === "bool" && data.length > mostWritten
      ? `, ${countText(Array.prototype.filter.call(data, (each: number) => each !== 0).length)} true`
      : "";
  const cut =
    more === 0 ? [] : [`  … ${counted(more, "more element")}: show a slice of it, or as: "histogram"`];
  return { kind: "text", text: titled(options, [`${head}${counts}`, ...lines, ...cut].join("\n")) + tail };
}

/** Type, shape and statistics as a table of one row. */
export function statisticsTable(array: NumericArray, options: ShowOptions): TableView {
  const { min, mean, max, deviation, nan, infinite, size } = statisticsOf(array.data);
  const { digits } = options;
  const columns: [string, string][] = [
    ["elements", countText(size)],
    ["min", numberText(min, digits)],
    ["mean", numberText(mean, digits)],
    ["max", numberText(max, digits)],
    ["deviation", numberText(deviation, digits)],
    ["NaN", countText(nan)],
    ["±∞", countText(infinite)],
  ];
  const odd = nan + infinite;
  return {
    kind: "table",
    title: options.title ?? headOf(array),
    columns: columns.map(([name]) => ({ name, align: "right" })),
    rows: [columns.map(([, text]) => text)],
    note: [
      options.title === undefined ? "" : headOf(array),
      odd === 0 ? "" : "min, mean, max and deviation are those of the finite numbers",
      options.note ?? "",
    ]
      .filter((each) => each !== "")
      .join("; "),
  };
}

/** Large arrays: statistics, histogram, and for a matrix a heat map of means. */
function summedUp(array: NumericArray, options: ShowOptions): View {
  const { title, ...others } = options;
  const parts: View[] = [statisticsTable(array, options), histogramView(array, { ...others, title: "" })];
  if (array.shape.length === 2 && Math.min(...array.shape) > 8)
    parts.push(heatMapOf(array, { ...others, title: "" }));
  return groupOf(parts);
}

function histogramView(array: NumericArray, { title, x, bins, range, note }: ShowOptions): View {
  return histogramOf(
    array.data,
    bins ?? 30,
    range,
    { title: title ?? headOf(array), x: x ?? "value", y: "count" },
    note,
  );
}

function tableOf(array: NumericArray, { title, columns, digits, note }: ShowOptions): View {
  const { data, shape } = array;
  const rows = shape[0] ?? 1;
  const count = shape[1] ?? 1;
  const names =
    columns ?? (shape.length < 2 ? ["value"] : Array.from({ length: count }, (_, j) => String(j)));
  if (names.length !== count)
    throw new OptionError(
      `show: ${names.length} names of columns, and ${headOf(array)} has ${count}; give one for each`,
    );
  const shown = Math.min(rows, mostRows);
  const left = rows > shown ? `${counted(rows - shown, "more row")} left out; show a slice` : "";
  return {
    kind: "table",
    title: title ?? headOf(array),
    columns: [
      ...(shape.length === 0 ? [] : [{ name: "", align: "right" as const }]),
      ...names.map((name) => ({ name, align: "right" as const })),
    ],
    rows: Array.from({ length: shown }, (_, i) => [
      ...(shape.length === 0 ? [] : [String(i)]),
      ...Array.from({ length: count }, (_, j) => elementText(array, data[i * count + j]!, digits)),
    ]),
    note: [left, note ?? ""].filter((each) => each !== "").join("; "),
  };
}

function curveOf(array: NumericArray, options: ShowOptions): View {
  const { data, shape } = array;
  const { title, x = "index", y, note } = options;
  const [n, count = 1] = shape as readonly [number, number?];
  const shown = Math.min(count, mostCurves);
  const names =
    options.columns ??
    (shape.length === 1 ? [array.name || "value"] : Array.from({ length: count }, (_, j) => String(j)));
  if (names.length !== count)
    throw new OptionError(
      `show: ${names.length} names, and there ${count === 1 ? "is 1 curve" : `are ${count} curves`}; give one for each`,
    );
  const series = Object.fromEntries(
    names
      .slice(0, shown)
      .map((name, j) => [` ${name}`.slice(1), Array.from({ length: n }, (_, i) => data[i * count + j]!)]),
  );
  const axis: AxisLike = y ?? (array.name === "" ? "value" : array.name);
  const left =
    count > shown ? `${counted(count - shown, "more curve")} left out; choose columns by slicing` : "";
  return curves(series, {
    title: title ?? headOf(array),
    x,
    y: axis,
    note: [left, note ?? ""].filter((each) => each !== "").join("; "),
  });
}

function heatMapOf(array: NumericArray, options: ShowOptions): View {
  const [rows, columns] = array.shape.length === 1 ? [1, array.shape[0]!] : (array.shape as [number, number]);
  const { values, block, ...size } = means(array.data, rows, columns);
  const { title, label, range, note, x, y } = options;
  if ((x === undefined) !== (y === undefined))
    throw new OptionError("show: a heat map with one axis; a field over a plane has two, x and y");
  const said = block === 1 ? "" : `each place is the mean of ${block} × ${block} numbers`;
  const axisOf = (axis: AxisLike) => (typeof axis === "string" ? { label: axis } : axis);
  return {
    kind: "grid",
    title: title ?? headOf(array),
    ...size,
    values,
    ...colouring(values, undefined, range),
    label: label ?? "value",
    rowNames: [],
    columnNames: [],
    ...(x === undefined || y === undefined ? {} : { axes: { x: axisOf(x), y: axisOf(y) } }),
    rowLabel: "",
    columnLabel: "",
    isNumbered: rows <= mostNumbered && columns <= mostNumbered && x === undefined,
    note: [said, note ?? ""].filter((each) => each !== "").join("; "),
  };
}

/** Means of square blocks, so that there are no more rows and columns than are drawn. */
function means(data: ArrayLike<number>, rows: number, columns: number) {
  const block = Math.max(1, Math.ceil(Math.max(rows, columns) / mostCells));
  if (block === 1) return { rows, columns, block, values: Float64Array.from(data) };
  const [high, wide] = [Math.ceil(rows / block), Math.ceil(columns / block)];
  const sums = new Float64Array(high * wide);
  const counts = new Float64Array(high * wide);
  for (let i = 0; i < rows; i++) {
    const base = Math.floor(i / block) * wide;
    for (let j = 0; j < columns; j++) {
      const value = data[i * columns + j]!;
      if (!Number.isFinite(value)) continue;
      const at = base + Math.floor(j / block);
      sums[at]! += value;
      counts[at]!++;
    }
  }
  const values = sums.map((sum, i) => (counts[i] === 0 ? Number.NaN : sum / counts[i]!));
  return { rows: high, columns: wide, block, values };
}

/** How often each class (row) was taken for each class (column). */
export function confusionOf(array: NumericArray, options: ShowOptions): GridView {
  const [n] = array.shape as [number, number];
  const { title, classes, note, range } = options;
  if (classes !== undefined && classes.length !== n)
    throw new OptionError(
      `show: ${classes.length} names of classes for a confusion matrix of ${n}; give one for each`,
    );
  const names = classes ?? Array.from({ length: n }, (_, i) => String(i));
  const values = Float64Array.from(array.data);
  const total = values.reduce((sum, each) => sum + each, 0);
  const right = Array.from({ length: n }, (_, i) => values[i * n + i]!).reduce((sum, each) => sum + each, 0);
  const said =
    total > 0
      ? `${numberText((100 * right) / total)} % of ${countText(total)} on the diagonal, which is right`
      : "";
  return {
    kind: "grid",
    title: title ?? "Confusion matrix",
    rows: n,
    columns: n,
    values,
    ...colouring(values, "sequential", range),
    label: "samples",
    rowNames: [...names],
    columnNames: [...names],
    rowLabel: "actual",
    columnLabel: "predicted",
    isNumbered: n <= 32,
    note: [said, note ?? ""].filter((each) => each !== "").join("; "),
  };
}

/** Whether an array is a picture in red, green and blue: its numbers go from 0 to 1, or to 255. */
function isColourImage({ shape, data, dtype }: NumericArray): boolean {
  if (shape.length !== 3 || shape[2] !== 3 || shape[0]! < 2 || shape[1]! < 2 || dtype === "bool")
    return false;
  const { min, max, nan, infinite } = statisticsOf(data);
  return nan + infinite === 0 && min >= 0 && max <= 255;
}

/** Whether an array is a batch of square images. */
function isBatchOfImages({ shape }: NumericArray): boolean {
  const [n, a, b, c] = shape;
  if (n === 0) return false;
  if (shape.length === 3) return a === b && a! >= 5 && a! <= 512;
  if (shape.length !== 4) return false;
  return ((a === 1 || a === 3) && b! >= 5 && c! >= 5) || (c === 3 && a! >= 5 && b! >= 5);
}

const isImageShape = (shape: readonly number[]) =>
  shape.length === 2 ||
  shape.length === 3 ||
  (shape.length === 4 && (shape[1] === 1 || shape[1] === 3 || shape[3] === 3));

/** An image, or the first ones of a batch in a row. */
function imagesOf(array: NumericArray, options: ShowOptions): View {
  const { shape } = array;
  const title = options.title ?? headOf(array);
  const { range, note = "" } = options;
  const one = (part: NumericArray, name: string): GridView => {
    const [a, b, c] = part.shape as readonly [number, number, number?];
    const data = Float64Array.from(part.data);
    const given = range === undefined ? {} : { range };
    if (c === undefined) return imageOf(data, a, b, false, { title: name, ...given });
    // Channels in front go to the end; a single one goes away.
    if (c === 3 && a !== 3) return imageOf(data, a, b, true, { title: name, ...given });
    if (a === 1) return imageOf(data, b, c, false, { title: name, ...given });
    const turned = Float64Array.from(data, (_, i) => data[(i % 3) * b * c + Math.floor(i / 3)]!);
    return imageOf(turned, b, c, true, { title: name, ...given });
  };
  if (shape.length === 2 || (shape.length === 3 && (isColourImage(array) || shape[2] === 3)))
    return { ...one(array, title), note };
  const shown = Math.min(shape[0]!, mostImages);
  const images = Array.from({ length: shown }, (_, i) => one(partOf(array, i), String(i)));
  const row = groupOf(images, { title, arrangement: "row" });
  const left =
    shape[0]! > shown
      ? `${counted(shape[0]! - shown, "more image")} left out; show a slice of the batch`
      : "";
  const said = [left, note].filter((each) => each !== "").join("; ");
  return said === "" ? row : groupOf([row, { kind: "text", text: said }]);
}

/** The array that nested lists of numbers are; null where they are none, or not equally long. */
export function fromLists(given: readonly unknown[]): NumericArray | null {
  const shape: number[] = [];
  let level: unknown = given;
  while (Array.isArray(level)) {
    shape.push(level.length);
    level = level[0];
  }
  if (typeof level !== "number" && typeof level !== "boolean") return null;
  const dtype = typeof level === "boolean" ? "bool" : "";
  const data: number[] = [];
  const collect = (part: unknown, axis: number): boolean => {
    if (axis === shape.length) {
      if (typeof part !== typeof level) return false;
      data.push(Number(part));
      return true;
    }
    if (!Array.isArray(part) || part.length !== shape[axis]) return false;
    for (let i = 0; i < part.length; i++) if (!collect(part[i], axis + 1)) return false;
    return true;
  };
  return collect(given, 0) ? { shape, data, dtype, name: "" } : null;
}

/** The array that a typed array is; null for other values, and for 64-bit integers that numbers can't hold. */
export function fromTypedArray(given: unknown): NumericArray | null {
  if (!ArrayBuffer.isView(given) || given instanceof DataView) return null;
  if (given instanceof BigInt64Array || given instanceof BigUint64Array) return null;
  const data = given as unknown as ArrayLike<number>;
  return { shape: [data.length], data, dtype: kindOf(given).replace(/^an? /, ""), name: "" };
}
