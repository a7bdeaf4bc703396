// Functions over the plane of a chart's axes: as colours, and as contours.

import * as Plot from "@observablehq/plot";
import type { Axis, ContourLayer, FieldLayer } from "../views/view.ts";
import type { Extents } from "./chart-data.ts";
import { element, inFrame, type Range, type Render, rectangle, within } from "./cut-off.ts";
import { drawable, imageOf } from "./grid-image.ts";
import type { Canvas } from "./picture.ts";

/**
 * How far cells reach whose middles stand evenly from `from` to `to`: half a cell further on both sides, along the logarithm on
 * a logarithmic axis. A single cell reaches over the whole axis.
 */
function reachOf(
  axis: Axis,
  [from, to]: readonly [number, number],
  count: number,
  whole: readonly [number, number],
): readonly [number, number] {
  if (count < 2 || !(to > from)) return whole;
  const half = 0.5 / (count - 1);
  if (axis.scale === "log") return [from * (to / from) ** -half, to * (to / from) ** half];
  return [from - (to - from) * half, to + (to - from) * half];
}

type Axes = Readonly<Record<"x" | "y", Axis>>;
/** The colours, as far as the axes go. */
export function fieldMark(layer: FieldLayer, axes: Axes, extents: Extents, { theme }: Canvas): Plot.Markish {
  const { grid } = drawable(layer);
  const href = imageOf(grid, theme === "page" ? "light" : theme);
  const x = reachOf(axes.x, layer.x, layer.columns, extents.x);
  const y = reachOf(axes.y, layer.y, layer.rows, extents.y);
  const image: Render = (_, scales, __, ___, context) => {
    const style = "image-rendering:pixelated";
    return element(context, "image", {
      ...rectangle(scales, x, y),
      preserveAspectRatio: "none",
      style,
      href,
    });
  };
  const render: Render = (index, scales, values, size, context) =>
    inFrame(index, scales, values, size, context, image);
  return render as unknown as Plot.Markish;
}

/** The contours in ink, with paper around them where they lie on colours. */
export function contourMarks(
  layer: ContourLayer,
  axes: Axes,
  extents: Extents,
  { palette }: Canvas,
  isOnField: boolean,
): Plot.Markish[] {
  const x = reachOf(axes.x, layer.x, layer.columns, extents.x);
  const y = reachOf(axes.y, layer.y, layer.rows, extents.y);
  const common = (range: Range, extent: Range): Range => [
    Math.max(range[0], extent[0]),
    Math.min(range[1], extent[1]),
  ];
  // Plot closes contours half a cell outside of the samples, where these must not be seen.
  const [shownX, shownY] = [common(layer.x, extents.x), common(layer.y, extents.y)];
  if (!(shownX[1] > shownX[0] && shownY[1] > shownY[0])) return [];
  const lines = (stroke: string, strokeWidth: number, strokeOpacity: number) =>
    Plot.contour(layer.values, {
      width: layer.columns,
      height: layer.rows,
      x1: x[0],
      x2: x[1],
      // The first row is the one at the top.
      y1: y[1],
      y2: y[0],
      // No positions of single samples: they are a dense grid from one end to the other, evenly spaced in the drawing.
      x: null,
      y: null,
      thresholds: [...layer.levels],
      fill: "none",
      stroke,
      strokeWidth,
      strokeOpacity,
      render: within((scales) => rectangle(scales, shownX, shownY)),
    } as unknown as Plot.ContourOptions);
  return [...(isOnField ? [lines(palette("paper"), 2.6, 0.7)] : []), lines(palette("ink"), 1.1, 0.9)];
}
