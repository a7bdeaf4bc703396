// The reductions that are made of others, against plain loops: eagerly and compiled, over every set of axes, at zeros,
// infinities and NaN, and their derivatives where they are not smooth.

import { compile, grad, type Tensor, tensor } from "@adjoint/autograd";
import { checkGradients } from "@adjoint/autograd/check";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { trials } from "../../support/runs.ts";
import { Dice, flat, numbers, places, seeds } from "../../support/tensors.ts";

type Options = { readonly axis: readonly number[]; readonly ord?: number; readonly correction?: number };
type Loop = (row: readonly number[], options: Options) => number;

const sum = (row: readonly number[]) => row.reduce((a, b) => a + b, 0);
const loops: Readonly<Record<"std" | "norm" | "any" | "all" | "countNonZero", Loop>> = {
  std(row, { correction = 0 }) {
    const middle = sum(row) / row.length;
    return Math.sqrt(sum(row.map((x) => (x - middle) ** 2)) / (row.length - correction));
  },
  norm(row, { ord = 2 }) {
    const sizes = row.map(Math.abs);
    if (ord === Infinity) return Math.max(...sizes);
    if (ord === -Infinity) return Math.min(...sizes);
    if (ord === 0) return row.filter((x) => x !== 0).length;
    return sum(sizes.map((x) => x ** ord)) ** (1 / ord);
  },
  any: (row) => Number(row.some((x) => x !== 0)),
  all: (row) => Number(row.every((x) => x !== 0)),
  countNonZero: (row) => row.filter((x) => x !== 0).length,
};

/** The rows that a reduction turns into numbers, in the order of its result. */
function rowsOf(values: readonly number[], shape: readonly number[], axes: readonly number[]): number[][] {
  const kept = shape.map((n, axis) => (axes.includes(axis) ? 1 : n));
  const rows = places(kept).map((): number[] => []);
  for (const place of places(shape))
    rows[
      flat(
        place.map((at, axis) => (axes.includes(axis) ? 0 : at)),
        kept,
      )
    ]!.push(values[flat(place, shape)]!);
  return rows;
}

describe.each(Object.entries(loops))("%s", (name, loop) => {
  const reduce = (x: Tensor, options: Options) =>
    (x as unknown as Record<string, (options: Options) => Tensor>)[name]!.call(x, options);

  test.each(["eagerly", "compiled"])("%s is what a plain loop gives", (way) => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 }), seeds, (shape, seed) => {
        const dice = new Dice(seed);
        const n = shape.reduce((a, b) => a * b, 1);
        // Halves and quarters: sums of a few of their squares are exact.
        const values = Array.from({ length: n }, () => (dice.below(3) === 0 ? 0 : (dice.below(65) - 32) / 4));
        const axis = shape.flatMap((_, k) => (dice.below(2) === 0 ? [k] : []));
        const ord = [2, 1, 0, 3, Infinity, -Infinity][dice.below(6)]!;
        const options: Options = {
          axis,
          ...(name === "norm" ? { ord } : {}),
          ...(name === "std" ? { correction: dice.below(2) } : {}),
        };
        const f = (x: Tensor) => reduce(x, options);
        const x = tensor(values, { shape, dtype: "float64" }) as Tensor;
        const found = numbers((way === "eagerly" ? f : compile(f))(x));
        const expected = rowsOf(values, shape, axis).map((row) => loop(row, options));
        expected.forEach((number, i) => {
          // Some ten roundings, each of half a unit in the last place.
          if (Number.isFinite(number))
            expect(Math.abs(found[i]! - number)).toBeLessThanOrEqual(10 * 2 ** -52 * number);
          else expect(found[i]).toBe(number);
        });
        expect(found).toHaveLength(expected.length);
      }),
      trials(100),
    );
  });
});

describe("of no elements and of special ones", () => {
  const none = tensor([], { shape: [2, 0] });
  test("truth is none in any and all in all, and there is nothing to count or to measure", () => {
    expect(numbers(none.any({ axis: 1 }))).toEqual([0, 0]);
    expect(numbers(none.all({ axis: 1 }))).toEqual([1, 1]);
    expect(numbers(none.countNonZero({ axis: 1 }))).toEqual([0, 0]);
    expect(numbers(none.norm({ axis: 1 }))).toEqual([0, 0]);
    expect(numbers(none.std({ axis: 1 }))).toEqual([NaN, NaN]);
  });

  test("NaN is not zero; a norm with NaN is NaN, one with an infinity infinite", () => {
    expect([tensor([0, NaN]).any().item(), tensor([1, NaN]).all().item()]).toEqual([1, 1]);
    expect(tensor([NaN, 0]).countNonZero().item()).toBe(1);
    for (const ord of [1, 2, 3, Infinity]) {
      expect(tensor([NaN, 1]).norm({ ord }).item()).toBeNaN();
      expect(tensor([-Infinity, 1]).norm({ ord }).item()).toBe(Infinity);
    }
  });

  test.each([0.5, 2, 3, 7])(
    "the laboratory finds a norm of order %s right in float32, where 1/ord is rounded, also over a single element",
    (ord) => {
      const x = tensor([[[0.9], [-0.3], [1.7]]]);
      for (const axis of [1, 2])
        expect(checkGradients((each: Tensor) => each.norm({ axis, ord }), [x]).verdict).toBe("right");
    },
  );

  test("a norm neither overflows nor underflows, in float32 neither", () => {
    expect(tensor([3e38, 0]).norm().item()).toBe(Math.fround(3e38));
    expect(tensor([3e-30, 4e-30]).norm().item() / 5e-30).toBeCloseTo(1, 6);
    expect(tensor([1e200, 1e200], { dtype: "float64" }).norm().item() / (Math.SQRT2 * 1e200)).toBeCloseTo(
      1,
      14,
    );
    expect(numbers(grad((x: Tensor) => x.norm() as Tensor)(tensor([3e-30, 4e-30])))).toEqual([
      expect.closeTo(0.6, 6),
      expect.closeTo(0.8, 6),
    ]);
  });

  test("types are those of what they say, and an order that is none is refused", () => {
    const x = tensor([1, 2]);
    expect([x.any().dtype, x.all().dtype, x.countNonZero().dtype]).toEqual(["bool", "bool", "int32"]);
    expect(() => x.norm({ ord: NaN })).toThrow("norm: ord is NaN");
    expect(() => tensor([1, 2], { dtype: "int32" }).norm()).toThrow("norm");
  });
});

test("where all are equal, a standard deviation has derivative 0, and at 0 so has a norm", () => {
  for (const f of [(x: Tensor) => x.std() as Tensor, (x: Tensor) => x.sub(2).norm() as Tensor])
    expect(numbers(grad(f)(tensor([2, 2, 2])))).toEqual([0, 0, 0]);
  const x = tensor([3, 4], { dtype: "float64" });
  expect(numbers(grad((y: Tensor) => y.norm() as Tensor)(x))).toEqual([expect.closeTo(0.6, 15), 0.8]);
  expect(numbers(grad((y: Tensor) => y.norm({ ord: 1 }) as Tensor)(x.neg()))).toEqual([-1, -1]);
});
