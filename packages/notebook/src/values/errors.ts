// Errors, with what caused them.

import { cellText } from "../views/table.ts";
import type { Kind } from "./kind.ts";
import { asText } from "./plain.ts";

/** Messages with causes, from the outermost inwards, and the stack of the outermost. */
export const errors: Kind = {
  name: "an error",
  forms: [],
  view(value, options) {
    if (!(value instanceof Error)) return undefined;
    const lines: string[] = [];
    const seen = new Set<unknown>();
    const tell = (error: unknown, depth: number, word: string): void => {
      const indent = "  ".repeat(depth);
      if (!(error instanceof Error)) {
        lines.push(`${indent}${word}${cellText(error)}`);
        return;
      }
      if (seen.has(error)) {
        lines.push(`${indent}${word}${error.name} (the same as above)`);
        return;
      }
      seen.add(error);
      lines.push(`${indent}${word}${error.name}: ${error.message.replaceAll("\n", `\n${indent}`)}`);
      if (depth === 0) {
        const places = (error.stack ?? "")
          .split("\n")
          .filter((line) => /^\s+at /.test(line) && !/node:internal|node_modules/.test(line));
        lines.push(...places.slice(0, 4).map((line) => `    ${line.trim()}`));
      }
      if (error.cause !== undefined) tell(error.cause, depth + 1, "caused by ");
      if (error instanceof AggregateError)
        for (const each of error.errors.slice(0, 10)) tell(each, depth + 1, "- ");
    };
    tell(value, 0, "");
    return asText(lines.join("\n"), options);
  },
};
