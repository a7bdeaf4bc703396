// What fusing takes and gives: programs, and clusters with their buffers before they are put in order.

import type { Description } from "../array/description.ts";
import type { GuardedValue } from "../program/guards.ts";
import type { ProgramParts, ProgramValue } from "../program/parts.ts";
import type { Cell } from "../tape/cell.ts";
import type { Control } from "../tape/lowering.ts";
import type { Buffer, Cluster, Inside } from "./cluster.ts";
import type { Layout } from "./layout.ts";

/** A value, the buffer that holds it, and its layout there. */
export interface Placed extends Description {
  readonly buffer: Buffer;
  readonly layout: Layout;
}

/** A program as clusters and buffers, before the clusters are put in order. */
export interface Fused {
  readonly clusters: readonly Cluster[];
  readonly buffers: readonly Buffer[];
  readonly results: readonly Placed[];
  /**
   * The row-major buffers of new values of variables and of their gradients: undefined where nothing changes,
   * null where the gradient is cleared.
   */
  readonly outcomes: readonly {
    readonly variable: Cell;
    readonly value: Buffer | undefined;
    readonly grad: Buffer | null | undefined;
  }[];
  /** The guards: clusters that check numbers before any variable changes. */
  readonly guards: readonly Cluster[];
}

/** What is fused: a program, or one inside a step. */
export interface Fusible extends Pick<ProgramParts, "values" | "outcomes"> {
  /** The outputs that are computed. */
  readonly results: readonly ProgramValue[];
  readonly guards: readonly GuardedValue[];
}

/** A step that holds programs, with the buffers around it. */
export interface Surroundings {
  readonly control: Control;
  /** The step's operands, row-major; for what a loop carries, the buffers that it ends up in. */
  readonly operands: readonly { readonly buffer: Buffer; readonly offset: number }[];
  /** The step's results, row-major; null for those that nothing reads. */
  readonly targets: readonly (Buffer | null)[];
  /** A buffer for the truth value that ends a loop. */
  flag(): Buffer;
  /** A buffer around the step for a constant within. */
  constant(within: Buffer): Buffer;
}

/** Makes clusters of the programs inside a step. */
export type PlanInside = (around: Surroundings) => Inside;
