// How text is set in a terminal: its width, colours, and what is too long.

import { countText } from "../views/number-text.ts";
import { widthOf, wrapped } from "../views/wrapped.ts";

export { widthOf, wrapped } from "../views/wrapped.ts";

/** How text is set in a terminal. */
export interface Style {
  /** Columns of the terminal. */
  readonly width: number;
  /** Whether colours are understood and wanted. */
  readonly colour: boolean;
}

/** Colours that are told apart by colour-blind readers, on dark and on light, of the 256 that terminals have. */
const series = [33, 208, 36, 170, 142, 203, 75, 244] as const;

export const seriesColour = (i: number): number => series[i % series.length]!;

const esc = String.fromCharCode(27);

/** Text in one of a terminal's 256 colours. */
export const painted = (text: string, colour: number, { colour: isWanted }: Style): string =>
  isWanted ? `${esc}[38;5;${colour}m${text}${esc}[39m` : text;

/** Black or white, whichever is read on one of a terminal's 256 colours. */
export function inkOn(back: number): number {
  if (back >= 232) return back >= 244 ? 16 : 231;
  const at = back - 16;
  // Red, green and blue from 0 to 5, weighed by how bright they are.
  const brightness = 0.3 * Math.floor(at / 36) + 0.59 * (Math.floor(at / 6) % 6) + 0.11 * (at % 6);
  return brightness > 2.3 ? 16 : 231;
}

/** Text with a colour of its own and one behind it. */
export const filled = (text: string, front: number, back: number): string =>
  `${esc}[38;5;${front};48;5;${back}m${text}${esc}[0m`;

export const bold = (text: string, { colour }: Style): string =>
  colour && text !== "" ? `${esc}[1m${text}${esc}[22m` : text;

export const faint = (text: string, { colour }: Style): string =>
  colour && text !== "" ? `${esc}[2m${text}${esc}[22m` : text;

export const padStart = (text: string, width: number): string =>
  " ".repeat(Math.max(0, width - widthOf(text))) + text;

export const padEnd = (text: string, width: number): string =>
  text + " ".repeat(Math.max(0, width - widthOf(text)));

/** A text in so many columns, its end replaced by … where it is longer. */
export const cut = (text: string, width: number): string =>
  widthOf(text) <= width ? text : `${[...text].slice(0, Math.max(0, width - 1)).join("")}…`;

/** The first lines, and one that says how many more there are and how to see them. */
export function shortened(lines: readonly string[], most: number, way: string): readonly string[] {
  if (lines.length <= most) return lines;
  return [...lines.slice(0, most - 1), `… ${countText(lines.length - most + 1)} more lines: ${way}`];
}

/** A title above, if there is one, and a note below. */
export function framed(title: string, lines: readonly string[], note: string, style: Style): string[] {
  return [
    ...(title === "" ? [] : [bold(title, style)]),
    ...lines,
    ...(note === "" ? [] : wrapped(note, style.width).map((line) => faint(line, style))),
  ];
}
