// From a cell's number to its colour. Colours may have an opacity: then the paper shows through, so that one picture is
// right on light and on dark paper.

import type { Cells } from "../views/view.ts";
import { COLOURS, type Palette } from "./palette.ts";

/** Red, green, blue and opacity, each from 0 to 255. */
type Rgba = readonly [number, number, number, number];

/** Nine colours of cividis, equally spaced (Nuñez, Anderton and Renslow 2018; the values are Matplotlib's). */
const CIVIDIS = [
  "#00224e",
  "#123570",
  "#3b496c",
  "#575d6d",
  "#707173",
  "#8a8779",
  "#a59c74",
  "#c3b369",
  "#e1cc55",
  "#fee838",
];

const bytes = (hex: string): [number, number, number] => [
  Number.parseInt(hex.slice(1, 3), 16),
  Number.parseInt(hex.slice(3, 5), 16),
  Number.parseInt(hex.slice(5, 7), 16),
];
const STOPS = CIVIDIS.map(bytes);

/** The colour of cividis at `share`, from 0 to 1. */
function cividis(share: number): Rgba {
  const at = share * (STOPS.length - 1);
  const index = Math.min(Math.floor(at), STOPS.length - 2);
  const rest = at - index;
  const [low, high] = [STOPS[index]!, STOPS[index + 1]!];
  const mix = (i: 0 | 1 | 2) => Math.round(low[i] + (high[i] - low[i]) * rest);
  return [mix(0), mix(1), mix(2), 255];
}

/** Where a number lies in the range, from 0 to 1; 0 where the range is a single number. */
function shareOf(value: number, [low, high]: readonly [number, number]): number {
  if (!(high > low)) return 0;
  // Halves, since the whole may be more than the greatest number.
  return Math.min(Math.max((value / 2 - low / 2) / (high / 2 - low / 2), 0), 1);
}

/** How far a number lies from 0 on a scale that is alike to both sides, from −1 to 1. */
function lean(value: number, [low, high]: readonly [number, number]): number {
  const reach = Math.max(Math.abs(low), Math.abs(high));
  return reach > 0 ? Math.min(Math.max(value / reach, -1), 1) : 0;
}

/** What stands for a number that is not finite, as a name of the palette; undefined for one that is. */
export function specialColour(value: number): "notANumber" | "infinite" | "minusInfinite" | undefined {
  if (Number.isNaN(value)) return "notANumber";
  if (value === Number.POSITIVE_INFINITY) return "infinite";
  if (value === Number.NEGATIVE_INFINITY) return "minusInfinite";
  return undefined;
}

/** A fill for SVG. */
export interface Fill {
  readonly colour: string;
  readonly opacity: number;
  /** The colour of text on it: black or white, whichever is read better. */
  readonly textColour: string;
}

type Rgb = readonly [number, number, number];

function luminance(colour: Rgb): number {
  const linear = (byte: number) => {
    const c = byte / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(colour[0]) + 0.7152 * linear(colour[1]) + 0.0722 * linear(colour[2]);
}

const written = ([r, g, b]: Rgb) => `rgb(${r},${g},${b})`;
/** Black is read better above this luminance and white below: where both have the same contrast (WCAG 2.2). */
const MIDDLE = Math.sqrt(1.05 * 0.05) - 0.05;
const isBright = (colour: Rgb) => luminance(colour) > MIDDLE;

function opaque([r, g, b]: readonly number[]): Fill {
  const colour: Rgb = [r!, g!, b!];
  return { colour: written(colour), opacity: 1, textColour: isBright(colour) ? "#000000" : "#ffffff" };
}

/** A colour of the palette on paper. The paper shines through, so text on it may be black in one theme and white in the other. */
function shining(name: string, opacity: number, palette: Palette): Fill {
  const [onLight, onDark] = (["light", "dark"] as const).map((theme) => {
    const [colour, paper] = [bytes(COLOURS[name]![theme]), bytes(COLOURS.paper![theme])];
    const mix = (i: 0 | 1 | 2) => colour[i] * opacity + paper[i] * (1 - opacity);
    return isBright([mix(0), mix(1), mix(2)]);
  });
  const textColour =
    onLight === onDark
      ? onLight
        ? "#000000"
        : "#ffffff"
      : palette(onLight ? "blackOnLight" : "whiteOnLight");
  return { colour: palette(name), opacity, textColour };
}

/** The fill of a cell; `cell` counts row by row. */
export function fillOf(view: Cells, cell: number, palette: Palette): Fill {
  const { colours, values } = view;
  const parts = colours === "rgb" ? [0, 1, 2].map((i) => values[3 * cell + i]!) : [values[cell]!];
  const special = specialColour(parts.reduce((a, b) => a + b));
  if (special !== undefined) return shining(special, 1, palette);
  if (colours !== "rgb") return fillOfNumber(view, parts[0]!, palette);
  return opaque(parts.map((part) => Math.round(Math.min(Math.max(part, 0), 1) * 255)));
}

/** The fill of a finite number, for cells and for the legend. */
export function fillOfNumber({ colours, range }: Cells, value: number, palette: Palette): Fill {
  if (colours === "sequential") return opaque(cividis(shareOf(value, range)));
  if (colours !== "diverging") return shining("ink", shareOf(value, range), palette);
  const at = lean(value, range);
  return shining(at < 0 ? "negative" : "positive", Math.abs(at), palette);
}

/** So many steps of colour are more than an eye or a byte tells apart. */
const STEPS = 1_024;

/**
 * The colours of the cells of a picture, by their number, as the four bytes of a little-endian integer. A page's picture has
 * the colours of light paper; "ink" is black there, which the page turns round on dark paper.
 */
export function pixelsOf(view: Cells, theme: "light" | "dark"): Uint32Array {
  const { rows, columns, colours, range, values } = view;
  const packed = ([r, g, b, a]: Rgba) => (r | (g << 8) | (b << 16) | (a << 24)) >>> 0;
  const named = (name: string, opacity: number): number =>
    packed([...bytes(COLOURS[name]![theme]), Math.round(opacity * 255)]);
  const special = (value: number) => named(specialColour(value)!, 1);
  const pixels = new Uint32Array(rows * columns);
  if (colours === "rgb") {
    const byte = (value: number) => Math.round(Math.min(Math.max(value, 0), 1) * 255);
    for (let cell = 0; cell < pixels.length; cell++) {
      const [r, g, b] = [values[3 * cell]!, values[3 * cell + 1]!, values[3 * cell + 2]!];
      const sum = r + g + b;
      pixels[cell] = Number.isFinite(sum) ? packed([byte(r), byte(g), byte(b), 255]) : special(sum);
    }
    return pixels;
  }
  // From −1 to 1 around 0 where there are two sides, from 0 to 1 otherwise.
  const isTwoSided = colours === "diverging";
  const table = Uint32Array.from({ length: STEPS + 1 }, (_, i) => {
    const at = isTwoSided ? (2 * i) / STEPS - 1 : i / STEPS;
    if (colours === "sequential") return packed(cividis(at));
    return named(colours === "ink" ? "ink" : at < 0 ? "negative" : "positive", Math.abs(at));
  });
  for (let cell = 0; cell < pixels.length; cell++) {
    const value = values[cell]!;
    if (!Number.isFinite(value)) pixels[cell] = special(value);
    else
      pixels[cell] =
        table[Math.round((isTwoSided ? (lean(value, range) + 1) / 2 : shareOf(value, range)) * STEPS)]!;
  }
  return pixels;
}
