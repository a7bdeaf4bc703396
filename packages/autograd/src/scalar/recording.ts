// A place to listen while a function of scalars is recorded. The tape records steps by itself; what it does not see is
// told here: new leaves, and `backward`. What needs numbers is refused, since they are not known then.

import type { Leaf, Place } from "./segment.ts";

export interface ScalarRecorder {
  /** A leaf has been made. */
  leaf(leaf: Leaf): void;
  /** `backward` has been called. */
  backward(from: Leaf | Place): void;
  /** Numbers are asked for, or changed. Throws. */
  refuse(what: "value" | "grad" | "assign"): never;
}

let present: ScalarRecorder | null = null;

/** What records scalars now; null outside recordings. */
export function scalarRecorder(): ScalarRecorder | null {
  return present;
}

/** Runs a function under a recorder. */
export function recordScalars<T>(inner: ScalarRecorder, run: () => T): T {
  const outer = present;
  present = inner;
  try {
    return run();
  } finally {
    present = outer;
  }
}
