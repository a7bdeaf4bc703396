// vmap: a function of one as a function of many.

import { checkFunction, checkOptions, isAsync, kindOf } from "../array/arguments.ts";
import { ShapeError } from "../array/errors.ts";
import { normalizeAxis, shapeText } from "../array/shape.ts";
import { Batching } from "../batch/batching.ts";
import { withAxisMoved } from "../primitives/moving.ts";
import { bound } from "../tape/bind.ts";
import { interpretWith } from "../tape/interpreter.ts";
import { heldBy, type Value } from "../tape/value.ts";
import { asTensor, type Tensor } from "../tensor/tensor.ts";
import { Variable } from "../tensor/variable.ts";
import { flatten, type Tree } from "./tree.ts";

/** The axis along which the parts of a tensor lie; null: all parts share the tensor. */
export type BatchAxis = number | null;

/** An axis for all tensors of a tree, or a tree of axes with the form of its upper part. */
export type BatchAxes = BatchAxis | readonly BatchAxes[] | { readonly [key: string]: BatchAxes };

/** The options of `vmap`. */
export interface VmapOptions {
  /**
   * Where the parts of the arguments lie: an axis for all arguments, or a list with one entry for each. 0 by default.
   * An argument with null may be anything.
   */
  readonly inAxes?: BatchAxis | readonly BatchAxes[];
  /** The axes of the results along which their slices lie. 0 by default. */
  readonly outAxes?: BatchAxes;
}

/** A tree of the same form, whose tensors have one axis more. */
export type BatchOf<T> = [Tree] extends [T]
  ? Tree
  : T extends Variable
    ? Variable
    : T extends Tensor
      ? Tensor
      : T extends (...args: never[]) => unknown
        ? T
        : T extends ReadonlyMap<infer K, infer V>
          ? Map<K, BatchOf<V>>
          : T extends object
            ? { -readonly [K in keyof T]: BatchOf<T[K]> }
            : T;

/** Some tensors of a tree with their axes, and the tree made again of others. */
interface Found {
  readonly tensors: readonly Tensor[];
  readonly axes: readonly BatchAxis[];
  readonly paths: readonly string[];
  readonly rebuild: (tensors: readonly unknown[]) => unknown;
}

/** The tensors of a tree, each with its axis. What is shared stays as it is, and `sharesOthers` says whether that is looked into. */
function withAxes(what: string, tree: unknown, axes: BatchAxes, sharesOthers: boolean): Found {
  if (axes === null && sharesOthers) return { tensors: [], axes: [], paths: [], rebuild: () => tree };
  if (axes === null || typeof axes === "number") {
    const { leaves, paths, rebuild } = flatten("vmap", what, tree);
    return {
      tensors: leaves,
      axes: leaves.map(() => axes),
      paths: paths.map((path) => `${what}${path}`),
      rebuild,
    };
  }
  const isList = Array.isArray(axes);
  const isLike = isList ? Array.isArray(tree) && tree.length === axes.length : kindOf(tree) === kindOf(axes);
  const keys = Object.keys(axes);
  if (kindOf(axes) !== (isList ? "an array" : "an object") || !isLike)
    throw new TypeError(
      `vmap: the axes of ${what} are ${kindOf(axes)}${isList ? ` of ${keys.length}` : ""}, and ${what} is ${kindOf(tree)}${Array.isArray(tree) ? ` of ${tree.length}` : ""}; give one axis for all of its tensors, null to share them, or a tree of axes of the same form`,
    );
  const own = Object.keys(tree as object);
  const odd = own.find((key) => !keys.includes(key)) ?? keys.find((key) => !own.includes(key));
  if (odd !== undefined)
    throw new TypeError(
      `vmap: the axes of ${what} and ${what} itself differ in the field "${odd}"; give an axis, or null, for each field`,
    );
  const parts = keys.map((key) =>
    withAxes(
      `${what}${isList ? `[${key}]` : `.${key}`}`,
      (tree as Record<string, unknown>)[key],
      (axes as Record<string, BatchAxes>)[key]!,
      sharesOthers,
    ),
  );
  return {
    tensors: parts.flatMap(({ tensors }) => tensors),
    axes: parts.flatMap((part) => part.axes),
    paths: parts.flatMap(({ paths }) => paths),
    rebuild(others) {
      let next = 0;
      const made = parts.map(({ tensors, rebuild }) => rebuild(others.slice(next, (next += tensors.length))));
      return isList ? made : Object.fromEntries(keys.map((key, i) => [key, made[i]]));
    },
  };
}

/** The tensors with their parts along the first axis, and how many parts there are. */
function wholesOf({ tensors, axes, paths }: Found): {
  readonly wholes: readonly Value[];
  readonly size: number;
} {
  let size = -1;
  let first = "";
  const wholes = tensors.map((tensor, i) => {
    if (tensor.rank === 0)
      throw new ShapeError(
        `vmap: ${paths[i]} is a single number and has no axis for its parts; share it by null in inAxes, or stack the numbers`,
      );
    const axis = normalizeAxis(axes[i]!, tensor.rank, `vmap: ${paths[i]}`);
    const n = tensor.shape[axis]!;
    if (size >= 0 && n !== size)
      throw new ShapeError(
        `vmap: ${paths[i]} of shape ${shapeText(tensor.shape)} has ${n} parts along axis ${axis}, and ${first} has ${size}; all must have as many: choose other inAxes, or null for what all parts share`,
      );
    if (size < 0) [size, first] = [n, paths[i]!];
    return withAxisMoved(heldBy(tensor), axis, 0);
  });
  if (size < 0)
    throw new TypeError(
      "vmap: no argument has parts; give inAxes an axis for at least one argument with a tensor, or call the function itself",
    );
  return { wholes, size };
}

function axesOfArguments(inAxes: VmapOptions["inAxes"], count: number): readonly BatchAxes[] {
  if (!Array.isArray(inAxes)) return Array.from({ length: count }, () => inAxes as BatchAxis);
  if (inAxes.length === count) return inAxes as readonly BatchAxes[];
  throw new TypeError(
    `vmap: inAxes has ${inAxes.length} entries, and the call ${count} arguments; give one for each, null for what all parts share`,
  );
}

/**
 * A function of many: f for each part of its arguments, all at once. f takes and gives trees of tensors; the arguments
 * of vmap(f) have one axis more, the first by default (`inAxes`), and so have its results (`outAxes`). Each operation
 * is carried out once, on tensors with the further axis, so that there is no loop; only a primitive of your own is
 * applied slice by slice, unless it says how. What f takes from around it, variables too, all parts share; a variable
 * among the arguments is batched like any tensor. A key among the arguments gives each part draws of its own:
 * `vmap(f)(xs, stack(splitKey(key, n)))`. Nests with itself and all other transforms, within and around them, and
 * compiles. Per-sample gradients: `vmap(grad(f), { inAxes: [null, 0, 0] })`. f must not choose by numbers, and must not
 * assign variables. Throws ShapeError where numbers of parts differ, TypeError where axes and arguments don't fit.
 */
export function vmap<Args extends unknown[], Out>(
  f: (...args: Args) => Out,
  options: VmapOptions = {},
): (...args: { [K in keyof Args]: BatchOf<Args[K]> }) => BatchOf<Out> {
  checkFunction("vmap", f, "(x) => model.forward(x)");
  checkOptions("vmap", options, ["inAxes", "outAxes"]);
  const { inAxes = 0, outAxes = 0 } = options;
  return (...args) => {
    const found = axesOfArguments(inAxes, args.length).map((axes, i) =>
      withAxes(`argument ${i}`, args[i], axes, true),
    );
    const all = {
      tensors: found.flatMap(({ tensors }) => tensors),
      axes: found.flatMap(({ axes }) => axes),
      paths: found.flatMap(({ paths }) => paths),
    };
    const { wholes, size } = wholesOf({ ...all, rebuild: () => null });
    const batching = new Batching(size);
    const parts = wholes.map((whole) => asTensor(batching.partOf(whole)));
    const isVariable = all.tensors.map((tensor) => tensor instanceof Variable);
    // A variable stays where it is in the tree; the function reads a part in it.
    const standing = all.tensors.map((tensor, i) => (isVariable[i] ? tensor : parts[i]!));
    let next = 0;
    const given = found.map(({ tensors, rebuild }) =>
      rebuild(standing.slice(next, (next += tensors.length))),
    );
    const read = all.tensors.filter((_, i) => isVariable[i]);
    const readParts = parts.filter((_, i) => isVariable[i]);
    const returned: unknown = interpretWith(batching, () =>
      bound(read, readParts, () => f(...(given as Args))),
    );
    isAsync(returned);
    const result = withAxes("the function's result", returned, outAxes, false);
    const outputs = result.tensors.map((tensor, i) => {
      const axis = result.axes[i]!;
      if (axis === null) return sharedResult(batching, tensor, result.paths[i]!);
      const whole = batching.wholeOf(tensor);
      return asTensor(withAxisMoved(whole, 0, normalizeAxis(axis, whole.rank, `vmap: ${result.paths[i]}`)));
    });
    return result.rebuild(outputs) as BatchOf<Out>;
  };
}

function sharedResult(batching: Batching, tensor: Tensor, path: string): Tensor {
  if (batching.isShared(tensor)) return asTensor(heldBy(tensor));
  throw new TypeError(
    `vmap: ${path} differs from part to part, and outAxes says that all parts share it (null); give an axis`,
  );
}
