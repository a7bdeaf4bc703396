// Places in a script, read from the text of a stack.

import { pathToFileURL } from "node:url";

export interface Frame {
  readonly line: number;
  readonly column: number;
  /** Which version of a cell it lies in, where it is a cell's. */
  readonly version: number | undefined;
}

/** What stands behind the script's name: `?cell=2&version=7` for a cell, then line and column. */
const PLACE = String.raw`(?:\?cell=\d+&version=(\d+))?:(\d+):(\d+)`;

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Places in the file, by path or by URL. */
const placesIn = (file: string) =>
  new RegExp(`(?:${escaped(pathToFileURL(file).href)}|${escaped(file)})${PLACE}`, "g");

const frameOf = ([, version, line, column]: RegExpMatchArray | string[]): Frame => ({
  line: Number(line),
  column: Number(column),
  version: version === undefined ? undefined : Number(version),
});

/** The frames of a stack that lie in the file, innermost first. */
export const framesIn = (stack: string, file: string): Frame[] =>
  [...stack.matchAll(placesIn(file))].map(frameOf);

/** The stack with the lines of frames in the file replaced. */
export const withLines = (stack: string, file: string, lineOf: (frame: Frame) => number): string =>
  stack.replaceAll(placesIn(file), (...match: string[]) => `${file}:${lineOf(frameOf(match))}:${match[3]}`);

/** A stack without the frames of Node and of those who run the script. */
export const withoutRunner = (stack: string): string =>
  stack
    .split("\n")
    .filter(
      (line) => !/^\s+at .*(\bnode:|\/notebook\/((src|dist)\/run|dist\/chunks)\/|\/tsx\/dist\/)/.test(line),
    )
    .join("\n");
