// A drawing on a page, with its title, its legend, its notes, and words for those who can't see it; and the same in a file.

import { type Markup, markup, place } from "./markup.ts";
import { shortened, textWidth, wrapped } from "./measure.ts";
import { type Palette, SANS } from "./palette.ts";
import type { LegendEntry, Picture } from "./picture.ts";

/** A drawing with what belongs to it. */
export interface Figure {
  readonly title: string;
  readonly picture: Picture;
  /** The same for a narrow place, where it isn't only scaled. */
  readonly narrow?: Picture;
  readonly legend: readonly LegendEntry[];
  /** What the view says below. */
  readonly note: string;
  /** What is to be seen, in a sentence. */
  readonly sentence: string;
  /** The same as text; empty for none. */
  readonly text: string;
  /** Whether it becomes smaller where there is less room, or scrolls. */
  readonly fit: "shrinks" | "scrolls";
}

/** Longer text stays closed in print, where it would be pages of lines. */
const PRINTED = 120;
/** More lines than this are cut: they make a page heavy, and whoever needs them has them in the terminal. */
const MOST_LINES = 2_000;

/** Text that opens on demand; its first lines where it is very long, which it says. */
export function details(summary: string, text: string): Markup {
  const lines = text.split("\n");
  const left = lines.length - MOST_LINES;
  const shown =
    left > 0
      ? `${lines.slice(0, MOST_LINES).join("\n")}\n… (${left.toLocaleString("en-GB")} lines left out)`
      : text;
  const name = lines.length > PRINTED ? "adj-details adj-long" : "adj-details";
  return markup`<details class="${name}"><summary>${summary}</summary><pre class="adj-text" tabindex="0" role="group" aria-label="${summary}">${shown}</pre></details>`;
}

const svgOnPage = (picture: Picture, sentence: string, name: string, style: Markup | string = "") =>
  markup`<svg class="adj-picture ${name}" role="img" aria-label="${sentence}" viewBox="0 0 ${picture.width} ${picture.height}" width="${picture.width}" height="${picture.height}"${style}>${picture.body}</svg>`;

/** How far a picture that scrolls shrinks before it does: its letters can still be read. */
const LEAST_SHARE = 0.75;

const legendOnPage = (legend: readonly LegendEntry[]) =>
  legend.length === 0
    ? ""
    : markup`<ul class="adj-legend">${legend.map(({ name, sign }) => markup`<li><svg width="26" height="12" viewBox="0 0 26 12" aria-hidden="true">${sign}</svg>${name}</li>`)}</ul>`;

const paragraphs = (notes: readonly string[]) =>
  notes.filter((note) => note !== "").map((note) => markup`<p class="adj-note">${note}</p>`);

/** The figure as HTML. */
export function figureOnPage(figure: Figure): Markup {
  const { title, picture, narrow, legend, note, sentence, text, fit } = figure;
  const caption = title === "" ? "" : markup`<figcaption>${title}</figcaption>`;
  const drawing =
    narrow !== undefined
      ? markup`<div class="adj-chart">${svgOnPage(picture, sentence, "adj-wide")}${svgOnPage(narrow, sentence, "adj-narrow")}</div>`
      : fit === "shrinks"
        ? markup`<div class="adj-shrinks">${svgOnPage(picture, sentence, "")}</div>`
        : markup`<div class="adj-scroll" tabindex="0" role="group" aria-label="${title === "" ? "Figure" : `Figure: ${title}`}">${svgOnPage(picture, sentence, "", markup` style="min-width:${Math.ceil(LEAST_SHARE * picture.width)}px"`)}</div>`;
  return markup`<figure class="adj-figure">${caption}${legendOnPage(legend)}${drawing}${paragraphs([...picture.notes, note])}${text === "" ? "" : details("As text", text)}</figure>`;
}

const MARGIN = 16;
const SMALL = 12;
const LINE = 16;

/** The figure as one drawing, with title, legend and notes inside. */
export function figureAlone(figure: Figure, palette: Palette): Picture {
  const { title, picture, legend, note } = figure;
  const width = Math.max(picture.width, 260);
  const parts: Markup[] = [];
  let y = 0;
  const ink = palette("ink");
  for (const line of wrapped(title, width, 15)) {
    y += 20;
    parts.push(
      markup`<text x="0" y="${y - 5}" font-size="15" font-weight="600" fill="${ink}">${line}</text>`,
    );
  }
  if (y > 0) y += 6;
  let x = 0;
  if (legend.length > 0) y += LINE;
  for (const { name, sign } of legend) {
    const text = shortened(name, width - 36, SMALL);
    const room = 32 + textWidth(text, SMALL);
    if (x > 0 && x + room > width) [x, y] = [0, y + LINE + 2];
    parts.push(
      markup`<g transform="translate(${place(x)},${y - 11})">${sign}</g><text x="${place(x + 32)}" y="${y - 1}" font-size="${SMALL}" fill="${ink}">${text}</text>`,
    );
    x += room + 18;
  }
  if (legend.length > 0) y += 8;
  parts.push(markup`<g transform="translate(0,${y})">${picture.body}</g>`);
  y += picture.height;
  for (const each of [...picture.notes, note]) {
    for (const line of wrapped(each, width, SMALL)) {
      y += LINE;
      parts.push(markup`<text x="0" y="${y}" font-size="${SMALL}" fill="${palette("soft")}">${line}</text>`);
    }
  }
  return { width, height: y + 4, notes: [], body: markup`<g font-family="${SANS}">${parts}</g>` };
}

/** A drawing as an SVG file on its paper. */
export function svgFileOf(picture: Picture, sentence: string, palette: Palette): string {
  const [width, height] = [Math.ceil(picture.width) + 2 * MARGIN, Math.ceil(picture.height) + 2 * MARGIN];
  return markup`<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${sentence}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"><rect width="${width}" height="${height}" fill="${palette("paper")}"/><g transform="translate(${MARGIN},${MARGIN})">${picture.body}</g></svg>`
    .text;
}
