// Whole matrices of derivatives: Jacobians and Hessians, all rows or all columns at once.

import { checkFunction, checkOptions } from "../array/arguments.ts";
import { NDArray } from "../array/ndarray.ts";
import { Batching } from "../batch/batching.ts";
import { reshaped, transposed } from "../primitives/moving.ts";
import { interpretWith } from "../tape/interpreter.ts";
import { tape } from "../tape/tape.ts";
import { concat } from "../tensor/creation.ts";
import { asTensor, constantTensor, Tensor } from "../tensor/tensor.ts";
import { checkAllReached, example, pull, push, type Recorded, record, zerosLike } from "./recorded.ts";
import { evaluateGradient } from "./transforms.ts";
import type { TensorsOf, Tree } from "./tree.ts";

/**
 * So many elements a batch of sweeps may have in the values of the tape, all together. More sweeps at once would hardly be
 * faster, and need more memory.
 */
const MOST_ELEMENTS = 2 ** 24;

/** Unit vectors of a tensor's space beside each other, in row-major order: `count` of them, from the one at `start` on. */
function unitsOf(like: Tensor, start: number, count: number): Tensor {
  const array = NDArray.zeros(like.dtype, [count, ...like.shape]);
  for (let i = 0; i < count; i++) array.buffer[i * like.size + start + i] = 1;
  return new Tensor(array);
}

/** The results of a sweep for every unit vector of a tensor's space, beside each other: one batched sweep, or several slices. */
function sweptByUnits(
  { outputs, trace }: Recorded,
  like: Tensor,
  results: readonly Tensor[],
  sweep: (unit: Tensor) => readonly Tensor[],
): readonly Tensor[] {
  if (like.size === 0) return results.map(({ shape, dtype }) => constantTensor(0, dtype, [0, ...shape]));
  const held = tape(outputs, trace).reduce((sum, { size }) => sum + size, 0);
  const most = Math.max(1, Math.floor(MOST_ELEMENTS / Math.max(1, held)));
  const slices: (readonly Tensor[])[] = [];
  for (let start = 0; start < like.size; start += most) {
    const batching = new Batching(Math.min(most, like.size - start));
    const unit = asTensor(batching.partOf(unitsOf(like, start, batching.size)));
    const swept = interpretWith(batching, () => sweep(unit));
    slices.push(swept.map((each) => asTensor(batching.wholeOf(each))));
  }
  return slices.length === 1 ? slices[0]! : results.map((_, k) => concat(slices.map((each) => each[k]!)));
}

/** The derivative of every output with respect to every input: for each pair a tensor [...output, ...input]. */
export type JacobianOf<A, Out> = Out extends Tensor
  ? JacobianRow<A>
  : { -readonly [K in keyof Out]: JacobianOf<A, Out[K]> };
type JacobianRow<A> = A extends Tensor ? Tensor : { -readonly [K in keyof A]: JacobianRow<A[K]> };

/** The options of `jacobian` and `hessian`. */
export interface JacobianOptions {
  /**
   * "reverse" sweeps for each output element, "forward" for each input element; all sweeps of one tensor are one batched
   * sweep, in slices where it would take much memory. By default, the mode with fewer sweeps.
   */
  readonly mode?: "reverse" | "forward";
  /** Zeros where f does not reach its argument, which is an error otherwise. */
  readonly allowUnused?: boolean;
}

/**
 * The Jacobian of f with respect to its first argument: for each output tensor a tree of the argument's form, of
 * tensors [...output shape, ...input shape]. Throws TypeError where an argument or result is no tree of tensors,
 * DTypeError where one has no derivative (int32, bool), and Error where f does not reach its argument, unless
 * `allowUnused` asks for zeros there. One pass for each row or column: Griewank & Walther, "Evaluating Derivatives"
 * (2008).
 */
export function jacobian<A extends Tree, Out extends Tree, Rest extends unknown[]>(
  f: (x: A, ...rest: Rest) => Out,
  options: JacobianOptions = {},
): (x: A, ...rest: Rest) => JacobianOf<A, Out> {
  checkFunction("jacobian", f, example);
  checkOptions("jacobian", options, ["mode", "allowUnused"]);
  return (x, ...rest) =>
    jacobianOf(record("jacobian", f, [x, ...rest], options), options.mode) as JacobianOf<A, Out>;
}

function jacobianOf(recorded: Recorded, mode: JacobianOptions["mode"]): unknown {
  checkAllReached(recorded);
  const count = (tensors: readonly Tensor[]) => tensors.reduce((sum, each) => sum + each.size, 0);
  const isWide = count(recorded.outputs) <= count(recorded.inputs);
  const blocks =
    (mode ?? (isWide ? "reverse" : "forward")) === "reverse"
      ? reverseBlocks(recorded)
      : forwardBlocks(recorded);
  // The output's form with, at each leaf, the input's form.
  return recorded.asOutput(blocks.map((row) => recorded.asInput(row)));
}

/** One tensor [...output, ...input] for every output and input. */
function reverseBlocks(recorded: Recorded): Tensor[][] {
  const { inputs, outputs } = recorded;
  return outputs.map((output, which) =>
    sweptByUnits(recorded, output, inputs, (unit) =>
      pull(
        recorded,
        outputs.map((_, i) => (i === which ? unit : null)),
      ),
    ).map((rows, i) => asTensor(reshaped(rows, [...output.shape, ...inputs[i]!.shape]))),
  );
}

function forwardBlocks(recorded: Recorded): Tensor[][] {
  const { inputs, outputs } = recorded;
  const columns = inputs.map((input, which) =>
    sweptByUnits(recorded, input, outputs, (unit) =>
      push(
        recorded,
        inputs.map((other, i) => (i === which ? unit : zerosLike(other))),
      ),
    ),
  );
  return outputs.map((output, o) =>
    inputs.map((input, i) => {
      const across = transposed(reshaped(columns[i]![o]!, [input.size, output.size]));
      return asTensor(reshaped(across, [...output.shape, ...input.shape]));
    }),
  );
}

/**
 * The Hessian of a function of a single number: for every pair of inputs a tensor [...first, ...second]. Forward over
 * reverse by default; `mode: "reverse"` gives reverse over reverse. Throws ShapeError unless f returns a tensor of rank
 * 0, DTypeError where an argument has no derivative (int32, bool), and Error where f does not reach its argument,
 * unless `allowUnused` asks for zeros there.
 */
export function hessian<A extends Tree, Rest extends unknown[]>(
  f: (x: A, ...rest: Rest) => Tensor<[]> | Tensor,
  options: JacobianOptions = {},
): (x: A, ...rest: Rest) => JacobianOf<A, TensorsOf<A>> {
  checkFunction("hessian", f, example);
  checkOptions("hessian", options, ["mode", "allowUnused"]);
  const gradient = (...args: unknown[]) => evaluateGradient("hessian", f, args, options).gradient;
  return (x, ...rest) =>
    jacobianOf(record("hessian", gradient, [x, ...rest], options), options.mode ?? "forward") as JacobianOf<
      A,
      TensorsOf<A>
    >;
}
