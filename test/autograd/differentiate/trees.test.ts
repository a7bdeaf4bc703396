// Trees of tensors as vectors.

import {
  addTrees,
  compile,
  dotTrees,
  flattenTree,
  grad,
  mapTree,
  normOfTree,
  scaleTree,
  type Tensor,
  tensor,
  variable,
  vmap,
} from "@adjoint/autograd";
import { describe, expect, test } from "vitest";
import { numbers } from "../../support/tensors.ts";

const a = { w: tensor([3, 4]), rest: [tensor([[0, 12]])] };
const b = { w: tensor([1, 2]), rest: [tensor([[5, 0.5]])] };

test("mapTree applies a function to the tensors at each place of several trees, and keeps their form", () => {
  const made = mapTree((x, y, z) => x.mul(y!).add(z!), a, b, a);
  expect(made.w.toArray()).toEqual([6, 12]);
  expect(made.rest[0]!.toArray()).toEqual([[0, 18]]);
  const map = mapTree((x) => x.neg(), new Map([["left", variable([1, 2])]]));
  expect(map.get("left")!.toArray()).toEqual([-1, -2]);
});

test("flattenTree gives leaves and places, and unflatten the tree of others", () => {
  const { leaves, paths, unflatten } = flattenTree(a);
  expect(paths).toEqual([".w", ".rest[0]"]);
  expect(leaves.map((leaf) => leaf.shape)).toEqual([[2], [1, 2]]);
  expect(unflatten(leaves.map((leaf) => leaf.mul(2))).rest[0]!.toArray()).toEqual([[0, 24]]);
  expect(flattenTree(tensor(1)).paths).toEqual([""]);
});

test("sums, multiples, products and norms are those of one vector", () => {
  expect(numbers(addTrees(a, b, b).w)).toEqual([5, 8]);
  expect(numbers(scaleTree(a, 0.5).rest[0]!)).toEqual([0, 6]);
  expect(numbers(scaleTree(a, tensor(2)).w)).toEqual([6, 8]);
  expect(dotTrees(a, b).item()).toBe(3 + 8 + 0 + 6);
  expect(normOfTree(a).item()).toBe(13);
  expect(normOfTree([tensor([3e30]), tensor([4e30])]).item() / 5e30).toBeCloseTo(1, 6);
});

test("they are differentiated, compiled and batched as all else is", () => {
  const slope = grad((x: { w: Tensor; rest: Tensor[] }) => normOfTree(x))(a);
  expect(numbers(slope.w)).toEqual([3 / 13, 4 / 13].map((x) => expect.closeTo(x, 6)));
  expect(compile((x: typeof a, y: typeof b) => dotTrees(x, y))(a, b).item()).toBe(17);
  const many = vmap((x: Tensor) => normOfTree([x, x]))(
    tensor([
      [3, 4],
      [0, 0],
    ]),
  );
  expect(numbers(many)).toEqual([Math.fround(Math.sqrt(50)), 0].map((x) => expect.closeTo(x, 5)));
});

describe("refused are", () => {
  const told: readonly (readonly [string, () => unknown, string])[] = [
    [
      "trees of two forms",
      () => addTrees(a, { w: tensor(1) }),
      "addTrees: tree 0 and tree 1 differ in form: only one has a tensor at .rest[0]",
    ],
    ["what is no tensor", () => scaleTree({ w: 3 } as never, 2), "scaleTree: the tree.w is a number"],
    [
      "a function that gives no tensor",
      () => mapTree((() => 3) as never, a),
      "mapTree: got a number where the function must return a tensor",
    ],
    [
      "other numbers of tensors",
      () => flattenTree(a).unflatten([tensor(1)]),
      "unflatten: 1 tensors for a tree of 2",
    ],
    [
      "tensors that don't fit",
      () => dotTrees([tensor([1, 2])], [tensor([1, 2, 3])]),
      "dotTrees: [2] and [3] don't broadcast",
    ],
    [
      "sums of tensors that don't fit",
      () => addTrees(tensor([1, 2]), tensor([1, 2, 3])),
      "addTrees: [2] and [3] don't broadcast",
    ],
    [
      "norms of several types",
      () => normOfTree([tensor([1]), tensor([1], { dtype: "float64" })]),
      "normOfTree: float32 and float64 don't mix",
    ],
    ["norms of nothing", () => normOfTree([]), "normOfTree: there is no tensor in the tree"],
    ["products of nothing", () => dotTrees([], []), "dotTrees: there is no tensor in the tree"],
  ];
  test.each(told)("%s", (_, run, message) => {
    expect(run).toThrow(message);
  });
});
