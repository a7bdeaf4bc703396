// Seeds, noted for the head of the report.

import { link } from "./run/link.ts";

/** How many seeds this run has noted. */
let count = 0;

/**
 * Notes a seed for the head of the report, and returns it: `const key = keys(seed(1))`.
 * Throws RangeError for what is no whole number: a seed that can't be written down repeats nothing.
 */
export function seed(number: number): number {
  if (!Number.isSafeInteger(number)) throw new RangeError(`seed: ${String(number)} must be a whole number`);
  count++;
  link()?.send({ kind: "fact", name: count === 1 ? "seed" : `seed ${count}`, value: String(number) });
  return number;
}
