// Charts, drawn by Observable Plot on a document of linkedom's.

import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import type { Axis, ChartView, Layer } from "../views/view.ts";
import { axisOptions, barsPlan, FONT, type Plan } from "./chart-bars.ts";
import { dotPoints, extentOf, fits, isOn, linePoints, omissions } from "./chart-data.ts";
import { legendOf, type Style, stylesOf } from "./chart-series.ts";
import { markup, trusted } from "./markup.ts";
import { shortened, textWidth } from "./measure.ts";
import { counted, numberText } from "./number.ts";
import { SANS } from "./palette.ts";
import type { Canvas, LegendEntry, Picture } from "./picture.ts";
import { axisTicks, digitsOf } from "./ticks.ts";

/** Points that are drawn as symbols on their line, where there are no more than this. */
const MARKED = 24;

/** What an axis is called: its name and its unit. */
export function axisText(axis: Axis): string {
  return axis.unit === undefined || axis.unit === "" ? axis.label : `${axis.label}, ${axis.unit}`;
}

type Mark = Plot.Markish;

/** The marks of a layer on numeric axes. */
function marksOf(
  layer: Exclude<Layer, { mark: "bars" }>,
  style: Style,
  view: ChartView,
  floor: number,
  notes: string[],
): Mark[] {
  const { colour, dash, symbol } = style;
  const { x, y } = view;
  // What lies beyond an axis that somebody has cut would stand over what is beside the chart.
  const clip = x.domain !== undefined || y.domain !== undefined;
  switch (layer.mark) {
    case "line": {
      const points = linePoints(x, y, layer);
      const there = points.filter((point) => !Number.isNaN(point.y) && isOn(x, point.x) && isOn(y, point.y));
      return [
        Plot.line(points, {
          x: "x",
          y: "y",
          stroke: colour,
          strokeWidth: 1.8,
          strokeDasharray: dash,
          clip,
        }),
        ...(there.length <= MARKED
          ? [Plot.dot(there, { x: "x", y: "y", fill: colour, symbol, r: 3.2, stroke: "none" })]
          : []),
      ];
    }
    case "dots": {
      const { points, note } = dotPoints(x, y, layer);
      if (note !== "") notes.push(note);
      const isCrowded = points.length > 300;
      return [
        Plot.dot(points, {
          x: "x",
          y: "y",
          fill: colour,
          symbol,
          r: isCrowded ? 2 : 3.4,
          fillOpacity: isCrowded ? 0.7 : 0.9,
          stroke: "none",
        }),
      ];
    }
    case "band": {
      const points = layer.x.map((at, i) => {
        const [low, high] = [layer.low[i] ?? Number.NaN, layer.high[i] ?? Number.NaN];
        const isThere = fits(x, at) && fits(y, low) && fits(y, high);
        return { at, low: isThere ? low : Number.NaN, high: isThere ? high : Number.NaN };
      });
      return [Plot.areaY(points, { x: "at", y1: "low", y2: "high", fill: colour, fillOpacity: 0.22, clip })];
    }
    case "columns": {
      const columns = layer.y
        .map((height, i) => ({ from: layer.from[i] ?? Number.NaN, to: layer.to[i] ?? Number.NaN, height }))
        .filter((each) => fits(x, each.from) && fits(x, each.to) && fits(y, each.height));
      const inset = columns.length > 60 ? 0 : 0.5;
      return [
        Plot.rect(columns, {
          x1: "from",
          x2: "to",
          y1: floor,
          y2: "height",
          fill: colour,
          fillOpacity: 0.75,
          inset,
          clip,
        }),
      ];
    }
    case "rule": {
      const options = { stroke: colour, strokeWidth: 1.5, strokeDasharray: "5 4" };
      const axis = layer.across === "x" ? x : y;
      if (!fits(axis, layer.at) || !isOn(axis, layer.at)) return [];
      return [layer.across === "x" ? Plot.ruleX([layer.at], options) : Plot.ruleY([layer.at], options)];
    }
  }
}

function numericPlan(view: ChartView, styles: readonly Style[], canvas: Canvas, notes: string[]): Plan {
  const { x, y } = view;
  const ranges = { x: extentOf(x, "x", view.layers), y: extentOf(y, "y", view.layers) };
  const floor = y.scale === "log" ? ranges.y[0] : 0;
  const marks = view.layers.flatMap((layer, i) => {
    if (layer.mark === "bars")
      throw new TypeError(
        `chart ${JSON.stringify(view.title)}: bars have names along their axis and ${view.layers.find((each) => each.mark !== "bars")!.mark} have numbers; draw two charts`,
      );
    return marksOf(layer, styles[i]!, view, floor, notes);
  });
  const grid = { stroke: canvas.palette("line"), strokeOpacity: 1 };
  const ticks = {
    x: axisTicks(x, ranges.x, Math.max(3, Math.round(canvas.width / 85))),
    y: axisTicks(y, ranges.y, 5),
  };
  const digits = { x: digitsOf(ticks.x), y: digitsOf(ticks.y) };
  const tickFormat = (along: "x" | "y") => (value: number) => numberText(value, digits[along]);
  return {
    left: ticks.y.map(tickFormat("y")),
    isLying: false,
    height: Math.round(Math.min(320, Math.max(230, canvas.width * 0.48))),
    options: {
      x: axisOptions(x, ranges.x),
      y: axisOptions(y, ranges.y),
      marks: [
        Plot.gridY({ ticks: ticks.y, ...grid }),
        Plot.axisX({ ticks: ticks.x, tickFormat: tickFormat("x"), tickSize: 4, label: null }),
        Plot.axisY({ ticks: ticks.y, tickFormat: tickFormat("y"), tickSize: 0, label: null }),
        ...marks,
        ...(ranges.y[0] <= 0 && ranges.y[1] >= 0 && y.scale !== "log"
          ? [Plot.ruleY([0], { stroke: canvas.palette("soft"), strokeWidth: 0.8 })]
          : []),
      ],
    },
  };
}

/** Draws a chart as wide as the canvas. Throws TypeError for bars and numbers on one axis. */
export function drawChart(view: ChartView, canvas: Canvas): { picture: Picture; legend: LegendEntry[] } {
  const notes = omissions(view.x, view.y, view.layers);
  const styles = stylesOf(view.layers, canvas.palette);
  const bars = view.layers.filter((layer) => layer.mark === "bars");
  const rules = view.layers.filter((layer) => layer.mark === "rule");
  const isBars = bars.length > 0 && bars.length + rules.length === view.layers.length;
  const plan = isBars ? barsPlan(view, bars, rules, canvas) : numericPlan(view, styles, canvas, notes);
  if (
    view.layers.every(
      (layer) =>
        layer.mark === "rule" ||
        (layer.mark === "bars" ? layer.values : layer.mark === "band" ? layer.low : layer.y).length === 0,
    )
  )
    notes.push("There is nothing to draw.");
  const [below, beside] = plan.isLying ? [view.y, view.x] : [view.x, view.y];
  const marginLeft = Math.ceil(Math.max(24, ...plan.left.map((label) => textWidth(label, FONT) + 14)));
  const body = plotted(plan, canvas, marginLeft);
  const { palette, width } = canvas;
  const label = (text: string, x: number, y: number, anchor: string) =>
    markup`<text x="${x}" y="${y}" text-anchor="${anchor}" fill="${palette("soft")}" font-size="${FONT}">${shortened(text, width, FONT)}</text>`;
  return {
    picture: {
      width: canvas.width,
      height: plan.height + 44,
      notes,
      body: markup`<g font-family="${SANS}" font-size="${FONT}" text-anchor="middle" fill="${palette("ink")}" color="${palette("ink")}">${label(axisText(beside), 0, 13, "start")}<g transform="translate(0,20)">${trusted(body)}</g>${label(axisText(below), (marginLeft + width - 16) / 2, plan.height + 36, "middle")}</g>`,
    },
    legend: legendOf(view.layers, styles),
  };
}

/** Asks Plot, and takes what is inside of the <svg>. */
function plotted(plan: Plan, canvas: Canvas, marginLeft: number): string {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const svg = Plot.plot({
    document: document as never,
    width: canvas.width,
    height: plan.height,
    marginLeft,
    marginRight: 16,
    marginTop: 8,
    marginBottom: 26,
    style: { fontSize: `${FONT}px` },
    ...plan.options,
  }) as unknown as {
    querySelectorAll(selector: string): Iterable<{ remove(): void; removeAttribute(name: string): void }>;
    innerHTML: string;
  };
  for (const style of svg.querySelectorAll("style")) style.remove();
  // The drawing as a whole has a name and is one image; names of its parts would be read by nobody.
  for (const part of svg.querySelectorAll("[aria-label], [aria-hidden]")) {
    part.removeAttribute("aria-label");
    part.removeAttribute("aria-hidden");
  }
  return svg.innerHTML;
}

/** A chart in a sentence, for those who can't see it. */
export function chartSentence(view: ChartView): string {
  const names = [...new Set(view.layers.filter((layer) => layer.name !== "").map((layer) => layer.name))];
  const what = names.length === 0 ? counted(view.layers.length, "layer") : names.join("; ");
  return `Chart${view.title === "" ? "" : ` "${view.title}"`} of ${axisText(view.y)} over ${axisText(view.x)}: ${what}.`;
}
