// Bars as text: a line for each, with its name, its length and its value.

import { counted, numberText } from "../views/number-text.ts";
import type { ChartView, Layer } from "../views/view.ts";
import { axisName, scaleOf } from "./axis.ts";
import { cut, padEnd, painted, type Style, seriesColour, widthOf } from "./style.ts";

const mostBars = 40;

export function barLines(
  layer: Extract<Layer, { mark: "bars" }>,
  { x, y, layers }: ChartView,
  isNamed: boolean,
  style: Style,
): string[] {
  const { name, labels, values, spread } = layer;
  const isLog = y.scale === "log";
  const all = layers.flatMap((each) => (each.mark === "bars" ? [...each.values] : []));
  const scale = scaleOf(y, isLog ? all : [0, ...all]);
  const texts = values.map(
    (value, i) => `${numberText(value)}${spread === undefined ? "" : ` ± ${numberText(spread[i]!, 2)}`}`,
  );
  const shown = labels.slice(0, mostBars);
  const room = Math.min(24, Math.max(...shown.map(widthOf), 0));
  const most = Math.max(4, Math.min(60, style.width - room - Math.max(...texts.map(widthOf), 0) - 4));
  const origin = isLog ? scale.from : Math.min(Math.max(scale.from, 0), scale.to);
  // What reaches beyond the axis ends with it; its number stands behind it.
  const columnOf = (place: number) =>
    Math.round(Math.min(Math.max((place - scale.from) / (scale.to - scale.from), 0), 1) * most);
  const bars = shown.map((label, i) => {
    const place = scale.place(values[i]!);
    const [a, b] = [columnOf(origin), Number.isNaN(place) ? columnOf(origin) : columnOf(place)];
    const bar = " ".repeat(Math.min(a, b)) + "█".repeat(Math.abs(a - b) || (values[i] === 0 ? 0 : 1));
    const colour = isNamed ? layers.indexOf(layer) : 0;
    return `${padEnd(cut(label, room), room)}  ${painted(padEnd(bar, most), seriesColour(colour), style)}  ${texts[i]}`.trimEnd();
  });
  return [
    `${isNamed ? `${name}: ` : ""}${axisName(y)} by ${axisName(x)}`,
    ...bars,
    ...(labels.length > mostBars
      ? [`… ${counted(labels.length - mostBars, "more bar")}: show a part of them, or see the report`]
      : []),
  ];
}
