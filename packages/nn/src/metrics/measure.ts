// What is measured batch by batch: each batch adds a part, parts are joined, and the joined ones make one value. So a small
// last batch counts as much as it has samples.

import type { Tensor } from "@adjoint/autograd";

/** Numbers, or lists of them, as a history keeps them. */
export type Measured = number | readonly Measured[];

/** How the parts of batches become one value. */
export interface Joined {
  /** For the history and for errors. */
  readonly name: string;
  /** Two parts as one; their sum by default. */
  readonly join?: (before: Tensor, part: Tensor) => Tensor;
  /** What the joined parts mean. */
  readonly value: (total: Tensor) => Measured;
}

/** The parts of a measure as one. */
export const joinParts = ({ join }: Joined, before: Tensor | undefined, part: Tensor): Tensor =>
  before === undefined ? part : join === undefined ? before.add(part) : join(before, part);
