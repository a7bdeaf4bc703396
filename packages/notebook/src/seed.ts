// Seeds, noted for the head of the report.

import { link } from "./run/link.ts";

/** How many seeds this run has noted. */
let count = 0;

/** What is written behind --seed, or in ADJOINT_SEED; undefined where neither is given. */
function given(): string | undefined {
  const place = process.argv.indexOf("--seed");
  return place < 0 ? process.env["ADJOINT_SEED"] : (process.argv[place + 1] ?? "");
}

/**
 * Notes a seed for the head of the report, and returns it: `const key = keys(seed(1))`. Where the script runs with `--seed 2`
 * among its arguments, or ADJOINT_SEED=2, the first seed of the script is that one.
 * Throws RangeError for what is no whole number: a seed that can't be written down repeats nothing.
 */
export function seed(number: number): number {
  const other = count === 0 ? given() : undefined;
  const chosen = other === undefined ? number : other === "" ? Number.NaN : Number(other);
  if (!Number.isSafeInteger(chosen))
    throw new RangeError(`seed: ${String(other ?? number)} must be a whole number`);
  count++;
  link()?.send({ kind: "fact", name: count === 1 ? "seed" : `seed ${count}`, value: String(chosen) });
  return chosen;
}
