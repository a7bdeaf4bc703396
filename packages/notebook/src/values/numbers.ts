// Arrays of numbers of any shape, in the form that suits them or that is asked for.

import { chart } from "../views/chart.ts";
import type { AxisLike } from "../views/check.ts";
import { groupOf } from "../views/group.ts";
import { histogramOf } from "../views/histogram.ts";
import { counted, countText, numberText } from "../views/number-text.ts";
import type { TableView, View } from "../views/view.ts";
import { confusionOf, heatMapOf, mostCells } from "./heat-maps.ts";
import { imagesOf, isBatchOfImages, isColourImage, isImageShape } from "./images.ts";
import { type Form, OptionError, type ShowOptions } from "./kind.ts";
import { elementText, headOf, type NumericArray, notes } from "./numeric-array.ts";
import { statisticsOf } from "./statistics.ts";

/** Up to how many numbers of a vector are written out. */
const mostWritten = 16;

/** Up to how many make a curve; longer ones are summed up. */
const mostInCurve = 20_000;

/** How many curves are drawn on the same axes. */
const mostCurves = 12;

/** How many rows of a table are kept for the report. */
const mostRows = 1000;

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
function statisticsTable(array: NumericArray, options: ShowOptions): TableView {
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
    note: notes(left, note),
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
  if (new Set(names).size < names.length)
    throw new OptionError(
      `show: two curves have one name, ${names.find((name, j) => names.indexOf(name) < j)}; the legend tells them apart by it`,
    );
  const layers = names.slice(0, shown).map((name, j) => ({
    mark: "line" as const,
    name,
    x: Array.from({ length: n }, (_, i) => i),
    y: Array.from({ length: n }, (_, i) => data[i * count + j]!),
  }));
  const axis: AxisLike = y ?? (array.name === "" ? "value" : array.name);
  const left =
    count > shown ? `${counted(count - shown, "more curve")} left out; choose columns by slicing` : "";
  return chart(layers, {
    title: title ?? headOf(array),
    x,
    y: axis,
    note: notes(left, note),
  });
}
