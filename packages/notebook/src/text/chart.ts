// Charts as text: lines by asciichart, on axes with names and units, and a legend.

import { numberText } from "../views/number-text.ts";
import type { Axis, ChartView, Layer } from "../views/view.ts";
import { axisName, labelsOf, numbersAlong, type Scale, scaleOf } from "./axis.ts";
import { barLines } from "./bars.ts";
import { Canvas, height, type Ink } from "./canvas.ts";
import { draw, letters, mark, signs } from "./marks.ts";
import { drawnLevels } from "./samples.ts";
import { shadeKey } from "./shades.ts";
import {
  cut,
  filled,
  framed,
  inkOn,
  padEnd,
  padStart,
  painted,
  type Style,
  seriesColour,
  widthOf,
  wrapped,
} from "./style.ts";

/** How wide the drawing is at most, however wide the terminal. */
const widest = 96;

export function chartText(view: ChartView, style: Style): string[] {
  const bars = view.layers.filter((layer) => layer.mark === "bars");
  const others = view.layers.filter((layer) => layer.mark !== "bars");
  // Rules beside bars stand on the axis of the bars' lengths, and are said below.
  const isPlane = others.some(({ mark }) => mark !== "rule") || bars.length === 0;
  const lines = [
    ...(others.length > 0 && isPlane ? planeLines({ ...view, layers: others }, style) : []),
    ...bars.flatMap((layer) => barLines(layer, view, bars.length > 1, style)),
    ...(isPlane ? [] : legend(others, [...new Set(others.map(({ name }) => name))], false, style)),
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
  const names = [...new Set(named.filter((layer) => !isGround(layer)).map(({ name }) => name))];
  const colourOf = ({ name }: Layer) => Math.max(0, names.indexOf(name));
  // What fills lies behind what is a line.
  const depth = {
    field: 0,
    band: 1,
    columns: 2,
    contours: 3,
    rule: 4,
    line: 5,
    dots: 6,
    bars: 7,
  } as const;
  const inOrder = [...layers].sort((a, b) => depth[a.mark] - depth[b.mark]);
  for (const layer of inOrder)
    draw(layer, canvas, across, up, {
      colour: colourOf(layer),
      sign: signOf(layer, layers),
      isColoured: style.colour,
    });
  const several = layers.filter(({ mark }) => mark === "line").length > 1;
  // On a field any colour is like some of the field's: there, too, layers are told apart by letters and signs.
  const own = layers.some((layer) => layer.mark === "field") ? { ...style, colour: false } : style;
  if (several && !own.colour) for (const layer of inOrder) mark(layer, canvas, across, up, colourOf(layer));
  const text = canvas.rows.map(
    (row, i) =>
      `${padStart(i % 3 === 0 ? labels[i]! : "", room)} ${i % 3 === 0 ? "┤" : "│"}${rowText(row, style)}`,
  );
  return [
    cut(axisName(y), style.width),
    ...text.map((line) => line.trimEnd()),
    ...acrossLines(x, across, canvas.width, room),
    ...layers.flatMap((layer) => (isGround(layer) ? groundLines(layer, style) : [])),
    ...legend(layers, names.length === 1 && names[0] === y.label ? [] : names, several, own),
  ];
}

/** What the other layers lie on: it has no colour of the series. */
const isGround = ({ mark }: Layer) => mark === "field" || mark === "contours";

/** What the colours or shades of a field stand for, and which contours there are. */
function groundLines(layer: Layer, style: Style): string[] {
  if (layer.mark === "field") {
    const key = shadeKey(layer, layer.name, style);
    return (style.colour ? [key] : wrapped(key, style.width - 2)).map((line) => `  ${line}`);
  }
  if (layer.mark !== "contours") return [];
  const levels = drawnLevels(layer);
  const left = layer.levels.length - levels.length;
  const more = left === 0 ? "" : ` (and ${left} more in the report)`;
  const said = `  ·· ${layer.name}: ${levels.map((level) => numberText(level)).join(", ")}${more}`;
  return [cut(said, style.width)];
}

/** The sign of dots, by their place among the names of dots. */
function signOf({ name }: Layer, layers: readonly Layer[]): string {
  const names = [...new Set(layers.filter(({ mark }) => mark === "dots").map((layer) => layer.name))];
  return signs[Math.max(0, names.indexOf(name)) % signs.length]!;
}

/** A row, with stretches of one look written as one. */
function rowText(row: readonly Ink[], style: Style): string {
  const last = row.findLastIndex(({ character, back }) => character !== " " || back !== null);
  let text = "";
  for (let from = 0; from <= last; ) {
    const { colour, back } = row[from]!;
    let to = from + 1;
    while (to <= last && row[to]!.colour === colour && row[to]!.back === back) to++;
    const part = row
      .slice(from, to)
      .map(({ character }) => character)
      .join("");
    if (back !== null) text += filled(part, inkOn(back), back);
    else text += colour === null ? part : painted(part, seriesColour(colour), style);
    from = to;
  }
  return text;
}

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
        dots: signOf(layer, layers),
        band: "░░",
        columns: "██",
        bars: "██",
        rule: "┄┄",
        field: "",
        contours: "··",
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
