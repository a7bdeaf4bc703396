// Reading what a primitive answers.

import type { Outputs } from "./value.ts";

/** The outputs as a list. */
export function listOf<T extends object | null>(outputs: Outputs<T>): readonly T[] {
  return Array.isArray(outputs) ? (outputs as readonly T[]) : [outputs as T];
}
