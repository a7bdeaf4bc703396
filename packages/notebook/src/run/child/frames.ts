// Places in a script, read from the text of a stack.

import { pathToFileURL } from "node:url";

export interface Frame {
  readonly line: number;
  /** What stands behind the file's name and a number sign, if anything does. */
  readonly version: number | undefined;
}

/** The frames of a stack that lie in the file, innermost first. */
export function framesIn(stack: string, file: string): Frame[] {
  const names = [file, pathToFileURL(file).href];
  return stack.split("\n").flatMap((text) => {
    for (const name of names) {
      const at = text.indexOf(name);
      if (at < 0) continue;
      const [, version, line] = /^(?:(?:#|%23)(\d+))?:(\d+)/.exec(text.slice(at + name.length)) ?? [];
      if (line !== undefined) return [{ line: Number(line), version: version === undefined ? undefined : Number(version) }];
    }
    return [];
  });
}

/** A stack without the frames of Node and of those who run the script. */
export const withoutRunner = (stack: string): string =>
  stack
    .split("\n")
    .filter((line) => !/^\s+at .*(\bnode:|\/notebook\/(src|dist)\/run\/|\/tsx\/dist\/)/.test(line))
    .join("\n");
