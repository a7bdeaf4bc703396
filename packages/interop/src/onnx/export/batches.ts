// A function recorded at several sizes of the batch, so that what is a size of the batch can be told from what is not.

import { mapTree, type Program, record, ShapeError, type Tensor, zeros } from "@adjoint/autograd";
import { BatchError } from "./twins.ts";

/** What `recordBatches` gives, for `toOnnx`. */
export interface BatchedPrograms {
  /** What the function does with batches of this size. */
  readonly programAt: (batch: number) => Program;
}

/** The options of `recordBatches`. */
export interface BatchesOptions {
  /**
   * The axis along which samples lie: one for all arguments, or a list with an entry for each, null for one without
   * samples. 0 by default.
   */
  readonly axes?: number | null | readonly (number | null)[];
}

/**
 * What f does with batches of any size, for `toOnnx`, which records f with several numbers of samples, whatever the examples
 * have, so that a size that follows from the batch is told from one that does not. `examples` are the arguments, trees of
 * tensors. Throws TypeError for other options, ShapeError where a tensor has no such axis, and whatever f throws for a batch of 11. In the
 * place of the `dynamic_axes` of PyTorch's export.
 */
export function recordBatches<Args extends readonly unknown[]>(
  f: (...args: Args) => unknown,
  examples: readonly [...Args],
  options: BatchesOptions = {},
): BatchedPrograms {
  const { axes = 0, ...others } = options;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    throw new TypeError(`recordBatches: there is no option "${unknown}"; the option is axes`);
  if (!Array.isArray(examples))
    throw new TypeError("recordBatches: the examples must be a list of the arguments: recordBatches(f, [x])");
  const axisOf = (i: number) =>
    Array.isArray(axes) ? ((axes as readonly (number | null)[])[i] ?? null) : (axes as number | null);
  const programs = new Map<number, Program>();
  const programAt = (batch: number): Program => {
    const known = programs.get(batch);
    if (known !== undefined) return known;
    const args = examples.map((example: unknown, i) => {
      const axis = axisOf(i);
      if (axis === null) return example;
      return mapTree((each: Tensor) => resized(each, axis, batch, i), example as never);
    });
    const program = record(f, ...(args as unknown as Args));
    programs.set(batch, program);
    return program;
  };
  // What is wrong with the arguments is said here.
  programAt(SIZES[0]![0]!);
  return { programAt };
}

/**
 * Two sizes to find out how others follow from the batch, and one to see whether it is so; none is 1, which broadcasts. The
 * engine does some things otherwise where there is little, so where steps differ, others are tried.
 */
const SIZES = [
  [11, 13, 17],
  [101, 103, 107],
  [1009, 1013, 1019],
] as const;

/** What `use` makes of the programs at sizes of the batch at which they have the same steps. */
export function atSizes<T>(
  { programAt }: BatchedPrograms,
  use: (programs: readonly Program[], batches: readonly number[]) => T,
): T {
  let first: BatchError | undefined;
  for (const batches of SIZES) {
    try {
      return use(batches.map(programAt), batches);
    } catch (error) {
      if (!(error instanceof BatchError)) throw error;
      first ??= error;
    }
  }
  throw first!;
}

function resized({ shape, dtype }: Tensor, axis: number, batch: number, i: number): Tensor {
  const place = axis < 0 ? axis + shape.length : axis;
  if (!(place in shape))
    throw new ShapeError(
      `recordBatches: argument ${i} has a tensor of shape [${shape.join(", ")}] without an axis ${axis} for the batch; say where samples lie in each argument, e.g. { axes: [0, null] }`,
    );
  return zeros(shape.with(place, batch), { dtype }) as Tensor;
}
