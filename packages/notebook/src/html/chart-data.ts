// The numbers of a chart, made fit to be drawn: gaps where there is no number, and extents of the axes.

import { counted } from "../views/number-text.ts";
import type { Axis, Layer } from "../views/view.ts";

/** More dots than this are thinned out: nobody sees more, and each is an element of the page. */
const MOST_DOTS = 1_500;
/** A line has no more points than this for each pixel of its width: the lowest and the highest of a column of pixels. */
const POINTS = 1_000;

/** Whether a number has a place on the axis. */
export function fits(axis: Axis, value: number): boolean {
  return Number.isFinite(value) && (axis.scale !== "log" || value > 0);
}

/** Whether a number lies on an axis that goes so far. Ends count in spite of rounding. */
export function isInside(value: number, [low, high]: readonly [number, number]): boolean {
  const slack = (high - low) * 1e-9;
  return value >= low - slack && value <= high + slack;
}

/** From where to where the axes of a chart go. */
export type Extents = Readonly<Record<"x" | "y", readonly [number, number]>>;

interface Point {
  readonly x: number;
  readonly y: number;
}

/** The points of a line; y is NaN at gaps. Long lines keep the lowest and the highest point of each stretch, which look the same. */
export function linePoints(
  x: Axis,
  y: Axis,
  layer: { readonly x: readonly number[]; readonly y: readonly number[] },
): Point[] {
  const points = layer.x.map((at, i) => {
    const value = layer.y[i] ?? Number.NaN;
    return { x: at, y: fits(x, at) && fits(y, value) ? value : Number.NaN };
  });
  // Many more points than pixels: what is between the highest and the lowest of a pixel can't be seen.
  if (points.length <= 2 * POINTS) return points;
  const stretch = Math.ceil(points.length / POINTS);
  const kept: Point[] = [];
  for (let from = 0; from < points.length; from += stretch) {
    const part = points.slice(from, from + stretch);
    const there = part.filter((point) => !Number.isNaN(point.y));
    if (there.length < part.length) kept.push({ x: part[0]!.x, y: Number.NaN });
    if (there.length === 0) continue;
    const lowest = there.reduce((a, b) => (b.y < a.y ? b : a));
    const highest = there.reduce((a, b) => (b.y > a.y ? b : a));
    kept.push(...part.filter((point) => point === lowest || point === highest));
  }
  return kept;
}

/** A dot, and the ends of its error bar, if it has one. */
export interface Dot extends Point {
  readonly low: number;
  readonly high: number;
}

/** The dots that have a place on the axes, evenly thinned where they are many. */
export function dotPoints(
  x: Axis,
  y: Axis,
  layer: Extract<Layer, { mark: "dots" }>,
  extents: Extents,
): { points: Dot[]; notes: string[] } {
  const placed = layer.x
    .map((at, i) => {
      const value = layer.y[i] ?? Number.NaN;
      const spread = Math.abs(layer.spread?.[i] ?? 0) || 0;
      // On a log axis an error bar that reaches 0 goes to the axis' end.
      const low = y.scale === "log" ? Math.max(value - spread, extents.y[0]) : value - spread;
      return { x: at, y: value, low, high: value + spread };
    })
    .filter((point) => fits(x, point.x) && fits(y, point.y));
  const inside = placed.filter((point) => isInside(point.x, extents.x) && isInside(point.y, extents.y));
  const left = placed.length - inside.length;
  const whose = layer.name === "" ? "the dots" : layer.name;
  const notes =
    left === 0
      ? []
      : [`Of ${whose}, ${counted(left, "dot")} ${left === 1 ? "lies" : "lie"} outside of the axes.`];
  if (inside.length <= MOST_DOTS) return { points: inside, notes };
  const every = Math.ceil(inside.length / MOST_DOTS);
  notes.push(
    `Of ${whose}, one dot in ${every} is drawn (there are ${inside.length.toLocaleString("en-GB")}).`,
  );
  return { points: inside.filter((_, i) => i % every === 0), notes };
}

/** The numbers of a layer along the axes, without what their error bars reach. */
function numbersOf(layer: Layer): { x: readonly number[]; y: readonly number[] } {
  switch (layer.mark) {
    case "line":
    case "dots":
    case "field":
    case "contours":
      return layer;
    case "band":
      return { x: layer.x, y: [...layer.low, ...layer.high] };
    case "columns":
      return { x: [...layer.from, ...layer.to], y: layer.y };
    case "bars":
      return { x: [], y: layer.values };
    case "rule":
      return layer.across === "x" ? { x: [layer.at], y: [] } : { x: [], y: [layer.at] };
  }
}

/** The ends of a layer's error bars. */
function endsOf(layer: Layer): readonly number[] {
  if (layer.mark !== "bars" && layer.mark !== "dots") return [];
  const values = numbersOf(layer).y;
  return (layer.spread ?? []).flatMap((spread, i) => [values[i]! - spread, values[i]! + spread]);
}

/** From where to where an axis goes. Data that are one value get room around it, no data at all get 0 to 1 (1 to 10 on a log axis). */
export function extentOf(axis: Axis, along: "x" | "y", layers: readonly Layer[]): [number, number] {
  if (axis.domain !== undefined) return [axis.domain[0], axis.domain[1]];
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const layer of layers) {
    for (const value of [...numbersOf(layer)[along], ...(along === "y" ? endsOf(layer) : [])]) {
      if (!fits(axis, value)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  const standing = layers.some((layer) => layer.mark === "bars" || layer.mark === "columns");
  // Columns and bars stand on zero; on a log axis, which has none, on a tenth of the lowest.
  if (along === "y" && standing && low <= high) {
    if (axis.scale === "log") low /= 10;
    else {
      low = Math.min(low, 0);
      high = Math.max(high, 0);
    }
  }
  if (low > high) return axis.scale === "log" ? [1, 10] : [0, 1];
  const most = Math.max(Math.abs(low), Math.abs(high));
  // Numbers that differ by their rounding are one value: no axis can be divided more finely than its numbers are.
  const isOne = high - low <= Math.max(most * 1e-13, 1e-300);
  if (axis.scale === "log") return isOne ? [low / 2 || low, Math.max(high * 2, 1e-300)] : [low, high];
  // A function over the plane fills its axes.
  const isField = layers.some((layer) => layer.mark === "field" || layer.mark === "contours");
  const room = isOne ? (most > 1e-290 ? most * 0.1 : 1) : along === "y" && !isField ? (high - low) * 0.04 : 0;
  const padded: [number, number] = [low - room, high + room];
  // What stands on zero gets no room below it.
  if (along === "y" && standing) {
    if (low === 0) padded[0] = 0;
    if (high === 0) padded[1] = 0;
  }
  return padded.every(Number.isFinite) ? padded : [low, high];
}

/** What a chart leaves out, in sentences. */
export function omissions(x: Axis, y: Axis, layers: readonly Layer[]): string[] {
  let notFinite = 0;
  let notPositive = 0;
  for (const layer of layers) {
    const isMeant = "gaps" in layer && layer.gaps === true;
    const numbers = numbersOf(layer);
    for (const [axis, values] of [
      [x, numbers.x],
      [y, numbers.y],
    ] as const) {
      for (const value of values) {
        if (Number.isNaN(value) && isMeant) continue;
        if (!Number.isFinite(value)) notFinite++;
        else if (!fits(axis, value)) notPositive++;
      }
    }
  }
  const are = (count: number) => (count === 1 ? "is" : "are");
  return [
    ...(notFinite > 0
      ? [`${counted(notFinite, "number")} that ${are(notFinite)} not finite ${are(notFinite)} left out.`]
      : []),
    ...(notPositive > 0
      ? [
          `${counted(notPositive, "number")} that ${are(notPositive)} not positive ${are(notPositive)} left out: a logarithmic axis has no place for them.`,
        ]
      : []),
  ];
}
