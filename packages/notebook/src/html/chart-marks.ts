// The marks of layers on numeric axes. What lies outside of an axis' domain is cut off.

import * as Plot from "@observablehq/plot";
import type { ChartView, Layer } from "../views/view.ts";
import { dotPoints, type Extents, fits, isInside, linePoints } from "./chart-data.ts";
import { contourMarks, fieldMark } from "./chart-field.ts";
import type { Style } from "./chart-series.ts";
import { cutOff } from "./cut-off.ts";
import type { Canvas } from "./picture.ts";

/** Points that are drawn as symbols on their line, where there are no more than this. */
const MARKED = 24;

/** What the marks of a chart are drawn on. */
export interface Plane {
  readonly view: ChartView;
  readonly extents: Extents;
  readonly canvas: Canvas;
  /** Whether colours lie below: then lines and dots have an edge of paper. */
  readonly hasField: boolean;
}

/** The marks of a layer. `notes` gets what is left out. */
export function marksOf(
  layer: Exclude<Layer, { mark: "bars" }>,
  style: Style,
  plane: Plane,
  notes: string[],
): Plot.Markish[] {
  const { colour, dash, symbol } = style;
  const { view, extents, canvas, hasField } = plane;
  const { x, y } = view;
  const cut = cutOff(x.domain !== undefined || y.domain !== undefined);
  const paper = canvas.palette("paper");
  const edge = hasField ? { stroke: paper, strokeWidth: 1.2 } : { stroke: "none" };
  switch (layer.mark) {
    case "line": {
      const points = linePoints(x, y, layer);
      const there = points.filter(
        (point) => !Number.isNaN(point.y) && isInside(point.x, extents.x) && isInside(point.y, extents.y),
      );
      const line = { x: "x", y: "y", ...cut } as const;
      return [
        ...(hasField
          ? [Plot.line(points, { ...line, stroke: paper, strokeWidth: 4, strokeOpacity: 0.8 })]
          : []),
        Plot.line(points, { ...line, stroke: colour, strokeWidth: 1.8, strokeDasharray: dash }),
        ...(there.length <= MARKED
          ? [Plot.dot(there, { x: "x", y: "y", fill: colour, symbol, r: 3.2, ...edge })]
          : []),
      ];
    }
    case "dots": {
      const { points, notes: left } = dotPoints(x, y, layer, extents);
      notes.push(...left);
      // On a field the edges of dots take room, too.
      const isCrowded = points.length > (hasField ? 100 : 300);
      const bars = points.filter((point) => point.high > point.low);
      const bar = { x: "x", y1: "low", y2: "high", ...cut } as const;
      return [
        ...(hasField
          ? [Plot.ruleX(bars, { ...bar, stroke: paper, strokeWidth: 3.2, strokeOpacity: 0.8 })]
          : []),
        Plot.ruleX(bars, { ...bar, stroke: colour, strokeWidth: 1.4 }),
        Plot.dot(points, {
          x: "x",
          y: "y",
          fill: colour,
          symbol,
          r: isCrowded ? 2 : 3.4,
          fillOpacity: isCrowded ? 0.7 : 0.9,
          ...edge,
          ...(isCrowded && hasField ? { strokeWidth: 0.5 } : {}),
        }),
      ];
    }
    case "band": {
      const points = layer.x.map((at, i) => {
        const [low, high] = [layer.low[i] ?? Number.NaN, layer.high[i] ?? Number.NaN];
        const isThere = fits(x, at) && fits(y, low) && fits(y, high);
        return { at, low: isThere ? low : Number.NaN, high: isThere ? high : Number.NaN };
      });
      return [
        Plot.areaY(points, { x: "at", y1: "low", y2: "high", fill: colour, fillOpacity: 0.22, ...cut }),
      ];
    }
    case "columns": {
      const columns = layer.y
        .map((height, i) => ({ from: layer.from[i] ?? Number.NaN, to: layer.to[i] ?? Number.NaN, height }))
        .filter((each) => fits(x, each.from) && fits(x, each.to) && fits(y, each.height));
      return [
        Plot.rect(columns, {
          x1: "from",
          x2: "to",
          y1: y.scale === "log" ? extents.y[0] : 0,
          y2: "height",
          fill: colour,
          fillOpacity: 0.75,
          inset: columns.length > 60 ? 0 : 0.5,
          ...cut,
        }),
      ];
    }
    case "rule": {
      const { across, at } = layer;
      if (!fits(view[across], at) || !isInside(at, extents[across])) return [];
      const ruled = (options: Plot.RuleXOptions & Plot.RuleYOptions) =>
        across === "x" ? Plot.ruleX([at], options) : Plot.ruleY([at], options);
      return [
        ...(hasField ? [ruled({ stroke: paper, strokeWidth: 3.5, strokeOpacity: 0.8 })] : []),
        ruled({ stroke: colour, strokeWidth: 1.5, strokeDasharray: "5 4" }),
      ];
    }
    case "field":
      return [fieldMark(layer, view, extents, canvas)];
    case "contours":
      return contourMarks(layer, view, extents, canvas, hasField);
  }
}
