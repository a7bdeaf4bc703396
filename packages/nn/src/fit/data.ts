// Data for training: trees of tensors whose rows are samples, or batches that come one after another.

import { flattenTree, type Key, ShapeError, type Tensor, type Tree } from "@adjoint/autograd";
import { kindOf } from "../arguments.ts";

/** Samples: inputs and targets, tensors or trees of tensors, with one row along the first axis for each sample. */
export interface Samples<In extends Tree = Tree, Target extends Tree = Tree> {
  /** The inputs, one row along the first axis for each sample. */
  readonly x: In;
  /** The targets, one row along the first axis for each sample. */
  readonly y: Target;
}

/** Batches one after another; an array of them, or anything that can be iterated anew for each epoch. */
export type Batches<In extends Tree, Target extends Tree> =
  | Iterable<Samples<In, Target>>
  | AsyncIterable<Samples<In, Target>>;

/**
 * Samples, or batches, or a function that gives the batches of an epoch, counted from 0, whose random draws, if it makes
 * any, come from the key.
 */
export type Data<In extends Tree, Target extends Tree> =
  | Samples<In, Target>
  | Batches<In, Target>
  | ((epoch: number, key: Key) => Batches<In, Target>);

/** The number of samples. Throws TypeError or ShapeError, naming the place, where the rows are not as many everywhere. */
export function rowsOf(operation: string, what: string, samples: unknown): number {
  const { x, y } = (samples ?? {}) as Partial<Samples>;
  if (x === undefined || y === undefined)
    throw new TypeError(
      `${operation}: ${what} is ${kindOf(samples)} without x and y; give { x: inputs, y: targets }, tensors whose first axis holds samples`,
    );
  const { leaves, paths } = partsOf(`${operation}: ${what}`, { x, y });
  const count = leaves[0]?.shape[0];
  leaves.forEach(({ shape }, i) => {
    if (shape.length === 0)
      throw new ShapeError(
        `${operation}: ${what}${paths[i]} has shape [] and must have samples along the first axis: reshape([1])`,
      );
    if (shape[0] !== count)
      throw new ShapeError(
        `${operation}: ${what}${paths[0]} has ${count} samples and ${what}${paths[i]} has ${shape[0]}; all must have as many`,
      );
  });
  if (count === undefined || count === 0)
    throw new RangeError(`${operation}: ${what} has no samples; give at least one`);
  return count;
}

function partsOf(place: string, samples: Tree): { leaves: readonly Tensor[]; paths: readonly string[] } {
  try {
    return flattenTree(samples);
  } catch (error) {
    // It names the tree by a name of its own.
    throw new TypeError((error as Error).message.replace("flattenTree: the tree", place), { cause: error });
  }
}

/** Whether data are samples, not batches. */
export const areSamples = <In extends Tree, Target extends Tree>(
  data: Data<In, Target>,
): data is Samples<In, Target> =>
  typeof data !== "function" && !(Symbol.iterator in data) && !(Symbol.asyncIterator in data);
