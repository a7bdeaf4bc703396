// What all transforms do: run a function on leaves of a trace of its own, and sweep the steps it made. The sweeps' results are
// on the tape of whoever watches, so transforms nest without limit.

import { checkFunction, isAsync } from "../array/arguments.ts";
import { isFloat } from "../array/dtype.ts";
import { DTypeError, ShapeError } from "../array/errors.ts";
import { sameShape, shapeText } from "../array/shape.ts";
import { fill, flatten as flattenTree, refusals } from "../array/tree.ts";
import { bound } from "../tape/bind.ts";
import { sweepForward } from "../tape/forward.ts";
import { unmoved, watchedLeaf, withoutClosedTapes } from "../tape/leaf.ts";
import { sweepBack } from "../tape/reverse.ts";
import { tape } from "../tape/tape.ts";
import { Trace } from "../tape/trace.ts";
import { heldBy } from "../tape/value.ts";
import { constantTensor, Tensor } from "../tensor/tensor.ts";
import { Variable } from "../tensor/variable.ts";
import { flatten, type Tree } from "./tree.ts";

export interface Recorded {
  readonly operation: string;
  readonly trace: Trace;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** Where in the trees the leaves sit. */
  readonly inputPaths: readonly string[];
  readonly outputPaths: readonly string[];
  /** Whether a leaf that the function does not reach gives zeros instead of an error. */
  readonly allowUnused: boolean;
  /** A tree of the input's form. */
  readonly asInput: (leaves: readonly unknown[]) => Tree;
  /** A tree of the output's form. */
  readonly asOutput: (leaves: readonly unknown[]) => Tree;
  /** What the function gave beside its result. */
  readonly aux: unknown;
}

export const example = "(x) => x.square().sum()";
const returnTensors = "return one, made without item(), data or async, which leave the tape";

export interface RecordOptions {
  /** The argument of the function with respect to which it is differentiated, or a list of several. The first by default. */
  readonly argnums?: number | readonly number[];
  /** Whether the function returns [result, anything else]. */
  readonly hasAux?: boolean;
  readonly allowUnused?: boolean;
}

/** Runs f with fresh leaves, watched by a trace that is closed afterwards, in place of those of some arguments. */
export function record(
  operation: string,
  f: unknown,
  args: readonly unknown[],
  { argnums = 0, hasAux = false, allowUnused = false }: RecordOptions = {},
): Recorded {
  checkFunction(operation, f, example);
  const isList = Array.isArray(argnums);
  const numbers = (isList ? argnums : [argnums]) as readonly number[];
  for (const n of numbers) {
    if (!Number.isInteger(n) || n < 0 || n >= args.length)
      throw new RangeError(
        `${operation}: argnums names argument ${n} of a call with ${args.length}; count from 0`,
      );
  }
  const moving = isList ? numbers.map((n) => args[n]) : args[numbers[0]!];
  const what = isList ? "the arguments" : "the argument";
  const { leaves, paths, rebuild } = flatten(operation, what, moving);
  leaves.forEach((leaf, i) => {
    if (!isFloat(leaf.dtype)) {
      throw new DTypeError(
        `${operation}: ${what}${paths[i]} is ${leaf.dtype}, which has no derivative; cast it to a float type or pass it as another argument`,
      );
    }
  });
  const trace = new Trace();
  const inputs: Tensor[] = [];
  const variables: Variable[] = [];
  const leafOf = new Map<Variable, Tensor>();
  for (const leaf of leaves) {
    const known = leaf instanceof Variable ? leafOf.get(leaf) : undefined;
    const input = known ?? (watchedLeaf(leaf, trace) as Tensor);
    inputs.push(input);
    if (!(leaf instanceof Variable) || known !== undefined) continue;
    leafOf.set(leaf, input);
    variables.push(leaf);
  }
  // A variable stays where it is in the tree: the function sees the leaf as the value that the variable holds.
  const standing = rebuild(leaves.map((leaf, i) => (leaf instanceof Variable ? leaf : inputs[i])));
  const given = [...args];
  if (isList) for (const [i, n] of numbers.entries()) given[n] = (standing as readonly unknown[])[i];
  else given[numbers[0]!] = standing;
  const returned: unknown = trace.during(() =>
    bound(
      variables,
      variables.map((each) => leafOf.get(each)!),
      () => (f as (...args: unknown[]) => unknown)(...given),
      true,
    ),
  );
  // It is refused below, since its result is no tensor.
  isAsync(returned);
  const [output, aux] = hasAux ? pairOf(operation, returned) : [returned, undefined];
  const result = flatten(operation, "the function's result", output, returnTensors);
  return {
    operation,
    trace,
    inputs,
    outputs: result.leaves.map((leaf) => heldBy(leaf) as Tensor),
    inputPaths: paths.map((path) => `${what}${path}`),
    outputPaths: result.paths,
    allowUnused,
    asInput: rebuild,
    asOutput: result.rebuild,
    aux,
  };
}

function pairOf(operation: string, returned: unknown): readonly unknown[] {
  if (Array.isArray(returned) && returned.length === 2) return returned as unknown[];
  throw new TypeError(
    `${operation}: with hasAux the function returns [result, anything else], and this one did not; return both, or leave hasAux out`,
  );
}

export const zerosLike = ({ dtype, shape }: Tensor): Tensor => constantTensor(0, dtype, shape);

/** Throws Error for the first input that the function does not reach, unless zeros are asked for there. */
function checkReached(
  { operation, inputPaths, allowUnused }: Recorded,
  isReached: (i: number) => boolean,
): void {
  if (allowUnused) return;
  const missed = inputPaths.findIndex((_, i) => !isReached(i));
  if (missed < 0) return;
  throw new Error(
    `${operation}: the function's result does not depend on ${inputPaths[missed]}, so its derivative would be 0 whatever the numbers. Usual causes: the function uses a tensor from around it in place of its argument, leaves the tape by item(), data or detach(), reads other variables, or was given a value that was computed before. Where it is meant, say { allowUnused: true }`,
  );
}

/** The cotangents of the inputs. Throws Error for an input that the function does not reach, unless zeros are asked for there. */
export function pull(recorded: Recorded, cotangents: readonly (Tensor | null)[]): Tensor[] {
  const reached = sweepBack(recorded.outputs, cotangents, recorded.trace);
  const { inputs } = recorded;
  // Outputs without a cotangent may reach inputs that the others don't.
  if (inputs.some((input) => !reached.has(input)) && !recorded.allowUnused) checkAllReached(recorded);
  const from = [...inputs, ...cotangents.filter((each) => each !== null)];
  return inputs.map(
    (input) => withoutClosedTapes(unmoved(reached.get(input) ?? zerosLike(input), from)) as Tensor,
  );
}

/** Throws Error where the function does not reach one of its inputs, unless zeros are asked for there. */
export function checkAllReached(recorded: Recorded): void {
  const made = new Set(tape(recorded.outputs, recorded.trace));
  // A tensor without elements has no derivative that could be missing.
  checkReached(recorded, (i) => recorded.inputs[i]!.size === 0 || made.has(recorded.inputs[i]!));
}

/** The tangents of the outputs. For a transform around this one they are functions of inputs and tangents, if need be constant ones. */
export function push(recorded: Recorded, tangents: readonly Tensor[]): Tensor[] {
  const moving = new Map(recorded.inputs.map((input, i) => [input, tangents[i]!]));
  const moved = sweepForward(recorded.outputs, moving, recorded.trace);
  const from = [...recorded.inputs, ...tangents];
  return recorded.outputs.map(
    (output, i) => withoutClosedTapes(unmoved(moved[i] ?? zerosLike(output), from)) as Tensor,
  );
}

/** The function's value. */
export const valueOfRecorded = (recorded: Recorded): Tree =>
  recorded.asOutput(recorded.outputs.map((output) => withoutClosedTapes(output)));

/** What the function gave beside its result, whose tensors release their tape where nobody watches them. */
export function auxOf({ operation, aux }: Recorded): unknown {
  const { form, leaves } = flattenTree<Tensor>(aux, {
    isLeaf: (value) => value instanceof Tensor,
    cyclic: refusals(`${operation}: what the function returned beside its result`).cyclic,
  });
  return fill(
    form,
    leaves.map((leaf) => (leaf instanceof Variable ? leaf : withoutClosedTapes(leaf))),
  );
}

/** The leaves of a tree of tangents or cotangents, after a check of its form and of their shapes and types. */
export function matching(
  operation: string,
  what: string,
  tree: unknown,
  like: readonly Tensor[],
  places: readonly string[],
): Tensor[] {
  const { leaves, paths } = flatten(operation, `the ${what}`, tree);
  const own = places.map((place) => place.replace(/^the arguments?/, ""));
  if (paths.length !== own.length || paths.some((path, i) => path !== own[i])) {
    throw new TypeError(
      `${operation}: the ${what} is ${form(paths)} and its point ${form(own)}; give a tree of the same form`,
    );
  }
  return leaves.map((leaf, i) => {
    const { shape, dtype } = like[i]!;
    if (!sameShape(leaf.shape, shape)) {
      throw new ShapeError(
        `${operation}: the ${what}${paths[i]} has shape ${shapeText(leaf.shape)} and its point ${shapeText(shape)}; they must be equal: broadcastTo or reshape it`,
      );
    }
    if (leaf.dtype !== dtype) {
      throw new DTypeError(
        `${operation}: the ${what}${paths[i]} is ${leaf.dtype} and its point ${dtype}; cast it, e.g. v.cast("${dtype}")`,
      );
    }
    return heldBy(leaf) as Tensor;
  });
}

/** A tree's form in a few words: where its tensors sit. */
function form(paths: readonly string[]): string {
  if (paths.length === 1 && paths[0] === "") return "a tensor";
  const shown = paths.slice(0, 4).join(", ");
  return `a tree with tensors at ${shown === "" ? "no place" : shown}${paths.length > 4 ? ", …" : ""}`;
}

/** The single number returned by a function whose gradient is asked for. */
export function checkSingle({ operation, outputs }: Recorded): Tensor {
  const [output] = outputs;
  if (outputs.length !== 1 || output === undefined || output.rank !== 0) {
    const shapes = outputs.map((each) => shapeText(each.shape)).join(", ");
    throw new ShapeError(
      `${operation}: the function returned ${shapes === "" ? "no tensor" : shapes}; a gradient is that of a single number of rank 0: reduce it, e.g. .sum(), or use jacobian or vjp`,
    );
  }
  if (!isFloat(output.dtype))
    throw new DTypeError(
      `${operation}: the function returned ${output.dtype}, which has no derivative; return a float`,
    );
  return output;
}
