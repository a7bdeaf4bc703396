// Findings: what an experiment measured, beside what is written about it.

import { type Shown, sent } from "./show.ts";
import { checkOptions, checkText, kindOf } from "./views/check.ts";

/** Whether the script runs with --fast among its arguments, or ADJOINT_FAST=1: smaller experiments that tell the same story. */
export const fast: boolean = process.argv.includes("--fast") || process.env.ADJOINT_FAST === "1";

/** The options of `finding`. */
export interface FindingOptions {
  /** What full runs measured when this was written. */
  readonly expected: number;
  /** How far from it a full run may be: with other seeds, say, or on other machines. In the same unit. */
  readonly spread: number;
  /** The unit, such as "%" or "s"; none by default. */
  readonly unit?: string;
}

/**
 * Shows what was measured beside what is written: `finding("accuracy", 98.1, { expected: 98, spread: 0.5, unit: "%" })`. A full
 * run is compared with what is written; a fast one is smaller, and is not. A measured NaN is outside of every spread.
 * Throws TypeError for what are no numbers, RangeError for a spread below 0.
 */
export function finding(what: string, measured: number, options: FindingOptions): Shown {
  if (typeof what !== "string" || what === "")
    throw new TypeError(`finding: say first what was measured, finding("accuracy", 98.1, …)`);
  checkOptions("finding", options, ["expected", "spread", "unit"], "{ expected: 98, spread: 0.5 }");
  const { expected, spread, unit } = options;
  for (const [name, value] of Object.entries({ measured, expected, spread }))
    if (typeof value !== "number")
      throw new TypeError(
        `finding: ${name} is ${kindOf(value)} and must be a number${name === "measured" ? "; take a tensor's with item()" : ""}`,
      );
  if (!Number.isFinite(expected)) throw new RangeError(`finding: expected is ${expected} and must be finite`);
  if (!(spread >= 0 && spread < Infinity))
    throw new RangeError(`finding: spread is ${spread} and must be a finite number, 0 or more`);
  return sent({
    kind: "finding",
    what,
    measured,
    expected,
    spread,
    unit: checkText("finding", "the unit", unit),
    isCompared: !fast,
  });
}
