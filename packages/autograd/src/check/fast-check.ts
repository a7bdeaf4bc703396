// fast-check. Only drawing at random needs it: checks at given points work without it.

import type fc from "fast-check";

export type FastCheck = typeof fc;

async function load(): Promise<FastCheck | null> {
  try {
    return (await import("fast-check")).default;
  } catch {
    return null;
  }
}

// Awaited here, since functions that draw return arbitraries synchronously. `require` would load a second copy, whose
// arbitraries the user's copy does not recognise.
const loaded = await load();

/** The library. Throws Error where it is not installed. */
export function fastCheck(operation: string): FastCheck {
  if (loaded !== null) return loaded;
  throw new Error(
    `${operation}: drawing needs fast-check, which is not installed; npm install --save-dev fast-check`,
  );
}

/** What arbitraries are derived from; without the library none is made. */
export const Arbitrary: FastCheck["Arbitrary"] =
  loaded?.Arbitrary ?? (class {} as unknown as FastCheck["Arbitrary"]);

/** Whether a value is an arbitrary. */
export const isArbitrary = (value: unknown): value is fc.Arbitrary<unknown> => value instanceof Arbitrary;
