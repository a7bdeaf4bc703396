// Bars: one for each name and layer, upright where the names have room below, lying where they don't.

import * as Plot from "@observablehq/plot";
import { axisTicks, digitsOf } from "../views/ticks.ts";
import type { Axis, ChartView, Layer } from "../views/view.ts";
import { extentOf, fits, isInside } from "./chart-data.ts";
import { stylesOf } from "./chart-series.ts";
import { cutOff } from "./cut-off.ts";
import { shortenedNames, textWidth } from "./measure.ts";
import { numberText } from "./number.ts";
import type { Canvas } from "./picture.ts";

/** The size of a chart's text. */
export const FONT = 12;
export type BarsLayer = Extract<Layer, { mark: "bars" }>;

/** What Plot is asked for, but for sizes. */
export interface Plan {
  readonly options: Plot.PlotOptions;
  readonly height: number;
  /** The labels along the left side, which need their room. */
  readonly left: readonly string[];
  /** The numbers below, the last of which may stand at the end of its axis; none where there are names. */
  readonly below: readonly string[];
  /** Whether the axis of values is the one below. */
  readonly isLying: boolean;
}

/** A scale for an axis. */
export function axisOptions(axis: Axis, extent: readonly [number, number]): Plot.ScaleOptions {
  return { type: axis.scale ?? "linear", domain: extent };
}

/** Room on both sides of the bars of a name, as a share of the name's room. */
const PADDING = 0.16;

/** A chart of bars, with dashed lines at values. */
export function barsPlan(
  view: ChartView,
  layers: readonly BarsLayer[],
  rules: readonly Layer[],
  canvas: Canvas,
): Plan {
  const { palette, width } = canvas;
  const styles = stylesOf(view.layers, palette);
  const colourOf = (layer: Layer) => styles[view.layers.indexOf(layer)]!.colour;
  const extent = extentOf(view.y, "y", view.layers);
  const isLog = view.y.scale === "log";
  const floor = isLog ? extent[0] : 0;
  const labels = [...new Set(layers.flatMap((layer) => layer.labels))];
  const series = [...new Set(layers.map((layer) => layer.name))];
  const widest = Math.max(0, ...labels.map((label) => textWidth(label, FONT)));
  const room = (width - 70) / Math.max(labels.length, 1);
  const isLying = labels.length > 1 && widest > room - 8;
  const names = shortenedNames(labels, isLying ? width * 0.4 : room - 4, FONT);
  const share = (1 - 2 * PADDING) / Math.max(series.length, 1);
  const bars = layers.flatMap((layer) =>
    layer.labels.flatMap((label, i) => {
      const value = layer.values[i] ?? Number.NaN;
      if (!fits(view.y, value)) return [];
      const from = labels.indexOf(label) + PADDING + series.indexOf(layer.name) * share;
      const spread = layer.spread?.[i] ?? 0;
      const low = isLog ? Math.max(value - spread, extent[0]) : value - spread;
      return [
        {
          from: from + share * 0.04,
          to: from + share * 0.96,
          middle: from + share / 2,
          floor,
          value,
          colour: colourOf(layer),
          low,
          high: value + spread,
          hasSpread: Number.isFinite(spread) && spread > 0,
        },
      ];
    }),
  );
  const spread = bars.filter((bar) => bar.hasSpread);
  const ticks = axisTicks(view.y, extent, 5);
  const digits = digitsOf(ticks);
  const tickFormat = (value: number) => numberText(value, digits);
  const grid = { ticks, stroke: palette("line"), strokeOpacity: 1 };
  const fill = { fill: (bar: (typeof bars)[number]) => bar.colour, fillOpacity: 0.85 };
  const ink = { stroke: palette("ink"), strokeWidth: 1.4 };
  // A bar goes from 0, which the axis may not have, as far as its value, which may lie beyond the axis' end.
  const cut = cutOff(view.y.domain !== undefined);
  const zero = isLog || !isInside(0, extent) ? [] : [0];
  const zeroLine = { stroke: palette("soft"), strokeWidth: 0.8 };
  const dashed = rules.flatMap((rule) =>
    rule.mark === "rule" && rule.across === "y" && fits(view.y, rule.at) && isInside(rule.at, extent)
      ? [{ at: rule.at, options: { stroke: colourOf(rule), strokeWidth: 1.5, strokeDasharray: "5 4" } }]
      : [],
  );
  const along = {
    ticks: labels.map((_, i) => i + 0.5),
    tickFormat: (at: number) => names[Math.floor(at)] ?? "",
    tickSize: 0,
    label: null,
  };
  const identity = { color: { type: "identity" } } as const;
  const count = Math.max(labels.length, 1);
  if (isLying)
    return {
      left: names,
      below: ticks.map(tickFormat),
      isLying,
      height: 46 + count * Math.max(22, 15 * series.length + 8),
      options: {
        ...identity,
        x: axisOptions(view.y, extent),
        y: { type: "linear", domain: [count, 0] },
        marks: [
          Plot.gridX(grid),
          Plot.axisX({ ticks, tickFormat, tickSize: 4, label: null }),
          Plot.axisY(along),
          Plot.rect(bars, { y1: "from", y2: "to", x1: "floor", x2: "value", ...fill, ...cut }),
          Plot.ruleY(spread, { y: "middle", x1: "low", x2: "high", ...ink, ...cut }),
          ...dashed.map(({ at, options }) => Plot.ruleX([at], options)),
          Plot.ruleX(zero, zeroLine),
        ],
      },
    };
  return {
    left: ticks.map(tickFormat),
    below: [],
    isLying,
    height: Math.round(Math.min(320, Math.max(230, width * 0.45))),
    options: {
      ...identity,
      y: axisOptions(view.y, extent),
      x: { type: "linear", domain: [0, count] },
      marks: [
        Plot.gridY(grid),
        Plot.axisY({ ticks, tickFormat, tickSize: 0, label: null }),
        Plot.axisX(along),
        Plot.rect(bars, { x1: "from", x2: "to", y1: "floor", y2: "value", ...fill, ...cut }),
        Plot.ruleX(spread, { x: "middle", y1: "low", y2: "high", ...ink, ...cut }),
        ...dashed.map(({ at, options }) => Plot.ruleY([at], options)),
        Plot.ruleY(zero, zeroLine),
      ],
    },
  };
}
