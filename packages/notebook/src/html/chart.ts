// Charts, drawn by Observable Plot on a document of linkedom's.

import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { counted } from "../views/number-text.ts";
import { axisTicks, digitsOf } from "../views/ticks.ts";
import type { Axis, ChartView, FieldLayer } from "../views/view.ts";
import { axisOptions, barsPlan, FONT, type Plan } from "./chart-bars.ts";
import { extentOf, omissions } from "./chart-data.ts";
import { marksOf } from "./chart-marks.ts";
import { legendOf, type Style, stylesOf } from "./chart-series.ts";
import { BAR, colourBar, specials } from "./colour-bar.ts";
import { markup, trusted } from "./markup.ts";
import { shortened, textWidth } from "./measure.ts";
import { numberText } from "./number.ts";
import { SANS } from "./palette.ts";
import type { Canvas, LegendEntry, Picture } from "./picture.ts";

/** What an axis is called: its name and its unit. */
export function axisText(axis: Axis): string {
  return axis.unit === undefined || axis.unit === "" ? axis.label : `${axis.label}, ${axis.unit}`;
}

function numericPlan(view: ChartView, styles: readonly Style[], canvas: Canvas, notes: string[]): Plan {
  const { x, y } = view;
  const ranges = { x: extentOf(x, "x", view.layers), y: extentOf(y, "y", view.layers) };
  const hasField = fieldOf(view) !== undefined;
  const plane = { view, extents: ranges, canvas, hasField };
  const marks = view.layers.flatMap((layer, i): Plot.Markish[] => {
    if (layer.mark === "bars")
      throw new TypeError(
        `chart ${JSON.stringify(view.title)}: bars have names along their axis and ${view.layers.find((each) => each.mark !== "bars")!.mark} have numbers; draw two charts`,
      );
    return marksOf(layer, styles[i]!, plane, notes);
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
    below: ticks.x.map(tickFormat("x")),
    isLying: false,
    height: hasField
      ? Math.round(Math.min(360, canvas.width * 0.9))
      : Math.round(Math.min(320, Math.max(230, canvas.width * 0.48))),
    options: {
      x: axisOptions(x, ranges.x),
      y: axisOptions(y, ranges.y),
      marks: [
        ...(hasField ? [] : [Plot.gridY({ ticks: ticks.y, ...grid })]),
        Plot.axisX({ ticks: ticks.x, tickFormat: tickFormat("x"), tickSize: 4, label: null }),
        Plot.axisY({ ticks: ticks.y, tickFormat: tickFormat("y"), tickSize: 0, label: null }),
        ...marks,
        ...(!hasField && ranges.y[0] <= 0 && ranges.y[1] >= 0 && y.scale !== "log"
          ? [Plot.ruleY([0], { stroke: canvas.palette("soft"), strokeWidth: 0.8 })]
          : []),
      ],
    },
  };
}

/** The layer of colours that a chart may have. */
export const fieldOf = ({ layers }: ChartView): FieldLayer | undefined =>
  layers.find((layer) => layer.mark === "field");

/** Draws a chart as wide as the canvas. Throws TypeError for bars and numbers on one axis. */
export function drawChart(view: ChartView, canvas: Canvas): { picture: Picture; legend: LegendEntry[] } {
  const field = fieldOf(view);
  const bar = field === undefined || field.name === "" ? 0 : 8 + BAR.height;
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
        ("values" in layer ? layer.values : layer.mark === "band" ? layer.low : layer.y).length === 0,
    )
  )
    notes.push("There is nothing to draw.");
  if (field !== undefined && specials(field) !== "") notes.push(specials(field));
  const [below, beside] = plan.isLying ? [view.y, view.x] : [view.x, view.y];
  const marginLeft = Math.ceil(Math.max(24, ...plan.left.map((label) => textWidth(label, FONT) + 14)));
  // The last label stands in the middle below its tick, which may be the end of the axis.
  const marginRight = Math.max(16, Math.ceil(textWidth(plan.below.at(-1) ?? "", FONT) / 2) + 2);
  const body = plotted(plan, canvas, marginLeft, marginRight);
  const { palette, width } = canvas;
  const label = (text: string, x: number, y: number, anchor: string) =>
    markup`<text x="${x}" y="${y}" text-anchor="${anchor}" fill="${palette("soft")}" font-size="${FONT}">${shortened(text, width, FONT)}</text>`;
  // In the middle below the axis, or as near to it as a long name finds room.
  const half = textWidth(shortened(axisText(below), width, FONT), FONT) / 2;
  const middle = Math.min(Math.max((marginLeft + width - marginRight) / 2, half), width - half);
  return {
    picture: {
      width: canvas.width,
      height: plan.height + 44 + bar,
      notes,
      body: markup`<g font-family="${SANS}" font-size="${FONT}" text-anchor="middle" fill="${palette("ink")}" color="${palette("ink")}">${label(axisText(beside), 0, 13, "start")}<g transform="translate(0,20)">${trusted(body)}</g>${label(axisText(below), middle, plan.height + 36, "middle")}${field !== undefined && bar > 0 ? markup`<g text-anchor="start" style="font-variant-numeric:tabular-nums">${colourBar(field, field.name, palette, marginLeft, plan.height + 52)}</g>` : ""}</g>`,
    },
    legend: legendOf(view.layers, styles, canvas),
  };
}

/** Asks Plot, and takes what is inside of the <svg>. */
function plotted(plan: Plan, canvas: Canvas, marginLeft: number, marginRight: number): string {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const svg = Plot.plot({
    document: document as never,
    width: canvas.width,
    height: plan.height,
    marginLeft,
    marginRight,
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
