// Views as HTML, SVG and PNG.

import type { View } from "../views/view.ts";
import { figureAlone, svgFileOf } from "./figure.ts";
import { figureOf, isPicture } from "./figures.ts";
import { formulaStyle } from "./formula.ts";
import { fragmentOf } from "./fragment.ts";
import { type Markup, markup, place, trusted } from "./markup.ts";
import { filePalette, type Theme } from "./palette.ts";
import type { Picture } from "./picture.ts";
import { colourStyle, viewStyle } from "./style.ts";
import { svgFile } from "./svg.ts";

export type { Theme } from "./palette.ts";

/** How a picture for a file is drawn. */
export interface PictureOptions {
  readonly theme: Theme;
}

/** How a PNG is made. */
export interface PngOptions extends PictureOptions {
  /** Pixels for each CSS pixel; 2, for sharp screens and print, unless given. */
  readonly scale?: number;
}

/** A view as a piece of HTML that brings its style: for a place of its own, such as an output of Jupyter. */
export async function htmlOf(view: View): Promise<string> {
  const { text } = await fragmentOf(view, { headings: { base: 3, previous: 2 } });
  return `<style>${colourStyle}${viewStyle}${formulaStyle(text)}</style>${text}`;
}

/** A gap between the pictures of a group. */
const GAP = 24;

async function alone(view: View, theme: Theme): Promise<{ picture: Picture; sentence: string } | undefined> {
  const palette = filePalette(theme);
  if (!isPicture(view)) return undefined;
  if (view.kind === "svg") {
    const file = svgFile(view, theme);
    if (file === undefined) return undefined;
    const body = trusted(file.svg);
    return {
      picture: { width: file.width, height: file.height, notes: [], body },
      sentence: view.alternative,
    };
  }
  if (view.kind !== "group") {
    const figure = await figureOf(view, { palette, theme });
    return figure && { picture: figureAlone(figure, palette), sentence: figure.sentence };
  }
  let [x, y, width, height] = [0, 0, 0, 0];
  const bodies: Markup[] = [];
  const sentences: string[] = [];
  for (const part of view.parts) {
    const inner = await alone(part, theme);
    if (inner === undefined) return undefined;
    const { picture, sentence } = inner;
    bodies.push(markup`<g transform="translate(${place(x)},${place(y)})">${picture.body}</g>`);
    sentences.push(sentence);
    width = Math.max(width, x + picture.width);
    height = Math.max(height, y + picture.height);
    if (view.arrangement === "row") x += picture.width + GAP;
    else y += picture.height + GAP;
  }
  const picture = { width, height, notes: [], body: markup`${bodies}` };
  const figure = {
    title: view.title,
    picture,
    legend: [],
    note: "",
    sentence: "",
    text: "",
    fit: "shrinks",
  } as const;
  return { picture: figureAlone(figure, palette), sentence: sentences.join(" ") };
}

/** A picture as an SVG file with its title, legend and notes; undefined for what is no picture, and for a graph too large to be drawn. */
export async function svgOf(view: View, { theme }: PictureOptions): Promise<string | undefined> {
  if (view.kind === "svg") return svgFile(view, theme)?.svg;
  const drawn = await alone(view, theme);
  return drawn && svgFileOf(drawn.picture, drawn.sentence, filePalette(theme));
}

/** A picture as a PNG file; undefined where `svgOf` is. */
export async function pngOf(view: View, { theme, scale = 2 }: PngOptions): Promise<Uint8Array | undefined> {
  const svg = await svgOf(view, { theme });
  if (svg === undefined) return undefined;
  const { Resvg } = await import("@resvg/resvg-js");
  const options = {
    fitTo: { mode: "zoom", value: scale },
    background: filePalette(theme)("paper"),
    font: { loadSystemFonts: true, defaultFontFamily: "DejaVu Sans", sansSerifFamily: "Liberation Sans" },
  } as const;
  return new Uint8Array(new Resvg(svg, options).render().asPng());
}
