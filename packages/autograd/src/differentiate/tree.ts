// Trees: nested arrays and plain objects whose leaves are tensors. Transforms take and give them.

import { Tensor } from "../primitives/tensor.ts";

/** A tensor, or arrays and plain objects of trees. */
export type Tree = Tensor | readonly Tree[] | { readonly [key: string]: Tree };

/** A tree of the same form whose leaves are plain tensors. */
export type TensorsOf<T> =
  T extends Tensor<infer S> ? Tensor<S> : { -readonly [K in keyof T]: TensorsOf<T[K]> };

interface Flat {
  readonly leaves: readonly Tensor[];
  /** Where each leaf sits, for errors: "[0].weight". */
  readonly paths: readonly string[];
  readonly rebuild: (leaves: readonly Tensor[]) => Tree;
}

/** The leaves of a tree, and how to make a tree of its form of others. Throws TypeError where a leaf is no tensor. */
export function flatten(operation: string, tree: unknown, path = ""): Flat {
  if (tree instanceof Tensor) return { leaves: [tree], paths: [path], rebuild: ([leaf]) => leaf! };
  if (tree === null || typeof tree !== "object" || !(Array.isArray(tree) || isPlain(tree))) {
    throw new TypeError(
      `${operation}: ${path === "" ? "the value" : path} is ${describe(tree)}; it must be a tensor, or arrays and plain objects of tensors: wrap numbers with tensor(…)`,
    );
  }
  const isArray = Array.isArray(tree);
  const keys = Object.keys(tree);
  const parts = keys.map((key) =>
    flatten(
      operation,
      (tree as Record<string, unknown>)[key],
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
  const { leaves, rebuild } = flatten(operation, tree);
  return rebuild(leaves.map(change)) as unknown as TensorsOf<T>;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function describe(value: unknown): string {
  if (value === null) return "null";
  if (value instanceof Promise) return "a promise (functions to differentiate must not be async)";
  return typeof value === "object"
    ? `a ${(value.constructor as { name?: string } | undefined)?.name ?? "n object"}`
    : `a ${typeof value}`;
}
