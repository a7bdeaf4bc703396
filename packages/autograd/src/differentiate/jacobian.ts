// Whole matrices of derivatives: Jacobians and Hessians, computed row by row or column by column.

import { checkFunction, checkOptions } from "../array/arguments.ts";
import { NDArray } from "../array/ndarray.ts";
import { matrixOfColumns, matrixOfRows } from "../tensor/creation.ts";
import { Tensor } from "../tensor/tensor.ts";
import { checkAllReached, example, pull, push, type Recorded, record, zerosLike } from "./recorded.ts";
import { evaluateGradient } from "./transforms.ts";
import type { TensorsOf, Tree } from "./tree.ts";

/** Each unit vector of a tensor's space, in row-major order. */
function* units(like: Tensor): Generator<Tensor> {
  for (let i = 0; i < like.size; i++) {
    const array = NDArray.zeros(like.dtype, like.shape);
    array.buffer[i] = 1;
    yield new Tensor(array);
  }
}

/** The derivative of every output with respect to every input: for each pair a tensor [...output, ...input]. */
export type JacobianOf<A, Out> = Out extends Tensor
  ? JacobianRow<A>
  : { -readonly [K in keyof Out]: JacobianOf<A, Out[K]> };
type JacobianRow<A> = A extends Tensor ? Tensor : { -readonly [K in keyof A]: JacobianRow<A[K]> };

export interface JacobianOptions {
  /** "reverse" sweeps once for each output element, "forward" once for each input element. By default, the mode with fewer sweeps. */
  readonly mode?: "reverse" | "forward";
  /** Zeros where f does not reach its argument, which is an error otherwise. */
  readonly allowUnused?: boolean;
}

/**
 * The Jacobian of f with respect to its first argument: for each output tensor a tree of the argument's form,
 * of tensors [...output shape, ...input shape].
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
  return outputs.map((output, which) => {
    const rows = Array.from(units(output), (unit) =>
      pull(
        recorded,
        outputs.map((_, i) => (i === which ? unit : null)),
      ),
    );
    return inputs.map((input, i) =>
      matrixOfRows(
        rows.map((row) => row[i]!),
        output,
        input,
      ),
    );
  });
}

function forwardBlocks(recorded: Recorded): Tensor[][] {
  const { inputs, outputs } = recorded;
  const columns = inputs.map((input, which) =>
    Array.from(units(input), (unit) =>
      push(
        recorded,
        inputs.map((other, i) => (i === which ? unit : zerosLike(other))),
      ),
    ),
  );
  return outputs.map((output, o) =>
    inputs.map((input, i) =>
      matrixOfColumns(
        columns[i]!.map((column) => column[o]!),
        output,
        input,
      ),
    ),
  );
}

/**
 * The Hessian of a function of a single number: for every pair of inputs a tensor [...first, ...second].
 * Forward over reverse by default; `mode: "reverse"` gives reverse over reverse.
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
