// What training has measured.

import type { Measured } from "../metrics/measure.ts";

/** One list for each thing measured, with one entry for each epoch. */
export type History = Readonly<Record<string, readonly Measured[]>>;
