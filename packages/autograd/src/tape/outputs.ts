// Reading the results of a primitive.

import type { Outputs } from "./value.ts";

/** The outputs as a list. */
export function listOf<T extends object | null>(outputs: Outputs<T>): readonly T[] {
  return Array.isArray(outputs) ? (outputs as readonly T[]) : [outputs as T];
}
