// Charts: layers on two axes.

import {
  type AxisLike,
  checkAxis,
  checkLengths,
  checkNumbers,
  checkOptions,
  checkText,
  kindOf,
  type Numbers,
} from "./check.ts";
import { checkLayer, checkTogether, type LayerLike } from "./layer.ts";
import type { ChartView } from "./view.ts";

export type { LayerLike } from "./layer.ts";

/** The options that all charts have. */
export interface ChartOptions {
  /** Stands above; none by default. */
  readonly title?: string;
  /** Every axis has a name: "epoch", or { label: "time", unit: "s", scale: "log", domain: [1, 100] }. What is outside of a domain is not drawn. */
  readonly x: AxisLike;
  /** The vertical axis, likewise. */
  readonly y: AxisLike;
  /** A line below, such as what was left out. */
  readonly note?: string;
}

/** What charts can't do without, for messages. */
const AXES = '{ x: "epoch", y: "loss" }';

/**
 * A chart of layers, the first at the bottom: `chart([{ mark: "line", name: "loss", x, y }], { x: "epoch", y: "loss" })`.
 * The marks are "line", "dots" (perhaps with spread, an error bar), "band" (low and high), "columns" (from, to and y), "bars"
 * (labels, values and perhaps spread), "rule" (at a value, across "x" or "y"), "field" (values [rows, columns] of a function of x
 * and y as colours, which lie under everything else) and "contours" (lines along which such values are equal to `levels`).
 * Numbers that are not finite are gaps. Throws TypeError for an axis without a name, a mark that is not known, or layers that
 * can't share axes; RangeError for lists of different lengths.
 */
export function chart(layers: readonly LayerLike[], options: ChartOptions): ChartView {
  if (!Array.isArray(layers))
    throw new TypeError(
      `chart: got ${kindOf(layers)} where the layers belong; write them in brackets, [{ mark: "line", name, x, y }]`,
    );
  checkOptions("chart", options, ["title", "x", "y", "note"], AXES);
  const axes = { x: checkAxis("chart", "x", options.x), y: checkAxis("chart", "y", options.y) };
  const checked = layers.map((layer, i) => checkLayer(`chart: layer ${i}`, layer as LayerLike, axes));
  checkTogether(checked);
  return {
    kind: "chart",
    title: checkText("chart", "the title", options.title),
    ...axes,
    // A field lies under everything else, wherever it was written.
    layers: [...checked].sort((a, b) => Number(b.mark === "field") - Number(a.mark === "field")),
    note: checkText("chart", "the note", options.note),
  };
}

/** The options of `curves`. */
export interface CurvesOptions extends ChartOptions {
  /** Where along x the values stand; 0, 1, 2, … by default. */
  readonly at?: Numbers;
  /** Whether NaN is meant to be a gap; then no note is made of it. */
  readonly gaps?: boolean;
}

/**
 * A line for each entry: `curves({ training, validation }, { x: "epoch", y: { label: "loss", scale: "log" } })`.
 * Throws as `chart` does.
 */
export function curves(series: Readonly<Record<string, Numbers>>, options: CurvesOptions): ChartView {
  if (typeof series !== "object" || series === null || Array.isArray(series) || ArrayBuffer.isView(series))
    throw new TypeError(`curves: got ${kindOf(series)} where curves by name belong; write { loss: values }`);
  checkOptions("curves", options, ["title", "x", "y", "note", "at", "gaps"], AXES);
  const { at, gaps = false, ...rest } = options;
  const layers = Object.entries(series).map(([name, values]): LayerLike => {
    if (typeof values === "object" && values !== null && "x" in values)
      throw new TypeError(
        `curves: ${name} has an x of its own; give one x to all curves by the option at, or write chart([{ mark: "line", name: "${name}", x, y }], …)`,
      );
    const y = checkNumbers(`curves: ${name}`, "the values", values);
    const x = at === undefined ? y.map((_, i) => i) : checkNumbers("curves", "at", at);
    checkLengths(`curves: ${name}`, { at: x, values: y });
    return { mark: "line", name, x, y, gaps };
  });
  return chart(layers, rest);
}

/**
 * The mean of several runs as a line, on a band of ± one standard deviation (of a sample: divided by n − 1), as layers for
 * `chart([...overSeeds("adam", epochs, losses)], …)`. runs: a list of numbers for each seed, each as long as x. Where a run is
 * not finite, so is the mean: a gap. A single run has no band. Throws TypeError for no runs, RangeError for other lengths.
 */
export function overSeeds(name: string, x: Numbers, runs: readonly Numbers[]): LayerLike[] {
  if (!Array.isArray(runs) || runs.length === 0)
    throw new TypeError(
      `overSeeds: got ${Array.isArray(runs) ? "no runs" : kindOf(runs)}; give a list of numbers for each seed`,
    );
  const at = checkNumbers("overSeeds", "x", x);
  const lists = (runs as readonly Numbers[]).map((run, i) => {
    const list = checkNumbers("overSeeds", `run ${i}`, run);
    checkLengths("overSeeds", { x: at, [`run ${i}`]: list });
    return list;
  });
  const mean = at.map((_, i) => lists.reduce((sum, list) => sum + list[i]!, 0) / lists.length);
  const line: LayerLike = { mark: "line", name, x: at, y: mean };
  if (lists.length === 1) return [line];
  const deviation = mean.map((middle, i) =>
    Math.sqrt(lists.reduce((sum, list) => sum + (list[i]! - middle) ** 2, 0) / (lists.length - 1)),
  );
  const low = mean.map((middle, i) => middle - deviation[i]!);
  const high = mean.map((middle, i) => middle + deviation[i]!);
  return [{ mark: "band", name, x: at, low, high }, line];
}
