// From lines of a cell's JavaScript back to lines of the script.

import { SourceMap, type SourceMapPayload } from "node:module";

/** How many lines of our own a cell's module begins with. */
export const OWN_LINES = 1;

export class Lines {
  readonly #map: SourceMap;
  /** The line of the script at which the cell begins. */
  readonly #from: number;

  /** @param map a source map as JSON, from the JavaScript to a text whose first line is line `from` of the script */
  constructor(map: string, from: number) {
    this.#map = new SourceMap(JSON.parse(map) as SourceMapPayload);
    this.#from = from;
  }

  /** The script's line, from 1, that a place in the JavaScript comes from, both from 1. */
  at(line: number, column: number): number {
    const entry = this.#map.findEntry(line - 1, column - 1);
    return "originalLine" in entry ? this.#from + entry.originalLine : this.#from;
  }
}

/** Where each line of the script went that has something in the code, when the text became another and its JavaScript stayed. */
export function movesOf(code: string, before: Lines, after: Lines): Map<number, number> {
  const moves = new Map<number, number>();
  code.split("\n").forEach((text, i) => {
    for (let column = 1; column <= text.length; column++) {
      const line = before.at(i + 1, column);
      if (!moves.has(line)) moves.set(line, after.at(i + 1, column));
    }
  });
  return moves;
}
