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
import type { ChartView, Layer } from "./view.ts";

/** What may be said about every chart. */
export interface ChartOptions {
  readonly title?: string;
  /** Every axis has a name: "epoch", or { label: "time", unit: "s", scale: "log", domain: [1, 100] }. */
  readonly x: AxisLike;
  readonly y: AxisLike;
  /** A line below, such as what was left out. */
  readonly note?: string;
}

/** A layer as people write it: its numbers may be arrays, typed arrays or tensors. */
export type LayerLike =
  | { readonly mark: "line" | "dots"; readonly name: string; readonly x: Numbers; readonly y: Numbers }
  | {
      readonly mark: "band";
      readonly name: string;
      readonly x: Numbers;
      readonly low: Numbers;
      readonly high: Numbers;
    }
  | {
      readonly mark: "columns";
      readonly name: string;
      readonly from: Numbers;
      readonly to: Numbers;
      readonly y: Numbers;
    }
  | {
      readonly mark: "bars";
      readonly name: string;
      readonly labels: readonly string[];
      readonly values: Numbers;
      readonly spread?: Numbers;
    }
  | { readonly mark: "rule"; readonly name: string; readonly at: number; readonly across: "x" | "y" };

/** The lists of numbers that each mark has. */
const lists = {
  line: ["x", "y"],
  dots: ["x", "y"],
  band: ["x", "low", "high"],
  columns: ["from", "to", "y"],
  bars: ["values"],
  rule: [],
} as const;

/** What charts can't do without, for messages. */
const AXES = '{ x: "epoch", y: "loss" }';

/**
 * A chart of layers, the first at the bottom: `chart([{ mark: "line", name: "loss", x, y }], { x: "epoch", y: "loss" })`.
 * The marks are "line", "dots", "band" (low and high), "columns" (from, to and y), "bars" (labels, values and perhaps spread)
 * and "rule" (at a value, across "x" or "y"). Numbers that are not finite are gaps.
 * Throws TypeError for an axis without a name or a mark that is not known, RangeError for lists of different lengths.
 */
export function chart(layers: readonly LayerLike[], options: ChartOptions): ChartView {
  if (!Array.isArray(layers))
    throw new TypeError(
      `chart: got ${kindOf(layers)} where the layers belong; write them in brackets, [{ mark: "line", name, x, y }]`,
    );
  checkOptions("chart", options, ["title", "x", "y", "note"], AXES);
  return {
    kind: "chart",
    title: checkText("chart", "the title", options.title),
    x: checkAxis("chart", "x", options.x),
    y: checkAxis("chart", "y", options.y),
    layers: layers.map((layer, i) => checkLayer(`chart: layer ${i}`, layer)),
    note: checkText("chart", "the note", options.note),
  };
}

/** A layer with copies of its numbers. */
function checkLayer(where: string, layer: LayerLike): Layer {
  const marks = Object.keys(lists)
    .map((mark) => `"${mark}"`)
    .join(", ");
  const mark: unknown = (layer as Partial<LayerLike> | null)?.mark;
  if (typeof mark !== "string" || !Object.hasOwn(lists, mark))
    throw new TypeError(`${where}: the mark is ${String(mark)}; it must be one of ${marks}`);
  if (typeof layer.name !== "string")
    throw new TypeError(`${where}: a name is missing; the legend calls the layer by it, name: "training"`);
  if (layer.mark === "rule") {
    if (typeof layer.at !== "number" || !Number.isFinite(layer.at))
      throw new TypeError(
        `${where}: a rule stands at a finite number, at: 0, and not at ${String(layer.at)}`,
      );
    if (layer.across !== "x" && layer.across !== "y")
      throw new TypeError(`${where}: across is "${String(layer.across)}" and must be "x" or "y"`);
    return { mark: "rule", name: layer.name, at: layer.at, across: layer.across };
  }
  const names: readonly string[] = lists[layer.mark];
  const given = layer as unknown as Readonly<Record<string, unknown>>;
  const numbers = Object.fromEntries(names.map((name) => [name, checkNumbers(where, name, given[name])]));
  if (layer.mark !== "bars") {
    checkLengths(where, numbers);
    return { mark: layer.mark, name: layer.name, ...numbers } as unknown as Layer;
  }
  if (!Array.isArray(layer.labels))
    throw new TypeError(`${where}: bars need labels, one for each value, labels: ["sgd", "adam"]`);
  const labels = layer.labels.map(String);
  const spread = layer.spread === undefined ? {} : { spread: checkNumbers(where, "spread", layer.spread) };
  const values = numbers.values!;
  checkLengths(where, { labels, values, ...spread });
  return { mark: "bars", name: layer.name, labels, values, ...spread };
}

export interface CurvesOptions extends ChartOptions {
  /** Where along x the values stand; 0, 1, 2, … by default. */
  readonly at?: Numbers;
}

/**
 * A line for each entry: `curves({ training, validation }, { x: "epoch", y: { label: "loss", scale: "log" } })`.
 * Throws as `chart` does.
 */
export function curves(series: Readonly<Record<string, Numbers>>, options: CurvesOptions): ChartView {
  if (typeof series !== "object" || series === null || Array.isArray(series) || ArrayBuffer.isView(series))
    throw new TypeError(`curves: got ${kindOf(series)} where curves by name belong; write { loss: values }`);
  checkOptions("curves", options, ["title", "x", "y", "note", "at"], AXES);
  const { at, ...rest } = options;
  const layers = Object.entries(series).map(([name, values]): LayerLike => {
    if (typeof values === "object" && values !== null && "x" in values)
      throw new TypeError(
        `curves: ${name} has an x of its own; give one x to all curves by the option at, or write chart([{ mark: "line", name: "${name}", x, y }], …)`,
      );
    const y = checkNumbers(`curves: ${name}`, "the values", values);
    const x = at === undefined ? y.map((_, i) => i) : checkNumbers("curves", "at", at);
    checkLengths(`curves: ${name}`, { at: x, values: y });
    return { mark: "line", name, x, y };
  });
  return chart(layers, rest);
}
