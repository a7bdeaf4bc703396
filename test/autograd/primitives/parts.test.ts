// Parts of tensors that are replaced, tensors of a pattern that others give, sums by ids, and places among sorted numbers: each
// against its meaning at one place of the result, and by its derivatives.

import {
  compile,
  diag,
  fullLike,
  grad,
  meshgrid,
  onesLike,
  searchSorted,
  segmentSum,
  type Tensor,
  tensor,
  variable,
  vmap,
  zerosLike,
} from "@adjoint/autograd";
import { checkGradients } from "@adjoint/autograd/check";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expectMeaning, type Place, type Stated } from "../../support/by-place.ts";
import { trials } from "../../support/runs.ts";
import { Dice, numbers, seeds, tensorOf, vector } from "../../support/tensors.ts";

type Part = number | null | readonly [number, number, number];

function partOf(n: number, dice: Dice): Part {
  const kind = dice.below(4);
  if (kind === 0) return null;
  if (kind === 1 && n > 0) return dice.below(n) - (dice.below(2) === 0 ? n : 0);
  const start = dice.below(n + 1);
  return [start, start + dice.below(n + 2), 1 + dice.below(3)];
}

/** The places along an axis of n that a part names, one after another. */
function named(part: Part, n: number): number[] {
  if (typeof part === "number") return [part < 0 ? part + n : part];
  const [start, stop, step] = part ?? [0, n, 1];
  const found = [];
  for (let i = start; i < Math.min(stop, n); i += step) found.push(i);
  return found;
}

/** A part of a shape, the shape it has, and where a place of the whole lies in it, or null. */
function drawnPart(shape: readonly number[], dice: Dice) {
  const parts = shape.slice(0, dice.below(shape.length + 1)).map((n) => partOf(n, dice));
  const all = shape.map((n, axis) => named(parts[axis] ?? null, n));
  const isKept = shape.map((_, axis) => typeof parts[axis] !== "number");
  const kept = all.map((list) => list.length).filter((_, axis) => isKept[axis]);
  const placeIn = (place: Place): Place | null => {
    const inside = place.map((i, axis) => all[axis]!.indexOf(i));
    return inside.includes(-1) ? null : inside.filter((_, axis) => isKept[axis]);
  };
  return { parts, kept, placeIn };
}

/** Numbers for a part: one for each place along its last axis, which broadcast to it, or a single number. */
function drawnValue(kept: readonly number[], dice: Dice) {
  const last = kept.at(-1);
  if (last === undefined || dice.below(3) === 0) return { value: 9, at: () => 9 };
  const values = Array.from({ length: last }, (_, i) => 20 + i);
  return { value: vector(...values), at: (place: Place) => values[place.at(-1)!]! };
}

const cases: Readonly<Record<string, Stated>> = {
  "at(…).set"(shape, dice) {
    const { parts, kept, placeIn } = drawnPart(shape, dice);
    const { value, at } = drawnValue(kept, dice);
    return {
      call: (x) => x.at(...parts).set(value as Tensor),
      shape,
      at(place, x) {
        const inside = placeIn(place);
        return inside === null ? x(place) : at(inside);
      },
    };
  },
  "at(…).add"(shape, dice) {
    const { parts, kept, placeIn } = drawnPart(shape, dice);
    const { value, at } = drawnValue(kept, dice);
    return {
      call: (x) => x.at(...parts).add(value as Tensor),
      shape,
      at(place, x) {
        const inside = placeIn(place);
        return x(place) + (inside === null ? 0 : at(inside));
      },
    };
  },
  "at(mask)"(shape, dice) {
    const last = shape.at(-1) ?? 1;
    const holds = Array.from({ length: last }, () => dice.below(2));
    const mask = tensorOf(holds, shape.length === 0 ? [] : [last], "bool");
    const isSet = dice.below(2) === 0;
    return {
      call: (x) => (isSet ? x.at(mask).set(7) : x.at(mask).add(7)),
      shape,
      at(place, x) {
        if (holds[place.at(-1) ?? 0] === 0) return x(place);
        return isSet ? 7 : x(place) + 7;
      },
    };
  },
  diag(shape, dice) {
    if (shape.length !== 1) return null;
    const offset = dice.below(7) - 3;
    const n = shape[0]! + Math.abs(offset);
    return {
      call: (x) => diag(x, { offset }),
      shape: [n, n],
      at: ([i, j], x) => (j! - i! === offset ? x([offset < 0 ? j! : i!]) : 0),
    };
  },
  meshgrid(shape, dice) {
    if (shape.length > 1) return null;
    const [other, third] = [vector(1, 2), vector(5, 6, 7)];
    const which = dice.below(3);
    const n = shape[0] ?? 1;
    const [isMatrix, isCrossed] = [dice.below(2) === 0, dice.below(2) === 0];
    const xs = (x: Tensor) => (isMatrix ? [x, other, third] : [x, other]);
    const grid = (x: Tensor) =>
      (isCrossed ? meshgrid(...xs(x)) : meshgrid(...xs(x), { indexing: "ij" })) as Tensor[];
    const sizes = isMatrix ? [n, 2, 3] : [n, 2];
    const [first, second] = isCrossed ? [1, 0] : [0, 1];
    const chosen = Math.min(which, sizes.length - 1);
    return {
      call: (x) => grid(x)[chosen]!,
      shape: sizes.with(first!, n).with(second!, 2),
      at: (place, x) =>
        chosen === 0
          ? x(shape.length === 0 ? [] : [place[first!]!])
          : chosen === 1
            ? [1, 2][place[second!]!]!
            : [5, 6, 7][place[2]!]!,
    };
  },
  segmentSum(shape, dice) {
    if (shape.length === 0) return null;
    const n = 1 + dice.below(3);
    const ids = Array.from({ length: shape[0]! }, () => dice.below(n));
    return {
      call: (x) => segmentSum(x, tensorOf(ids, [ids.length], "int32"), n),
      shape: shape.with(0, n),
      at: (place, x) => ids.reduce((sum, id, row) => sum + (id === place[0] ? x(place.with(0, row)) : 0), 0),
    };
  },
};

describe.each(Object.entries(cases))("%s", (_name, stated) => {
  test("has at each place what its meaning says, eagerly, compiled and for many at once", () => {
    expectMeaning(stated, 15);
  });
});

const x = tensorOf([1.5, -2, 3, 0.25, 5, -6], [2, 3]);
const mask = tensorOf([1, 0, 0, 0, 1, 1], [2, 3], "bool");

describe("derivatives of orders one and two are those that differences have", () => {
  const functions: readonly (readonly [string, (x: Tensor, v: Tensor) => Tensor, readonly Tensor[]])[] = [
    ["at(…).set", (a, v) => a.exp().at(null, [0, 3, 2]).set(v.sin()), [x, vector(0.5, 2)]],
    ["at(…).add", (a, v) => a.exp().at(1).add(v.sin()), [x, vector(0.5, 2, -1)]],
    ["at(mask).set", (a, v) => a.exp().at(mask).set(v.sin()), [x, vector(0.5, 2, -1)]],
    ["at(mask).add", (a, v) => a.exp().at(mask).add(v.sin()), [x, vector(0.5, 2, -1)]],
    ["diag", (a) => diag(a.flatten().exp(), { offset: -2 }) as Tensor, [x]],
    [
      "meshgrid",
      (a, v) => meshgrid(a.flatten().exp(), v).reduce((p: Tensor, q) => p.mul(q)),
      [x, vector(2, 3)],
    ],
    ["segmentSum", (a) => segmentSum(a.exp(), tensorOf([2, 2], [2], "int32"), 3) as Tensor, [x]],
    ["diff", (a) => a.exp().diff({ n: 2 }), [x]],
  ];
  test.each(functions)("%s", (_, f, point) => {
    expect(checkGradients(f, [...point]).verdict).toBe("right");
  });
});

test("what is replaced has no derivative, were it infinite, and what stays keeps its sign of zero", () => {
  const slope = grad((y: Tensor) => y.log().at(0).set(0).sum() as Tensor)(vector(0, 2));
  expect(numbers(slope)).toEqual([0, 0.5]);
  expect(numbers(vector(-0, 1).at(1).add(1))).toEqual([-0, 2]);
  expect(numbers(vector(NaN, 1).at(0).set(3))).toEqual([3, 1]);
});

test("a tensor in which a part is replaced stays what it was, and a variable's is that of its value", () => {
  const w = variable(vector(1, 2));
  const part = w.at(0);
  w.assign(vector(5, 6));
  expect(numbers(part.set(0))).toEqual([0, 2]);
  expect(numbers(w)).toEqual([5, 6]);
});

test("constants have the shape of another tensor, and its type where none is given", () => {
  const whole = tensorOf([1, 2], [2], "int32");
  for (const [made, value] of [
    [zerosLike(whole), 0],
    [onesLike(whole), 1],
    [fullLike(whole, -3), -3],
  ] as const)
    expect([made.dtype, made.shape, numbers(made)]).toEqual(["int32", [2], [value, value]]);
  expect(fullLike(whole, 0.5, { dtype: "float64" }).toArray()).toEqual([0.5, 0.5]);
  expect(vmap((y: Tensor) => y.add(onesLike(y)))(x).toArray()).toEqual(x.add(1).toArray());
});

describe("searchSorted", () => {
  /** NumPy's order: NaN behind all numbers. */
  const isLess = (a: number, b: number) => a < b || (Number.isNaN(b) && !Number.isNaN(a));
  const number = fc.constantFrom(-Infinity, -2, -0, 0, 1, 1.5, 4, Infinity, NaN);

  test.each(["left", "right"] as const)(
    "counts on the side %s what lies before a value, eagerly, compiled and for many at once",
    (side) => {
      fc.assert(
        fc.property(
          fc.array(number, { maxLength: 9 }),
          fc.array(number, { maxLength: 5 }),
          (unordered, wanted) => {
            const sorted = unordered.sort((a, b) => (isLess(a, b) ? -1 : Number(isLess(b, a))));
            const expected = wanted.map(
              (v) => sorted.filter((s) => (side === "left" ? isLess(s, v) : !isLess(v, s))).length,
            );
            const f = (s: Tensor, v: Tensor): Tensor => searchSorted(s, v, { side });
            const [s, v] = [vector(...sorted), vector(...wanted)];
            for (const run of [f, compile(f)]) expect(numbers(run(s, v))).toEqual(expected);
            const twice = (t: Tensor) => t.expandDims(0).tile([2, 1]);
            expect(numbers(vmap(f)(twice(s), twice(v)))).toEqual([...expected, ...expected]);
            const shared = vmap((each: Tensor) => f(s, each))(v.expandDims(1));
            expect(numbers(shared)).toEqual(expected);
          },
        ),
        trials(25),
      );
    },
  );

  test("finds places in vectors of every length", () => {
    for (let n = 0; n <= 17; n++) {
      const sorted = Array.from({ length: n }, (_, i) => 2 * i);
      const wanted = Array.from({ length: 2 * n + 3 }, (_, i) => i - 2);
      const found = searchSorted(tensorOf(sorted, [n], "int32"), tensorOf(wanted, [2 * n + 3], "int32"));
      expect(found.dtype).toBe("int32");
      expect(numbers(found)).toEqual(wanted.map((v) => sorted.filter((s) => s < v).length));
    }
  });
});

test("ids that are out of range are refused by a program before anything changes", () => {
  const seen = variable(vector(0));
  const step = compile((ids: Tensor) => {
    seen.assign(vector(1));
    return segmentSum(vector(1, 2), ids, 2);
  });
  expect(() => step(tensorOf([0, -1], [2], "int32"))).toThrow("segmentSum: id -1 with n = 2");
  expect(numbers(seen)).toEqual([0]);
  expect(numbers(step(tensorOf([1, 1], [2], "int32")))).toEqual([0, 3]);
  const each = vmap((ids: Tensor): Tensor => segmentSum(vector(1, 2), ids, 2));
  expect(each(tensorOf([1, 1, 1, 0], [2, 2], "int32")).toArray()).toEqual([
    [0, 3],
    [2, 1],
  ]);
  expect(() => each(tensorOf([1, 1, 2, 0], [2, 2], "int32"))).toThrow("segmentSum: id 2 with n = 2");
});

describe("drawn parts", () => {
  test("are those that slice reads", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }), seeds, (shape, seed) => {
        const { parts, kept } = drawnPart(shape, new Dice(seed));
        expect((tensor(0).broadcastTo(shape) as Tensor).slice(...parts).shape).toEqual(kept);
      }),
      trials(50),
    );
  });
});
