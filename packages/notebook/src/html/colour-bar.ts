// The bar that says what colours mean, and what the colours of numbers that are not finite stand for.

import { digitsOf } from "../views/ticks.ts";
import type { Cells } from "../views/view.ts";
import { fillOfNumber, specialColour } from "./grid-colours.ts";
import { type Markup, markup, place } from "./markup.ts";
import { shortened } from "./measure.ts";
import { numberText } from "./number.ts";
import type { Palette } from "./palette.ts";

const FONT = 12;
/** The length of the bar: whole pixels for each of its steps, so that no seams show. */
const LENGTH = 220;
const STEPS = 44;
/** The room that a bar needs, with its name and its numbers. */
export const BAR: { readonly width: number; readonly height: number } = { width: LENGTH + 12, height: 48 };

/** The bar from the least to the most at `x`, `y`, with what the numbers are above. */
export function colourBar(cells: Cells, name: string, palette: Palette, x: number, y: number): Markup {
  const reach = Math.max(Math.abs(cells.range[0]), Math.abs(cells.range[1]));
  const isTwoSided = cells.colours === "diverging";
  const [low, high] = isTwoSided ? [-reach, reach] : cells.range;
  const digits = digitsOf([low, high]);
  const bar = Array.from({ length: STEPS }, (_, i) => {
    const fill = fillOfNumber(cells, low + ((high - low) * (i + 0.5)) / STEPS, palette);
    return markup`<rect x="${place((LENGTH * i) / STEPS)}" y="0" width="${place(LENGTH / STEPS)}" height="10" shape-rendering="crispEdges" fill="${fill.colour}" fill-opacity="${Math.round(fill.opacity * 1000) / 1000}"/>`;
  });
  const text = (content: string, at: number, below: number, anchor: string, colour: string) =>
    markup`<text x="${at}" y="${below}" text-anchor="${anchor}" fill="${palette(colour)}">${content}</text>`;
  return markup`<g transform="translate(${place(x)},${place(y)})">${text(shortened(name, LENGTH + 100, FONT), 0, 10, "start", "soft")}<g transform="translate(0,18)">${bar}<rect width="${LENGTH}" height="10" fill="none" stroke="${palette("line")}"/></g>${text(numberText(low, digits), 0, 43, "start", "ink")}${isTwoSided ? text("0", LENGTH / 2, 43, "middle", "ink") : ""}${text(numberText(high, digits), LENGTH, 43, "end", "ink")}</g>`;
}

/** How many cells are not finite, in a sentence that names their colours; empty where all are. */
export function specials({ values }: Cells): string {
  const counts = { notANumber: 0, infinite: 0, minusInfinite: 0 };
  for (const value of values) {
    const special = specialColour(value);
    if (special !== undefined) counts[special]++;
  }
  const parts = [
    counts.notANumber > 0 && `NaN (${counts.notANumber.toLocaleString("en-GB")}, pink)`,
    counts.infinite > 0 && `∞ (${counts.infinite.toLocaleString("en-GB")}, green)`,
    counts.minusInfinite > 0 && `−∞ (${counts.minusInfinite.toLocaleString("en-GB")}, violet)`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? "" : `Not finite: ${parts.join(", ")}.`;
}
