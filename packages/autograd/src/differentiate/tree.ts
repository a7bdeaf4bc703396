// Trees of tensors: what transforms take and give.

import { kindOf } from "../array/arguments.ts";
import { fill, flatten as flattenTree, refusals } from "../array/tree.ts";
import { apply } from "../tape/apply.ts";
import { identity } from "../tape/identity.ts";
import type { Value } from "../tape/value.ts";
import { Tensor } from "../tensor/tensor.ts";
import type { Variable } from "../tensor/variable.ts";
import { leaves } from "./leaves.ts";

/** A tensor, or arrays, objects and Maps of trees. A variable is a leaf as well, and stands for the value that it holds. */
export type Tree = Tensor | readonly Tree[] | ReadonlyMap<unknown, Tree> | { readonly [key: string]: Tree };

/** Variables by path, as `variables(model)` gives them, or in any other tree. */
export type VariableTree = Variable | readonly VariableTree[] | { readonly [key: string]: VariableTree };

/** A tree of the same form whose leaves are plain tensors. For a tree of unknown form nothing more is known. */
export type TensorsOf<T> = [Tree] extends [T]
  ? Tree
  : T extends Tensor<infer S>
    ? Tensor<S>
    : T extends ReadonlyMap<infer K, infer V>
      ? Map<K, TensorsOf<V>>
      : { -readonly [K in keyof T]: TensorsOf<T[K]> };

const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;

/** The same tensor under another name. */
const again = (leaf: unknown) => apply(identity, [leaf as Value], null);

const wrap = "wrap numbers with tensor(…)";

interface Flat<T> {
  readonly leaves: readonly Tensor[];
  /** Where each leaf sits, for errors: "[0].weight". */
  readonly paths: readonly string[];
  /** A tree of the same form. */
  readonly rebuild: (leaves: readonly unknown[]) => TensorsOf<T>;
}

/**
 * The leaves of a tree, and a function that makes a tree of its form from others. `what` names the tree, and `way` the way out, in the
 * TypeError that it throws where a leaf is no tensor. Instances of classes may have fields without tensors: those are kept.
 * T is the tree's type where the caller knows it; that a tree of the same form has this type, too, is claimed here and
 * nowhere else.
 */
export function flatten<T = Tree>(
  operation: string,
  what: string,
  tree: unknown,
  way: string = wrap,
): Flat<T> {
  const refuse = (value: unknown, path: string): never => {
    throw new TypeError(
      `${operation}: ${what}${path} is ${kindOf(value)}; it must be a tensor, or arrays, objects and Maps of tensors: ${way}`,
    );
  };
  // A copy of an instance has the same functions, whose tensors would stay what they are.
  const refuseHolder = (value: object, path: string): void => {
    const [first] = Object.keys(leaves(value, isTensor, { caller: operation }));
    if (first === undefined) return;
    throw new TypeError(
      `${operation}: ${what}${path} is a function that holds a tensor at "${first}", and a function can't be copied; give the tensors themselves, such as all variables of a model: leaves(model, (value) => value instanceof Variable)`,
    );
  };
  const {
    form,
    leaves: all,
    paths,
  } = flattenTree<Tensor>(tree, {
    isLeaf: isTensor,
    other(value, path, isField) {
      if (!isField) refuse(value, path);
      if (typeof value === "function") refuseHolder(value, path);
    },
    closed: refuse,
    cyclic: refusals(`${operation}: ${what}`).cyclic,
  });
  if (form.kind === "fixed") refuse(form.value, "");
  return { leaves: all, paths, rebuild: (other) => fill(form, other, again) as TensorsOf<T> };
}
