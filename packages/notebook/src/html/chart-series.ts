// How the layers of a chart are told apart: by colour, and by dashes or symbols too, so that colour is never the only sign.

import type { Layer } from "../views/view.ts";
import { type Markup, markup } from "./markup.ts";
import { numberText } from "./number.ts";
import { type Palette, SERIES, seriesColour } from "./palette.ts";
import type { Canvas, LegendEntry } from "./picture.ts";

/** Dashes of lines, in the order of the layers' names; the first is a plain line. */
const DASHES = ["", "7 3", "2 3", "9 3 2 3", "4 2", "12 4", "9 3 2 3 2 3"];
/** Plot's names of symbols. */
const SYMBOLS = ["circle", "square", "triangle", "diamond2", "wye", "star", "cross"] as const;
const RULE = "5 4";

/** What a layer of a chart looks like. */
export interface Style {
  readonly name: string;
  readonly colour: string;
  readonly dash: string;
  readonly symbol: (typeof SYMBOLS)[number];
}

/** The look of each layer: layers of one name have one. */
export function stylesOf(layers: readonly Layer[], palette: Palette): Style[] {
  const names: string[] = [];
  // What a chart's other layers lie on has colours of its own.
  for (const { name, mark } of layers)
    if (mark !== "field" && mark !== "contours" && !names.includes(name)) names.push(name);
  return layers.map(({ name }) => {
    const index = Math.max(0, names.indexOf(name));
    // Where the colours begin again, the dashes begin one further on.
    const sign = index + Math.floor(index / SERIES);
    return {
      name,
      colour: seriesColour(palette, index),
      dash: DASHES[sign % DASHES.length]!,
      symbol: SYMBOLS[sign % SYMBOLS.length]!,
    };
  });
}

const SHAPES: Readonly<Record<Style["symbol"], string>> = {
  circle: "M9,6a4,4 0 1,0 8,0a4,4 0 1,0 -8,0Z",
  square: "M9.5,2.5h7v7h-7Z",
  triangle: "M13,1.5L17.5,9.5H8.5Z",
  diamond2: "M13,1L18,6L13,11L8,6Z",
  wye: "M11.5,10.5V7L8.5,5.3L10,2.7L13,4.4L16,2.7L17.5,5.3L14.5,7V10.5Z",
  star: "M13,0.8L14.5,4.4L18,4.6L15.2,7.2L16.2,11L13,8.8L9.8,11L10.8,7.2L8,4.6L11.5,4.4Z",
  cross: "M11.5,1.5h3v3h3v3h-3v3h-3v-3h-3v-3h3Z",
};

function signOf(layer: Layer, style: Style, ink: string): Markup | undefined {
  const { colour, dash, symbol } = style;
  switch (layer.mark) {
    case "line":
      return markup`<path d="M1,6H25" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}" fill="none"/>`;
    case "rule":
      return markup`<path d="M1,6H25" stroke="${colour}" stroke-width="1.5" stroke-dasharray="${RULE}" fill="none"/>`;
    case "contours":
      return markup`<path d="M1,9C7,0 12,12 25,3" stroke="${ink}" stroke-width="1.2" fill="none"/>`;
    case "field":
      // Its bar of colours says what it is.
      return undefined;
    case "dots":
      return markup`<path d="${SHAPES[symbol]}" fill="${colour}"/>`;
    case "band":
      return markup`<rect x="1" y="1" width="24" height="10" fill="${colour}" fill-opacity="0.25"/>`;
    case "columns":
    case "bars":
      return markup`<rect x="7" y="1" width="12" height="10" fill="${colour}" fill-opacity="0.85"/>`;
  }
}

/** How many levels are named. */
const MOST_LEVELS = 8;
const levelsText = (levels: readonly number[]) =>
  levels
    .slice(0, MOST_LEVELS)
    .map((level) => numberText(level))
    .join(", ") + (levels.length > MOST_LEVELS ? ", …" : "");

/** An entry for each name, with the signs of all its layers over each other; none where a single layer's name says nothing new. */
export function legendOf(
  layers: readonly Layer[],
  styles: readonly Style[],
  { palette }: Pick<Canvas, "palette">,
): LegendEntry[] {
  const entries = new Map<string, Markup[]>();
  layers.forEach((layer, i) => {
    if (layer.name === "") return;
    const sign = signOf(layer, styles[i]!, palette("ink"));
    if (sign === undefined) return;
    const name = layer.mark === "contours" ? `${layer.name}: ${levelsText(layer.levels)}` : layer.name;
    const signs = entries.get(name) ?? [];
    if (!signs.some((each) => each.text === sign.text)) signs.push(sign);
    entries.set(name, signs);
  });
  // A single layer is what the axes say, but for the levels of contours.
  if (layers.length < 2 && layers[0]?.mark !== "contours") return [];
  return [...entries].map(([name, signs]) => ({ name, sign: markup`${signs}` }));
}
