// What drawings give back.

import type { Markup } from "./markup.ts";
import type { Palette, Theme } from "./palette.ts";

/** A drawing: the inside of an <svg> of that size. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly body: Markup;
  /** What the reader must know that the drawing does not say, such as cells that are NaN; a sentence each. */
  readonly notes: readonly string[];
}

/** Signs and what they stand for. */
export interface LegendEntry {
  readonly name: string;
  /** The sign, drawn in a box of 26 × 12. */
  readonly sign: Markup;
}

/** What a drawing is drawn for. */
export interface Canvas {
  readonly palette: Palette;
  /** How wide it may be, in CSS pixels; drawings that need more scroll. */
  readonly width: number;
  /** The theme of a file; a page has both, and is told "page". */
  readonly theme: Theme | "page";
}
