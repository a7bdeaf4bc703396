// Trees taken apart, put together again and compared. Leaves are symbols here, for the walker knows nothing of tensors.

import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import {
  fill,
  fits,
  flatten,
  isInstance,
  refusals,
  type Walk,
} from "../../../packages/autograd/src/array/tree.ts";
import { trials } from "../../support/runs.ts";

const walk: Walk<symbol> = {
  isLeaf: (value): value is symbol => typeof value === "symbol",
  ...refusals("tree"),
};
const [a, b, c] = [Symbol("a"), Symbol("b"), Symbol("c")];
const isLeaf = (value: unknown) => typeof value === "symbol";

class Pair {
  readonly first: unknown;
  readonly second: unknown;
  constructor(first: unknown, second: unknown) {
    this.first = first;
    this.second = second;
  }
  get both(): unknown[] {
    return [this.first, this.second];
  }
}

/** Trees of all kinds, with leaves and other things in them. */
const trees: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom<unknown>(a, b, c, 1, -0, NaN, "text", null, undefined, true),
    fc.array(tie("tree"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("x", "y", "a key", "1"), tie("tree"), { maxKeys: 3 }),
    fc.array(tie("tree"), { maxLength: 3 }).map((items) => new Set(items)),
    fc
      .array(fc.tuple(fc.constantFrom<unknown>("k", 7, null), tie("tree")), { maxLength: 2 })
      .map((all) => new Map(all)),
    fc.tuple(tie("tree"), tie("tree")).map(([first, second]) => new Pair(first, second)),
  ),
})).tree;

describe("a tree taken apart", () => {
  test("is put together again as it was, and is of its own form", () => {
    fc.assert(
      fc.property(trees, (tree) => {
        const { form, leaves, paths } = flatten<symbol>(tree, walk);
        expect(paths).toHaveLength(leaves.length);
        const again = fill(form, leaves);
        expect(again).toStrictEqual(tree);
        expect(fits(form, tree, isLeaf)).toBe(true);
        expect(fits(form, again, isLeaf)).toBe(true);
        const others = leaves.map((_, i) => Symbol(i));
        const seen: unknown[] = [];
        fits(form, fill(form, others), (value, place) => seen.push([value, place]) > 0);
        expect(seen).toEqual(others.map((other, i) => [other, i]));
      }),
      trials(200),
    );
  });

  test("says where each leaf sits, as one would write it", () => {
    const tree = {
      list: [a, [b]],
      "a key": c,
      1: new Map<unknown, unknown>([
        ["k", a],
        [7, b],
        [{}, c],
      ]),
      set: new Set([a]),
      [Symbol("own")]: b,
    };
    expect(flatten<symbol>(tree, walk).paths).toEqual([
      '["1"].get("k")',
      '["1"].get(7)',
      '["1"].get({…})',
      ".list[0]",
      ".list[1][0]",
      '["a key"]',
      ".set[0]",
      "[Symbol(own)]",
    ]);
  });

  test("may hold an object twice, and a leaf as often as it likes", () => {
    const shared = { leaf: a };
    const { form, leaves, paths } = flatten<symbol>({ one: shared, two: [shared, a] }, walk);
    expect(leaves).toEqual([a, a, a]);
    expect(paths).toEqual([".one.leaf", ".two[0].leaf", ".two[1]"]);
    expect(fill(form, [1, 2, 3])).toEqual({ one: { leaf: 1 }, two: [{ leaf: 2 }, 3] });
  });

  test("that leads back to itself is refused where a leaf is inside, and a constant where none is", () => {
    const withLeaf = { leaf: a, deep: { list: [] as unknown[] } };
    withLeaf.deep.list.push(withLeaf);
    expect(() => flatten<symbol>([withLeaf], walk)).toThrow(
      "tree[0].deep.list[0] leads back to an object that it lies in",
    );
    const without = { name: "none", list: [] as unknown[] };
    without.list.push(without);
    const { form, leaves } = flatten<symbol>([a, without], walk);
    expect(leaves).toEqual([a]);
    expect((fill(form, [b]) as unknown[])[0]).toBe(b);
  });

  test("keeps the very instance of a class in which there is no leaf, and copies those in which there are", () => {
    const [none, some] = [new Pair(1, 2), new Pair(1, a)];
    const { form } = flatten<symbol>([none, some], walk);
    const [again, other] = fill(form, [b]) as [Pair, Pair];
    expect(again).toBe(none);
    expect(other).not.toBe(some);
    expect(other.both).toEqual([1, b]);
    expect(fits(form, [none, new Pair(1, c)], isLeaf)).toBe(true);
    expect(fits(form, [new Pair(1, 2), some], isLeaf)).toBe(false);
  });

  test("has plain objects without a leaf by what they say, not by which they are", () => {
    const { form } = flatten<symbol>([a, { rate: 0.1, list: [1] }], walk);
    expect(fits(form, [b, { rate: 0.1, list: [1] }], isLeaf)).toBe(true);
    expect(fits(form, [b, { rate: 0.2, list: [1] }], isLeaf)).toBe(false);
    expect(fits(form, [b, { rate: 0.1, list: [2] }], isLeaf)).toBe(false);
  });

  test("calls no accessor, which copies keep, and gives copies the manners of the fields", () => {
    const read = vi.fn(() => a);
    const object = Object.defineProperties(
      {},
      {
        seen: { value: a, enumerable: true, writable: true, configurable: true },
        hidden: { value: b, enumerable: false, writable: false, configurable: true },
        computed: { get: read, enumerable: true, configurable: true },
      },
    );
    const { form, leaves } = flatten<symbol>(object, walk);
    expect(leaves).toEqual([a, b]);
    expect(read).not.toHaveBeenCalled();
    const copy = fill(form, [b, c]) as object;
    expect(Object.getOwnPropertyDescriptors(copy)).toEqual({
      computed: { get: read, set: undefined, enumerable: true, configurable: true },
      seen: { value: b, enumerable: true, writable: true, configurable: true },
      hidden: { value: c, enumerable: false, writable: false, configurable: true },
    });
  });

  test("looks through an object without a leaf once, however many ways lead to it", () => {
    const other = vi.fn();
    let shared: unknown = [1];
    for (let depth = 0; depth < 12; depth++) shared = [shared, shared];
    flatten<symbol>([a, shared], { ...walk, other });
    expect(other).toHaveBeenCalledTimes(1);
  });

  test("tells fields of instances from other places", () => {
    const told: [string, boolean][] = [];
    flatten<symbol>(
      { plain: 1, pair: new Pair([2], 3), map: new Map([["k", 4]]) },
      {
        ...walk,
        other: (_value, path, isField) => void told.push([path, isField]),
      },
    );
    expect(told).toEqual([
      [".plain", false],
      [".pair.first[0]", false],
      [".pair.second", true],
      ['.map.get("k")', false],
    ]);
  });

  test.each([
    ["a promise", Promise.resolve(a)],
    ["a WeakMap", new WeakMap()],
    ["a generator", (function* () {})()],
    ["an iterator", [a].values()],
  ])("refuses %s, which can't be looked into", (_, closed) => {
    expect(() => flatten<symbol>({ held: closed }, walk)).toThrow(
      /^tree\.held is .*, which can't be looked into/,
    );
  });
});

test("an instance is of a class: no plain object of this realm or another, no array, Map or Set", () => {
  for (const plain of [
    {},
    Object.create(null) as object,
    [],
    new Map(),
    new Set(),
    JSON.parse("{}") as object,
  ])
    expect(isInstance(plain)).toBe(false);
  for (const instance of [new Pair(1, 2), new Date(0), Object.create({ inherited: 1 }) as object])
    expect(isInstance(instance)).toBe(true);
});
