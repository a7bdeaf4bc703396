// Trees of tensors: what transforms take and give.

import { kindOf } from "../array/arguments.ts";
import { fill, flatten as flattenTree, refusals } from "../array/tree.ts";
import { Tensor } from "../tensor/tensor.ts";

/** A tensor, or arrays, objects and Maps of trees. A variable is a leaf as well, and stands for the value that it holds. */
export type Tree = Tensor | readonly Tree[] | ReadonlyMap<unknown, Tree> | { readonly [key: string]: Tree };

/** A tree of the same form whose leaves are plain tensors. For a tree of unknown form nothing more is known. */
export type TensorsOf<T> = [Tree] extends [T]
  ? Tree
  : T extends Tensor<infer S>
    ? Tensor<S>
    : T extends ReadonlyMap<infer K, infer V>
      ? Map<K, TensorsOf<V>>
      : { -readonly [K in keyof T]: TensorsOf<T[K]> };

const wrap = "wrap numbers with tensor(…)";

interface Flat {
  readonly leaves: readonly Tensor[];
  /** Where each leaf sits, for errors: "[0].weight". */
  readonly paths: readonly string[];
  readonly rebuild: (leaves: readonly unknown[]) => Tree;
}

/**
 * The leaves of a tree, and a function that makes a tree of its form from others. `what` names the tree, and `way` the way out, in the
 * TypeError that it throws where a leaf is no tensor. Instances of classes may have fields without tensors: those are kept.
 */
export function flatten(operation: string, what: string, tree: unknown, way: string = wrap): Flat {
  const refuse = (value: unknown, path: string): never => {
    throw new TypeError(
      `${operation}: ${what}${path} is ${kindOf(value)}; it must be a tensor, or arrays, objects and Maps of tensors: ${way}`,
    );
  };
  const { form, leaves, paths } = flattenTree<Tensor>(tree, {
    isLeaf: (value) => value instanceof Tensor,
    other(value, path, isField) {
      if (!isField) refuse(value, path);
    },
    closed: refuse,
    cyclic: refusals(`${operation}: ${what}`).cyclic,
  });
  if (form.kind === "fixed") refuse(form.value, "");
  return { leaves, paths, rebuild: (other) => fill(form, other) as Tree };
}

/** The tree with a function applied to each leaf. */
export function mapTree<T extends Tree>(
  operation: string,
  tree: T,
  change: (leaf: Tensor) => Tensor,
): TensorsOf<T> {
  const { leaves, rebuild } = flatten(operation, "the value", tree);
  return rebuild(leaves.map(change)) as unknown as TensorsOf<T>;
}
