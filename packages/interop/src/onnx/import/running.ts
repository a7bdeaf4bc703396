// What a graph is to those who run it, and what it is run with.

import type { Key } from "@adjoint/autograd";
import type { Datum } from "./datum.ts";

/** What a graph is run with. */
export interface Context {
  /** Whether dropout drops and batch normalisation uses the batch. */
  readonly training: boolean;
  /** A key for random draws; null where none was given. */
  readonly key: () => Key | null;
  /** The value of a name outside the graph that runs, for the graphs within nodes. */
  readonly lookup: (name: string) => Datum | undefined;
}

/** What a stored tensor is to those who read it. */
export type Role = "weight" | "state" | "setting";

/** A graph within a node. */
export interface InnerGraph {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Names from outside that the graph reads, with what they are used as. */
  readonly captured: ReadonlyMap<string, ReadonlySet<Role>>;
  /** The outputs for inputs, both in order. */
  run(inputs: readonly Datum[], context: Context): Datum[];
}
