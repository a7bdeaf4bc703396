// Trees: nested arrays and plain objects whose leaves are tensors. Transforms take and give them.

import { kindOf } from "../array/arguments.ts";
import { Tensor } from "../tensor/tensor.ts";

/** A tensor, or arrays and plain objects of trees. */
export type Tree = Tensor | readonly Tree[] | { readonly [key: string]: Tree };

/** A tree of the same form whose leaves are plain tensors. Of a tree of unknown form no more is known. */
export type TensorsOf<T> = [Tree] extends [T]
  ? Tree
  : T extends Tensor<infer S>
    ? Tensor<S>
    : { -readonly [K in keyof T]: TensorsOf<T[K]> };

const wrap = "wrap numbers with tensor(…)";

interface Flat {
  readonly leaves: readonly Tensor[];
  /** Where each leaf sits, for errors: "[0].weight". */
  readonly paths: readonly string[];
  readonly rebuild: (leaves: readonly Tensor[]) => Tree;
}

/**
 * The leaves of a tree, and how to make a tree of its form of others. `what` the tree is, and the `way` out, are for the
 * TypeError it throws where a leaf is no tensor.
 */
export function flatten(operation: string, what: string, tree: unknown, way: string = wrap, path = ""): Flat {
  if (tree instanceof Tensor) return { leaves: [tree], paths: [path], rebuild: ([leaf]) => leaf! };
  if (tree === null || typeof tree !== "object" || !(Array.isArray(tree) || isPlain(tree))) {
    throw new TypeError(
      `${operation}: ${what}${path} is ${kindOf(tree)}; it must be a tensor, or arrays and plain objects of tensors: ${way}`,
    );
  }
  const isArray = Array.isArray(tree);
  const keys = Object.keys(tree);
  const parts = keys.map((key) =>
    flatten(
      operation,
      what,
      (tree as Record<string, unknown>)[key],
      way,
      isArray ? `${path}[${key}]` : `${path}.${key}`,
    ),
  );
  return {
    leaves: parts.flatMap((part) => part.leaves),
    paths: parts.flatMap((part) => part.paths),
    rebuild(leaves) {
      let start = 0;
      const values = parts.map((part) => {
        const own = leaves.slice(start, start + part.leaves.length);
        start += part.leaves.length;
        return part.rebuild(own);
      });
      return isArray ? values : Object.fromEntries(keys.map((key, i) => [key, values[i]!]));
    },
  };
}

/** Every leaf put through a function. */
export function mapTree<T extends Tree>(
  operation: string,
  tree: T,
  change: (leaf: Tensor) => Tensor,
): TensorsOf<T> {
  const { leaves, rebuild } = flatten(operation, "the value", tree);
  return rebuild(leaves.map(change)) as unknown as TensorsOf<T>;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
