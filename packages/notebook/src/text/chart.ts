// Charts as text: lines by asciichart, on axes with names and units, and a legend.

import { numberText } from "../views/number-text.ts";
import type { Axis, ChartView, Layer } from "../views/view.ts";
import { axisName, labelsOf, numbersAlong, type Scale, scaleOf } from "./axis.ts";
import { barLines } from "./bars.ts";
import { Canvas, draw, height, type Ink, letters, mark } from "./canvas.ts";
import { cut, framed, padEnd, padStart, painted, type Style, seriesColour, widthOf } from "./style.ts";

/** How wide the drawing is at most, however wide the terminal. */
const widest = 96;

export function chartText(view: ChartView, style: Style): string[] {
  const bars = view.layers.filter((layer) => layer.mark === "bars");
  const others = view.layers.filter((layer) => layer.mark !== "bars");
  const lines = [
    ...(others.length === 0 ? [] : planeLines({ ...view, layers: others }, style)),
    ...bars.flatMap((layer) => barLines(layer, view, bars.length > 1, style)),
  ];
  const empty = view.layers.length === 0 ? ["(a chart without layers)"] : lines;
  return framed(view.title, empty, view.note, style);
}

function planeLines({ x, y, layers }: ChartView, style: Style): string[] {
  const across = scaleOf(x, numbersAlong(layers, "x"));
  const up = scaleOf(y, numbersAlong(layers, "y"));
  const ticks = Array.from({ length: height + 1 }, (_, i) =>
    up.value(up.to - ((up.to - up.from) * i) / height),
  );
  const labels = labelsOf(ticks, y.scale === "log");
  const room = Math.max(...labels.map(widthOf));
  const canvas = new Canvas(Math.max(10, Math.min(widest, style.width - room - 2)));
  // Rules come last: lines have the first colours and letters.
  const isRule = ({ mark }: Layer) => mark === "rule";
  const named = [...layers.filter((layer) => !isRule(layer)), ...layers.filter(isRule)];
  const names = [...new Set(named.map(({ name }) => name))];
  const colourOf = ({ name }: Layer) => names.indexOf(name);
  // What fills lies behind what is a line.
  const depth = { band: 0, columns: 1, rule: 2, line: 3, dots: 4, bars: 5 } as const;
  const inOrder = [...layers].sort((a, b) => depth[a.mark] - depth[b.mark]);
  for (const layer of inOrder) draw(layer, canvas, across, up, colourOf(layer));
  const several = layers.filter(({ mark }) => mark === "line").length > 1;
  if (several && !style.colour) for (const layer of inOrder) mark(layer, canvas, across, up, colourOf(layer));
  const text = canvas.rows.map(
    (row, i) =>
      `${padStart(i % 3 === 0 ? labels[i]! : "", room)} ${i % 3 === 0 ? "┤" : "│"}${rowText(row, style)}`,
  );
  return [
    cut(axisName(y), style.width),
    ...text.map((line) => line.trimEnd()),
    ...acrossLines(x, across, canvas.width, room),
    ...legend(layers, names.length === 1 && names[0] === y.label ? [] : names, several, style),
  ];
}

const rowText = (row: readonly Ink[], style: Style) => {
  const last = row.findLastIndex(({ character }) => character !== " ");
  return row
    .slice(0, last + 1)
    .map(({ character, colour }) =>
      colour === null ? character : painted(character, seriesColour(colour), style),
    )
    .join("");
};

/** The line below the drawing, its numbers, and the name. */
function acrossLines(axis: Axis, scale: Scale, width: number, room: number): string[] {
  const name = axisName(axis);
  const places = [0, 0.5, 1].map((part) => scale.value(scale.from + (scale.to - scale.from) * part));
  const [first, middle, last] = labelsOf(places, axis.scale === "log") as [string, string, string];
  const left = padEnd(first, Math.max(0, Math.floor((width - widthOf(middle)) / 2)));
  const both = widthOf(left) + widthOf(middle) < width - widthOf(last) ? left + middle : padEnd(first, 0);
  const indent = " ".repeat(room + 2);
  return [
    `${" ".repeat(room + 1)}└${"─".repeat(width)}`,
    `${indent}${both}${padStart(last, width - widthOf(both))}`,
    `${indent}${cut(padStart(name, Math.floor((width + widthOf(name)) / 2)), width)}`,
  ];
}

/** What the colours and letters stand for. */
function legend(
  layers: readonly Layer[],
  names: readonly string[],
  several: boolean,
  style: Style,
): string[] {
  const entries = names
    .map((name, i) => {
      const layer = layers.find((each) => each.name === name)!;
      const sign = {
        line: several && !style.colour ? letters[i % 26]! : "──",
        dots: "•",
        band: "░░",
        columns: "██",
        bars: "██",
        rule: "┄┄",
      }[layer.mark];
      const at = layer.mark === "rule" ? ` (${layer.across} = ${numberText(layer.at)})` : "";
      return { plain: `${sign} ${name}${at}`, text: `${painted(sign, seriesColour(i), style)} ${name}${at}` };
    })
    .filter(({ plain }) => plain.trim() !== "");
  const lines: string[] = [];
  let [line, width] = ["", 0];
  for (const { plain, text } of entries) {
    if (width > 0 && width + widthOf(plain) + 5 > style.width) {
      lines.push(line);
      [line, width] = ["", 0];
    }
    line += `${width === 0 ? "  " : "   "}${text}`;
    width += widthOf(plain) + 3;
  }
  return line === "" ? lines : [...lines, line];
}
