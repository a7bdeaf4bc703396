// A function recorded at several sizes of the batch, so that what is a size of the batch can be told from what is not.

import { mapTree, type Program, record, ShapeError, type Tensor, zeros } from "@adjoint/autograd";

/** What `recordBatches` gives, for `toOnnx`. */
export interface BatchedPrograms {
  /** The programs of one function. */
  readonly programs: readonly Program[];
  /** The sizes of the batch at which they were recorded. */
  readonly batches: readonly number[];
}

/** The options of `recordBatches`. */
export interface BatchesOptions {
  /**
   * The axis along which samples lie: one for all arguments, or a list with an entry for each, null for one without
   * samples. 0 by default.
   */
  readonly axes?: number | null | readonly (number | null)[];
}

/** Two to find out how sizes follow from the batch, and one to see whether it is so. None is 1, which broadcasts. */
const BATCHES = [5, 7, 11];

/**
 * What f does with batches of any size, for `toOnnx`: f is recorded with 5, 7 and 11 samples, whatever the examples have, so
 * that a size that follows from the batch is told from one that does not. `examples` are the arguments, trees of tensors.
 * Throws ShapeError where a tensor has no such axis, and whatever f throws for these sizes.
 */
export function recordBatches<Args extends readonly unknown[]>(
  f: (...args: Args) => unknown,
  examples: Args,
  { axes = 0 }: BatchesOptions = {},
): BatchedPrograms {
  const axisOf = (i: number) =>
    Array.isArray(axes) ? ((axes as readonly (number | null)[])[i] ?? null) : axes;
  const at = (batch: number) =>
    examples.map((example, i) => {
      const axis = axisOf(i) as number | null;
      if (axis === null) return example;
      return mapTree((each: Tensor) => resized(each, axis, batch, i), example as never);
    }) as unknown as Args;
  return { programs: BATCHES.map((batch) => record(f, ...at(batch))), batches: BATCHES };
}

function resized({ shape, dtype }: Tensor, axis: number, batch: number, i: number): Tensor {
  const place = axis < 0 ? axis + shape.length : axis;
  if (!(place in shape))
    throw new ShapeError(
      `recordBatches: argument ${i} has a tensor of shape [${shape.join(", ")}] without an axis ${axis} for the batch; say where samples lie in each argument, e.g. { axes: [0, null] }`,
    );
  return zeros(shape.with(place, batch), { dtype }) as Tensor;
}
