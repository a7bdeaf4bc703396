// Layers of a chart as people write them, and the checks of what they write.

import { checkLengths, checkNumbers, checkOptions, checkRange, kindOf, type Numbers } from "./check.ts";
import { checkColours, colouring, extent, type Matrix, matrixOf } from "./matrix.ts";
import { ticksOf } from "./ticks.ts";
import type { Axis, Layer, Samples } from "./view.ts";

/** Where the samples of a function of x and y stand: evenly spaced, the outermost ones at the ends of these ranges. */
interface Placed {
  readonly name: string;
  /** Rows of numbers or a tensor [rows, columns]; row 0 is drawn at the top. */
  readonly values: Matrix;
  /** Where the first column and the last one stand; the ends of the axis' domain by default. */
  readonly x?: readonly [number, number];
  /** Where the last row and the first one stand; the ends of the axis' domain by default. */
  readonly y?: readonly [number, number];
}

/**
 * A layer as `chart` takes it: its numbers may be arrays, typed arrays or tensors. With `gaps`, NaN is meant to be a
 * gap, and no note is made of it.
 */
export type LayerLike =
  | {
      readonly mark: "line";
      readonly name: string;
      readonly x: Numbers;
      readonly y: Numbers;
      readonly gaps?: boolean;
    }
  | {
      readonly mark: "dots";
      readonly name: string;
      readonly x: Numbers;
      readonly y: Numbers;
      readonly spread?: Numbers;
      readonly gaps?: boolean;
    }
  | {
      readonly mark: "band";
      readonly name: string;
      readonly x: Numbers;
      readonly low: Numbers;
      readonly high: Numbers;
      readonly gaps?: boolean;
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
  | { readonly mark: "rule"; readonly name: string; readonly at: number; readonly across: "x" | "y" }
  | (Placed & {
      readonly mark: "field";
      /** "diverging" around 0 where there are numbers below 0 and above by default, "sequential" otherwise. */
      readonly colours?: "sequential" | "diverging";
      /** What least and most stand for; by the numbers by default. */
      readonly range?: readonly [number, number];
    })
  | (Placed & {
      readonly mark: "contours";
      /** Up to about eight round numbers by default. */
      readonly levels?: Numbers;
    });

/** What each mark has beside its name: lists of numbers that belong together, and what else may be said. */
const parts = {
  line: { lists: ["x", "y"], more: ["gaps"] },
  dots: { lists: ["x", "y"], more: ["spread", "gaps"] },
  band: { lists: ["x", "low", "high"], more: ["gaps"] },
  columns: { lists: ["from", "to", "y"], more: [] },
  bars: { lists: ["values"], more: ["labels", "spread"] },
  rule: { lists: [], more: ["at", "across"] },
  field: { lists: [], more: ["values", "x", "y", "colours", "range"] },
  contours: { lists: [], more: ["values", "x", "y", "levels"] },
} as const;

type Axes = Readonly<Record<"x" | "y", Axis>>;

/** A layer with copies of its numbers. Throws TypeError or RangeError for what can't be drawn on these axes. */
export function checkLayer(where: string, layer: LayerLike, axes: Axes): Layer {
  const mark: unknown = (layer as Partial<LayerLike> | null)?.mark;
  if (typeof mark !== "string" || !Object.hasOwn(parts, mark))
    throw new TypeError(
      `${where}: the mark is ${String(mark)}; it must be one of ${Object.keys(parts)
        .map((each) => `"${each}"`)
        .join(", ")}`,
    );
  if (typeof layer.name !== "string")
    throw new TypeError(`${where}: a name is missing; the legend calls the layer by it, name: "training"`);
  const { lists, more } = parts[layer.mark];
  checkOptions(where, layer, ["mark", "name", ...lists, ...more]);
  const { name } = layer;
  const given = layer as unknown as Readonly<Record<string, unknown>>;
  const numbers = Object.fromEntries(lists.map((list) => [list, checkNumbers(where, list, given[list])]));
  const spread = given.spread === undefined ? {} : { spread: checkNumbers(where, "spread", given.spread) };
  switch (layer.mark) {
    case "rule":
      if (typeof layer.at !== "number" || !Number.isFinite(layer.at))
        throw new TypeError(
          `${where}: a rule stands at a finite number, at: 0, and not at ${String(layer.at)}`,
        );
      if (layer.across !== "x" && layer.across !== "y")
        throw new TypeError(`${where}: across is "${String(layer.across)}" and must be "x" or "y"`);
      return { mark: "rule", name, at: layer.at, across: layer.across };
    case "bars": {
      if (!Array.isArray(layer.labels))
        throw new TypeError(`${where}: bars need labels, one for each value, labels: ["sgd", "adam"]`);
      const labels = layer.labels.map(String);
      const values = numbers.values!;
      checkLengths(where, { labels, values, ...spread });
      return { mark: "bars", name, labels, values, ...spread };
    }
    case "field": {
      const samples = checkSamples(where, layer, axes);
      const range = layer.range === undefined ? undefined : checkRange(where, "range", layer.range);
      const colours = checkColours(where, layer.colours);
      return { mark: "field", name, ...samples, ...colouring(samples.values, colours, range) };
    }
    case "contours": {
      const samples = checkSamples(where, layer, axes);
      const levels =
        layer.levels === undefined
          ? ticksOf(extent(samples.values), 8)
          : checkNumbers(where, "levels", layer.levels);
      const wrong = levels.find((level) => !Number.isFinite(level));
      if (wrong !== undefined)
        throw new RangeError(`${where}: a level is ${wrong}; contours run along finite numbers`);
      return { mark: "contours", name, ...samples, levels };
    }
    case "line":
    case "dots":
    case "band":
    case "columns": {
      checkLengths(where, { ...numbers, ...spread });
      const gaps = checkGaps(where, given.gaps);
      return { mark: layer.mark, name, ...numbers, ...spread, ...gaps } as unknown as Layer;
    }
  }
}

function checkGaps(where: string, gaps: unknown): { readonly gaps?: true } {
  if (gaps !== undefined && typeof gaps !== "boolean")
    throw new TypeError(`${where}: gaps is ${kindOf(gaps)} and must be true where NaN is meant to be a gap`);
  return gaps === true ? { gaps } : {};
}

function checkSamples(where: string, { values, x, y }: Placed, axes: Axes): Samples {
  const matrix = matrixOf(where, values);
  if (matrix.rows < 2 || matrix.columns < 2)
    throw new RangeError(
      `${where}: the values are ${matrix.rows} × ${matrix.columns}; a function over a plane needs two rows and two columns at least`,
    );
  const along = (which: "x" | "y", range: unknown) => {
    const { domain, scale } = axes[which];
    if (range === undefined && domain === undefined)
      throw new TypeError(
        `${where}: where its values stand along ${which} is not said; give the axis a domain, ${which}: { label: "${axes[which].label}", domain: [-1, 1] }, or the layer a range, ${which}: [-1, 1]`,
      );
    const [from, to] = checkRange(where, which, range ?? domain);
    if (scale === "log" && from <= 0)
      throw new RangeError(
        `${where}: ${which} begins at ${from}, and a log axis has no 0 and nothing below; begin above 0`,
      );
    return [from, to] as const;
  };
  return { ...matrix, x: along("x", x), y: along("y", y) };
}

/** Throws TypeError where layers can't share their axes. */
export function checkTogether(layers: readonly Layer[]): void {
  const bars = layers.findIndex(({ mark }) => mark === "bars");
  const other = layers.findIndex(({ mark }) => mark !== "bars" && mark !== "rule");
  if (bars >= 0 && other >= 0)
    throw new TypeError(
      `chart: layer ${bars} is bars, with names along their axis, and layer ${other} is ${layers[other]!.mark}, with numbers; draw two charts, or give the values in both by bars or dots`,
    );
  const upright = layers.findIndex((layer) => layer.mark === "rule" && layer.across === "x");
  if (bars >= 0 && upright >= 0)
    throw new TypeError(
      `chart: layer ${upright} is a rule across x, where bars have names and no numbers; a rule beside bars is across "y"`,
    );
  const fields = layers.flatMap(({ mark }, i) => (mark === "field" ? [i] : []));
  if (fields.length > 1)
    throw new TypeError(
      `chart: layers ${fields.join(" and ")} are fields, and one would hide the other; draw one of them by "contours", or two charts in a group`,
    );
}
