// Arithmetic of trees of tensors: gradients, parameters and states as vectors.

import { checkFunction } from "../array/arguments.ts";
import { inNameOf } from "../array/errors.ts";
import type { Shape } from "../array/shape-types.ts";
import { algebraOf } from "../tape/value.ts";
import { stack } from "../tensor/creation.ts";
import { asTensor, checkTensor, constantTensor, type Tensor } from "../tensor/tensor.ts";
import type { Variable } from "../tensor/variable.ts";
import { flatten, type TensorsOf, type Tree, type VariableTree } from "./tree.ts";

const plus = <S extends Shape>(a: Tensor<S>, b: Tensor<S>): Tensor<S> => asTensor(algebraOf(a).plus(a, b));

/** The leaves of several trees of one form, leaf by leaf, and a function that makes a tree of that form of others. */
function together<T extends Tree>(operation: string, trees: readonly Tree[]) {
  const [first, ...others] = trees.map((tree, i) =>
    flatten<T>(operation, trees.length === 1 ? "the tree" : `tree ${i}`, tree),
  );
  others.forEach(({ paths }, i) => {
    if (paths.join() === first!.paths.join()) return;
    const odd =
      paths.find((path) => !first!.paths.includes(path)) ??
      first!.paths.find((path) => !paths.includes(path));
    throw new TypeError(
      `${operation}: tree 0 and tree ${i + 1} differ in form${odd === undefined ? "" : `: only one has a tensor at ${odd === "" ? "its root" : odd}`}; give trees of one form`,
    );
  });
  const leaves = first!.leaves.map((leaf, k) => [leaf, ...others.map((other) => other.leaves[k]!)]);
  return { leaves, rebuild: first!.rebuild };
}

/** The leaves that a function gets from a tree: variables where all leaves are variables, else tensors. */
export type LeafOf<T> = [T] extends [VariableTree] ? Variable : Tensor;

/**
 * A tree of the same form whose tensors are f of the tensors at their path in one or several trees. Throws TypeError
 * where the forms differ, or f gives no tensor. The tensors of the result may have other shapes.
 */
export function mapTree<T extends Tree>(
  f: (leaf: LeafOf<T>, ...others: Tensor[]) => Tensor,
  tree: T,
  ...others: Tree[]
): TensorsOf<T> {
  checkFunction("mapTree", f, "(x) => x.mul(2)");
  const { leaves, rebuild } = together<T>("mapTree", [tree, ...others]);
  return rebuild(
    leaves.map(([first, ...rest]) =>
      checkTensor("mapTree", f(first as LeafOf<T>, ...rest), "the function must return a tensor"),
    ),
  );
}

/**
 * The tensors of a tree in its order, where each sits, and a function that makes a tree of its form of others. Their
 * shapes stay as they are. Throws TypeError where a leaf is no tensor.
 */
export function flattenTree<T extends Tree>(
  tree: T,
): {
  readonly leaves: readonly Tensor[];
  /** Such as "[0].weight"; "" for a tree that is a tensor. */
  readonly paths: readonly string[];
  /** Throws TypeError for another number of tensors. */
  readonly unflatten: (leaves: readonly Tensor[]) => TensorsOf<T>;
} {
  const { leaves, paths, rebuild } = flatten<T>("flattenTree", "the tree", tree);
  return {
    leaves,
    paths,
    unflatten(others) {
      if (others.length !== leaves.length)
        throw new TypeError(
          `unflatten: ${others.length} tensors for a tree of ${leaves.length}; give one for each leaf`,
        );
      return rebuild(others.map((other) => checkTensor("unflatten", other)));
    },
  };
}

/**
 * The sum of trees of one form, tensor by tensor. The shapes at each path broadcast. Throws TypeError where the forms
 * differ, and ShapeError or DTypeError where tensors at one path don't fit.
 */
export function addTrees<T extends Tree>(first: T, ...others: Tree[]): TensorsOf<T> {
  const { leaves, rebuild } = together<T>("addTrees", [first, ...others]);
  return rebuild(leaves.map((all) => inNameOf("addTrees", () => all.reduce(plus))));
}

/**
 * The tree with every tensor multiplied by a number, or by a tensor of rank 0. All shapes stay. Throws TypeError where
 * a leaf is no tensor.
 */
export function scaleTree<T extends Tree>(tree: T, by: number | Tensor): TensorsOf<T> {
  const { leaves, rebuild } = together<T>("scaleTree", [tree]);
  return rebuild(leaves.map(([leaf]) => inNameOf("scaleTree", () => leaf!.mul(by))));
}

/**
 * The inner product of two trees of one form: Σ a·b over all elements, a single number. Throws TypeError where the
 * forms differ, and ShapeError or DTypeError where tensors at one path don't fit.
 */
export function dotTrees(a: Tree, b: Tree): Tensor<[]> {
  const { leaves } = together("dotTrees", [a, b]);
  const first = firstOf("dotTrees", leaves);
  return inNameOf("dotTrees", () => {
    const products = leaves.map(([left, right]) => left!.mul(right!).sum());
    return products.reduce<Tensor<[]>>(plus, constantTensor(0, first.dtype, []));
  });
}

/**
 * The Euclidean norm of a tree as one vector. It neither overflows nor underflows on the way, and has derivative 0 at
 * 0. Throws TypeError where a leaf is no tensor, and DTypeError unless all have one float type.
 */
export function normOfTree(tree: Tree): Tensor<[]> {
  const { leaves } = together("normOfTree", [tree]);
  firstOf("normOfTree", leaves);
  return inNameOf("normOfTree", () => stack(leaves.map(([leaf]) => leaf!.norm())).norm());
}

/** The first leaf, which says the type of a result. */
function firstOf(operation: string, leaves: readonly (readonly Tensor[])[]): Tensor {
  const first = leaves[0]?.[0];
  if (first !== undefined) return first;
  throw new TypeError(
    `${operation}: there is no tensor in the tree, which would say the type of the result; give a tree that holds one`,
  );
}
