// The views that are pictures, drawn: one place that knows which drawing belongs to which kind.

import type { ChartView, GraphView, GridView, GroupView, NetworkView, SvgView, View } from "../views/view.ts";
import { chartSentence, drawChart, fieldOf } from "./chart.ts";
import type { Figure } from "./figure.ts";
import { drawGraph, graphSentence } from "./graph.ts";
import { drawGrid, gridSentence } from "./grid.ts";
import { drawNetwork, networkSentence } from "./network.ts";
import type { Canvas } from "./picture.ts";

/** Widths of drawings: beside text, and on a telephone. */
export const WIDE = 736;
export const NARROW = 340;
/** Grids and charts with a field are drawn smaller, since they are about as high as they are wide. */
export const SQUARE = 460;

export type Drawn = ChartView | GridView | GraphView | NetworkView;
type Look = Pick<Canvas, "palette" | "theme">;

/** Whether a view is drawn as a picture here. */
export function isDrawn(view: View): view is Drawn {
  return view.kind === "chart" || view.kind === "grid" || view.kind === "graph" || view.kind === "network";
}

/** Whether a view is a picture, or a group of these alone. */
export function isPicture(view: View): view is Drawn | SvgView | GroupView {
  if (view.kind === "group") return view.parts.length > 0 && view.parts.every(isPicture);
  return view.kind === "svg" || isDrawn(view);
}

/** Draws a view; undefined for a graph that is too large. */
export async function figureOf(view: Drawn, look: Look): Promise<Figure | undefined> {
  const { title, note } = view;
  switch (view.kind) {
    case "chart": {
      const narrow =
        look.theme === "page" ? { narrow: drawChart(view, { ...look, width: NARROW }).picture } : {};
      const wide = drawChart(view, { ...look, width: fieldOf(view) === undefined ? WIDE : SQUARE });
      return { title, note, ...wide, ...narrow, sentence: chartSentence(view), text: "", fit: "shrinks" };
    }
    case "grid": {
      const picture = drawGrid(view, { ...look, width: SQUARE });
      return {
        title,
        note,
        picture,
        legend: [],
        sentence: gridSentence(view),
        text: "",
        fit: view.isNumbered ? "scrolls" : "shrinks",
      };
    }
    case "network": {
      const network = drawNetwork(view, { ...look, width: WIDE });
      return { title, note, ...network, sentence: networkSentence(view), text: view.text, fit: "scrolls" };
    }
    case "graph": {
      const graph = await drawGraph(view, { ...look, width: WIDE });
      return (
        graph && { title, note, ...graph, sentence: graphSentence(view), text: view.text, fit: "scrolls" }
      );
    }
  }
}
