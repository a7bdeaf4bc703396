// The surroundings in which a function runs: variables that hold other values, or no watchers.

import { checkFunction, isAsync, kindOf } from "../array/arguments.ts";
import { isFloat } from "../array/dtype.ts";
import { CompileError, DTypeError, ShapeError } from "../array/errors.ts";
import { sameShape, shapeText } from "../array/shape.ts";
import { Recording } from "../program/recording.ts";
import { allOrNothing, bound } from "../tape/bind.ts";
import { innermost } from "../tape/interpreter.ts";
import { withoutClosedTapes } from "../tape/leaf.ts";
import { sweepTo } from "../tape/reverse.ts";
import { tape } from "../tape/tape.ts";
import { Trace, variableTrace } from "../tape/trace.ts";
import { heldBy, type Value } from "../tape/value.ts";
import { asTensor, checkTensor, constantTensor, Tensor } from "../tensor/tensor.ts";
import { Variable } from "../tensor/variable.ts";
import { flatten, type TensorsOf, type Tree, type VariableTree } from "./tree.ts";

/**
 * Runs a function in which each variable reads the tensor at its path in `values`, a tree of the same form. Derivatives
 * flow through these: an inner training loop, an ensemble, averaged weights. What the function assigns to these
 * variables, or adds to their gradients, is undone when it returns; other variables change as usual. A variable that
 * occurs twice reads the first of its values. Returns what the function returns. Throws TypeError where the forms
 * differ, ShapeError or DTypeError where a value does not fit its variable.
 */
export function bind<T>(variables: VariableTree, values: Tree, run: () => T): T {
  checkFunction("bind", run, "() => model.forward(x)");
  const { places, given } = matched("bind", variables, values);
  return synchronous("bind", bound(places, given, run));
}

/**
 * Gives each variable the tensor at its path in `values`, a tree of the same form: saved weights, the result of an
 * inner training loop. All or nothing, and all values are read before the first variable changes, so that `assign([a,
 * b], [b, a])` swaps. A variable that occurs twice takes the first of its values, as in `bind`. An optimizer's memory
 * is variables as well: `assign(variables(optimizer), saved)`. Throws TypeError where the forms differ, ShapeError or
 * DTypeError where a value does not fit its variable.
 */
export function assign(variables: VariableTree, values: Tree): void {
  const { places, given } = matched("assign", variables, values);
  const first = new Map<Variable, Tensor>();
  places.forEach((place, i) => {
    if (!first.has(place)) first.set(place, asTensor(heldBy(given[i]!)));
  });
  allOrNothing(() => {
    for (const [place, value] of first) place.assign(value);
  });
}

/** Variables and the values at their places, checked. */
function matched(operation: string, variables: VariableTree, values: Tree) {
  const places = flatten(operation, "the first argument", variables);
  const given = flatten(operation, "the second argument", values);
  const odd = places.leaves.findIndex((leaf) => !(leaf instanceof Variable));
  if (odd >= 0)
    throw new TypeError(
      `${operation}: the first argument${places.paths[odd]} is ${kindOf(places.leaves[odd])} and must be a variable; give variables(model)`,
    );
  if (places.paths.join() !== given.paths.join())
    throw new TypeError(
      `${operation}: ${places.paths.length} variables and ${given.paths.length} values, which are not at the same paths; give a tree of the form of variables(model)`,
    );
  places.leaves.forEach((variable, i) => {
    const value = given.leaves[i]!;
    if (!sameShape(value.shape, variable.shape))
      throw new ShapeError(
        `${operation}: the variable${places.paths[i]} has shape ${shapeText(variable.shape)} and its value ${shapeText(value.shape)}; they must be equal: reshape or broadcastTo`,
      );
    if (value.dtype !== variable.dtype)
      throw new DTypeError(
        `${operation}: the variable${places.paths[i]} is ${variable.dtype} and its value ${value.dtype}; cast it, e.g. value.cast("${variable.dtype}")`,
      );
  });
  return { places: places.leaves as readonly Variable[], given: given.leaves };
}

/**
 * Runs a function whose results are not recorded: no derivative passes through them to variables or to transforms
 * around it. Transforms inside work as usual. Returns what the function returns. Throws TypeError if the function
 * returns a promise. PyTorch's `no_grad`.
 */
export function noGrad<T>(run: () => T): T {
  checkFunction("noGrad", run, "() => model.forward(x)");
  return synchronous("noGrad", Trace.unseen(run));
}

/** The result of a function. Throws TypeError where it is a promise: its rest would run when the surroundings have ended. */
function synchronous<T>(operation: string, result: T): T {
  if (!isAsync(result)) return result;
  throw new TypeError(
    `${operation}: the function is async, and what it does after its first await is no longer inside ${operation}; put ${operation} around what happens between two awaits`,
  );
}

/**
 * Runs a function that changes variables, all of them or none: where it throws, every variable is as it was. Returns what
 * the function returns. Compiled functions run uncompiled in it; a compiled function is all or nothing by itself.
 */
export function transaction<T>(run: () => T): T {
  checkFunction("transaction", run, "() => optimizer.step(variables)");
  return allOrNothing(() => synchronous("transaction", run()));
}

/**
 * The gradients of a single number with respect to any tensors or variables on its tape, intermediate results too: a tree
 * of the form of `wanted`. Nothing is added to any variable. The results can be differentiated in turn.
 * Throws ShapeError unless the output is a single number, and Error where it was not made from one of `wanted`, unless
 * `allowUnused` asks for zeros there, or, with "omit", for a record of the gradients in those tensors of a record that the
 * output was made from.
 */
export function gradients<W extends Tree>(
  output: Tensor,
  wanted: W,
  options?: { readonly allowUnused?: boolean },
): TensorsOf<W>;
export function gradients(
  output: Tensor,
  wanted: Readonly<Record<string, Tensor>>,
  options: { readonly allowUnused: "omit" },
): Record<string, Tensor>;
export function gradients(
  output: Tensor,
  wanted: Tree,
  { allowUnused = false }: { readonly allowUnused?: boolean | "omit" } = {},
): unknown {
  const root = heldBy(checkTensor("gradients", output));
  if (root.size !== 1 || !isFloat(root.dtype))
    throw new ShapeError(
      `gradients: the output is ${root.dtype} ${shapeText(root.shape)}; gradients are those of a single float: reduce it, e.g. .sum()`,
    );
  if (typeof allowUnused !== "boolean" && allowUnused !== "omit")
    throw new TypeError(`gradients: allowUnused is ${String(allowUnused)} and must be true, false or "omit"`);
  const flat = () => flatten("gradients", "what is wanted", wanted);
  if (allowUnused === "omit") {
    if (!isRecordOfTensors(wanted)) {
      // What is no tree at all is refused with its place.
      flat();
      throw new TypeError(
        `gradients: what is wanted holds trees; with { allowUnused: "omit" } give a record of tensors, such as variables(model)`,
      );
    }
    const named = Object.entries(wanted);
    const reached = reachedFrom(
      root,
      named.map(([, each]) => heldBy(each)),
      (i) => flat().paths[i]!,
    );
    return Object.fromEntries(
      named.flatMap(([key], i) => {
        const gradient = reached[i];
        return gradient === undefined ? [] : [[key, withoutClosedTapes(gradient)]];
      }),
    );
  }
  const { leaves, paths, rebuild } = flat();
  const targets = leaves.map(heldBy);
  const reached = reachedFrom(root, targets, (i) => paths[i]!);
  return rebuild(
    targets.map((target, i) => {
      const gradient = reached[i];
      if (gradient !== undefined) return withoutClosedTapes(gradient);
      if (allowUnused) return constantTensor(0, target.dtype, target.shape);
      throw new Error(
        `gradients: the output was not made from what is wanted${paths[i]}, as far as its tape tells. Usual causes: a variable was assigned since, the output left the tape by item(), data or detach(), or nothing watched what it was made of (make it from variables, or ask inside a transform). Where it is meant, say { allowUnused: true }`,
      );
    }),
  );
}

/** Of plain objects and of instances of classes; a Map, which has no fields, is none. */
function isRecordOfTensors(tree: Tree): tree is Readonly<Record<string, Tensor>> {
  const fields = Object.values(tree);
  const isRecord = !Array.isArray(tree) && (fields.length > 0 || kindOf(tree) === "an object");
  return isRecord && fields.every((each) => each instanceof Tensor);
}

/** The cotangents of values on the tape of a number; undefined for those that it was not made from. */
function reachedFrom(
  root: Value,
  targets: readonly Value[],
  pathOf: (i: number) => string,
): readonly (Value | undefined)[] {
  Trace.sweepsOfVariables++;
  checkNoneFromBefore(root, targets, pathOf);
  const reached = sweepTo(new Set(targets), [root], [constantTensor(1, root.dtype, root.shape)]);
  return targets.map((target) => reached.get(target));
}

/**
 * Throws CompileError where a recorded function asks for the gradient in a variable and its output was also made from
 * that variable before, by a tensor from around the function. Whether that part counts depends on whether the variable has
 * been assigned since, which may change from call to call.
 */
function checkNoneFromBefore(root: Value, targets: readonly Value[], pathOf: (i: number) => string): void {
  const recording = innermost(Recording);
  if (recording === null) return;
  const befores = targets.map(({ holder }, i) => {
    const known = holder === null ? undefined : recording.variables.get(holder);
    return known?.isInner === false && known.first === targets[i] ? known.before : null;
  });
  if (befores.every((before) => before === null)) return;
  const made = new Set(tape([root], variableTrace));
  const odd = befores.findIndex((before) => before !== null && made.has(before));
  if (odd < 0) return;
  throw new CompileError(
    `gradients: the output was made from what is wanted${pathOf(odd)} in the function, and before, by a tensor from around it. Whether that counts depends on whether the variable has been assigned since, which a program can't tell; make the tensor in the function, or detach it`,
  );
}
