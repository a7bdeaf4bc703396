// The transforms: functions in, derivatives of functions out. All record the function on a tape under a trace
// of their own and sweep it; the sweep's results are on the tape of whoever watches, so they nest without limit.

import { checkFunction, checkOptions } from "../array/arguments.ts";
import { isFloat } from "../array/dtype.ts";
import { DTypeError, ShapeError } from "../array/errors.ts";
import { NDArray } from "../array/ndarray.ts";
import { sameShape, shapeText } from "../array/shape.ts";
import { sweepForward } from "../tape/forward.ts";
import { released, watchedLeaf } from "../tape/leaf.ts";
import { sweepBack } from "../tape/reverse.ts";
import { Trace } from "../tape/trace.ts";
import { heldBy } from "../tape/value.ts";
import { matrixOfColumns, matrixOfRows } from "../tensor/creation.ts";
import { constantTensor, Tensor } from "../tensor/tensor.ts";
import { flatten, mapTree, type TensorsOf, type Tree } from "./tree.ts";

interface Recorded {
  readonly trace: Trace;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** Where in their trees they sit. */
  readonly inputPaths: readonly string[];
  readonly outputPaths: readonly string[];
  /** A tree of the input's form. */
  readonly asInput: (leaves: readonly Tensor[]) => Tree;
  /** A tree of the output's form. */
  readonly asOutput: (leaves: readonly Tensor[]) => Tree;
}

const example = "(x) => x.square().sum()";
const returnTensors = "return one, made without item(), data or async, which leave the tape";

/** Runs f on fresh leaves in place of its first argument's, watched by a trace that is closed afterwards. */
function record<Out>(
  operation: string,
  f: (...args: never) => Out,
  first: unknown,
  rest: readonly unknown[],
): Recorded {
  checkFunction(operation, f, example);
  const { leaves, paths, rebuild } = flatten(operation, "the argument", first);
  leaves.forEach((leaf, i) => {
    if (!isFloat(leaf.dtype)) {
      throw new DTypeError(
        `${operation}: the argument${paths[i]} is ${leaf.dtype}, in which nothing moves continuously; cast it to a float type or pass it as a later argument`,
      );
    }
  });
  const trace = new Trace();
  const inputs = leaves.map((leaf) => watchedLeaf(leaf, trace) as Tensor);
  const output = trace.during(() => (f as unknown as (...args: unknown[]) => Out)(rebuild(inputs), ...rest));
  const result = flatten(operation, "the function's result", output, returnTensors);
  return {
    trace,
    inputs,
    outputs: result.leaves.map((leaf) => heldBy(leaf) as Tensor),
    inputPaths: paths,
    outputPaths: result.paths,
    asInput: rebuild,
    asOutput: result.rebuild,
  };
}

const zerosLike = (tensor: Tensor) => constantTensor(0, tensor.dtype, tensor.shape);

function pull(recorded: Recorded, cotangents: readonly (Tensor | null)[]): Tensor[] {
  const reached = sweepBack(recorded.outputs, cotangents, recorded.trace);
  return recorded.inputs.map((input) => released(reached.get(input) ?? zerosLike(input)) as Tensor);
}

function push(recorded: Recorded, tangents: readonly Tensor[]): Tensor[] {
  const moving = new Map(recorded.inputs.map((input, i) => [input, tangents[i]!]));
  const moved = sweepForward(recorded.outputs, moving, recorded.trace);
  return recorded.outputs.map((output, i) => released(moved[i] ?? zerosLike(output)) as Tensor);
}

const outputOf = (recorded: Recorded) =>
  recorded.asOutput(recorded.outputs.map((output) => released(output) as Tensor));

/** A tangent or cotangent tree's leaves, of the forms, shapes and types they must have. */
function matching(
  operation: string,
  what: string,
  tree: unknown,
  like: readonly Tensor[],
  places: readonly string[],
): Tensor[] {
  const { leaves, paths } = flatten(operation, `the ${what}`, tree);
  if (paths.length !== places.length || paths.some((path, i) => path !== places[i])) {
    throw new TypeError(
      `${operation}: the ${what} is ${form(paths)} and its point ${form(places)}; give a tree of the same form`,
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

function checkSingle(operation: string, recorded: Recorded): Tensor {
  const [output] = recorded.outputs;
  if (recorded.outputs.length !== 1 || output === undefined || output.rank !== 0) {
    const shapes = recorded.outputs.map((each) => shapeText(each.shape)).join(", ");
    throw new ShapeError(
      `${operation}: the function returned ${shapes === "" ? "no tensor" : shapes}; a gradient is that of a single number of rank 0: reduce it, e.g. .sum(), or use jacobian or vjp`,
    );
  }
  if (!isFloat(output.dtype))
    throw new DTypeError(
      `${operation}: the function returned ${output.dtype}, in which nothing moves continuously; return a float`,
    );
  return output;
}

/** A function of trees, as the inside of this file sees it: public types of trees would unfold here without end. */
type TreeFunction<Out> = (x: Tree, ...rest: unknown[]) => Out;

function evaluateGradient(
  operation: string,
  f: unknown,
  x: Tree,
  rest: readonly unknown[],
): { value: Tree; gradient: Tree } {
  const recorded = record(operation, f as TreeFunction<Tensor>, x, rest);
  const output = checkSingle(operation, recorded);
  const gradient = pull(recorded, [constantTensor(1, output.dtype, [])]);
  return { value: outputOf(recorded), gradient: recorded.asInput(gradient) };
}

/**
 * f's value and its gradient with respect to its first argument, a tree of tensors. The gradient has the argument's form.
 * Throws ShapeError unless f returns a tensor of rank 0.
 */
export function valueAndGrad<A extends Tree, Rest extends unknown[]>(
  f: (x: A, ...rest: Rest) => Tensor<[]> | Tensor,
): (x: A, ...rest: Rest) => { value: Tensor<[]>; gradient: TensorsOf<A> } {
  checkFunction("valueAndGrad", f, example);
  return (x, ...rest) =>
    evaluateGradient("valueAndGrad", f, x, rest) as unknown as { value: Tensor<[]>; gradient: TensorsOf<A> };
}

/** The gradient of f with respect to its first argument; f returns a single number. `grad(f)(x)`. */
export function grad<A extends Tree, Rest extends unknown[]>(
  f: (x: A, ...rest: Rest) => Tensor<[]> | Tensor,
): (x: A, ...rest: Rest) => TensorsOf<A> {
  checkFunction("grad", f, example);
  return (x, ...rest) => evaluateGradient("grad", f, x, rest).gradient as unknown as TensorsOf<A>;
}

/**
 * f's value at x, and the map from cotangents of the value to those of x: Jᵀ. The pullback may be used often.
 */
export function vjp<A extends Tree, Out extends Tree>(
  f: (x: A) => Out,
  x: A,
): { value: TensorsOf<Out>; pullback: (cotangent: Tree) => TensorsOf<A> } {
  const recorded = record("vjp", f, x, []);
  return {
    value: outputOf(recorded) as unknown as TensorsOf<Out>,
    pullback: (cotangent) => {
      const cotangents = matching("vjp", "cotangent", cotangent, recorded.outputs, recorded.outputPaths);
      return recorded.asInput(pull(recorded, cotangents)) as unknown as TensorsOf<A>;
    },
  };
}

/** f's value at x, and how it moves when x moves along a tangent: J·v. */
export function jvp<A extends Tree, Out extends Tree>(
  f: (x: A) => Out,
  x: A,
  tangent: Tree,
): { value: TensorsOf<Out>; tangent: TensorsOf<Out> } {
  return evaluateTangent("jvp", f, x, tangent) as unknown as {
    value: TensorsOf<Out>;
    tangent: TensorsOf<Out>;
  };
}

function evaluateTangent(
  operation: string,
  f: unknown,
  x: Tree,
  tangent: Tree,
): { value: Tree; tangent: Tree } {
  const recorded = record(operation, f as TreeFunction<Tree>, x, []);
  const tangents = matching(operation, "tangent", tangent, recorded.inputs, recorded.inputPaths);
  return { value: outputOf(recorded), tangent: recorded.asOutput(push(recorded, tangents)) };
}

/** Each unit vector of a tensor's space, in row-major order. */
function* units(like: Tensor): Generator<Tensor> {
  for (let i = 0; i < like.size; i++) {
    const array = NDArray.zeros(like.dtype, like.shape);
    array.buffer[i] = 1;
    yield new Tensor(array);
  }
}

/** The derivative of every output with respect to every input: [...output, ...input] a pair. */
export type JacobianOf<A, Out> = Out extends Tensor
  ? JacobianRow<A>
  : { -readonly [K in keyof Out]: JacobianOf<A, Out[K]> };
type JacobianRow<A> = A extends Tensor ? Tensor : { -readonly [K in keyof A]: JacobianRow<A[K]> };

export interface JacobianOptions {
  /** "reverse" sweeps once an output, "forward" once an input; by default whichever are fewer. */
  readonly mode?: "reverse" | "forward";
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
  checkOptions("jacobian", options, ["mode"]);
  return (x, ...rest) => {
    const recorded = record("jacobian", f, x, rest);
    const count = (tensors: readonly Tensor[]) => tensors.reduce((sum, each) => sum + each.size, 0);
    const mode = options.mode ?? (count(recorded.outputs) <= count(recorded.inputs) ? "reverse" : "forward");
    const blocks = mode === "reverse" ? reverseBlocks(recorded) : forwardBlocks(recorded);
    return nest(recorded, blocks) as JacobianOf<A, Out>;
  };
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

function nest(recorded: Recorded, blocks: readonly Tensor[][]): unknown {
  // The output's form with, at each leaf, the input's form: built by way of stand-ins for the leaves.
  const places = new Map(
    recorded.outputs.map((_, o) => [zerosLike(recorded.outputs[o]!), recorded.asInput(blocks[o]!)]),
  );
  const form = recorded.asOutput([...places.keys()]);
  const fill = (tree: Tree): unknown => {
    if (tree instanceof Tensor) return places.get(tree);
    if (Array.isArray(tree)) return tree.map(fill);
    return Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, fill(value as Tree)]));
  };
  return fill(form);
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
  const gradient: TreeFunction<Tree> = (x, ...rest) => evaluateGradient("hessian", f, x, rest).gradient;
  const derivative: unknown = jacobian(gradient, { mode: options.mode ?? "forward" });
  return derivative as (x: A, ...rest: Rest) => JacobianOf<A, TensorsOf<A>>;
}

/** The Hessian of f at x times a vector, without the Hessian: the gradient's move along v. */
export function hvp<A extends Tree>(f: (x: A) => Tensor<[]> | Tensor, x: A, v: Tree): TensorsOf<A> {
  const gradient = (x: Tree): Tree => evaluateGradient("hvp", f, x, []).gradient;
  return evaluateTangent("hvp", gradient, x, v).tangent as unknown as TensorsOf<A>;
}

/** The same values as constants: no derivative passes, in any transform around it. */
export function stopGradient<T extends Tree>(x: T): TensorsOf<T> {
  return mapTree("stopGradient", x, (leaf) => leaf.detach());
}
