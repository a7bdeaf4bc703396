// Medians and quantiles, against plain loops and NumPy's figures: eagerly, compiled and for many at once, over every set of
// axes, at NaN and infinities, and their derivatives.

import { compile, grad, type Tensor, tensor, vmap } from "@adjoint/autograd";
import { checkGradients } from "@adjoint/autograd/check";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { trials } from "../../support/runs.ts";
import { Dice, flat, numbers, places, seeds, spread, tensorOf, vector } from "../../support/tensors.ts";

/** The definition: (n − 1)·q of the way from the least to the largest, on the straight line between neighbours. */
function quantileOf(row: readonly number[], q: number): number {
  const sorted = [...row].sort((a, b) => a - b);
  const place = (row.length - 1) * q;
  const below = Math.floor(place);
  const next = sorted[Math.min(below + 1, row.length - 1)]!;
  return sorted[below]! * (1 - (place - below)) + next * (place - below);
}

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

test("quantiles over any axes are what the definition says, eagerly, compiled and for many at once", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 }), seeds, (shape, seed) => {
      const dice = new Dice(seed);
      const n = shape.reduce((a, b) => a * b, 1);
      // Multiples of 64, of which a half, a quarter and a sixteenth of the way between are exact.
      const values = Array.from({ length: n }, () => 64 * (dice.below(9) - 4));
      const axis = shape.flatMap((_, k) => (dice.below(2) === 0 ? [k] : []));
      const length = axis.reduce((product, k) => product * shape[k]!, 1);
      // So many parts of the way from the first place to the last as make it exact.
      const q = length === 1 ? 0.3 : dice.below(4 * length - 3) / 4 / (length - 1);
      const x = tensorOf(values, shape);
      const expected = rowsOf(values, shape, axis).map((row) => quantileOf(row, q));
      const middles = rowsOf(values, shape, axis).map((row) => quantileOf(row, 0.5));
      const kept = shape.map((size, k) => (axis.includes(k) ? 1 : size));
      const f = (y: Tensor) => ({
        quantile: y.quantile(q, { axis }) as Tensor,
        median: y.median({ axis, keepDims: true }) as Tensor,
        both: y.quantile([q, 0.5], { axis }) as Tensor,
      });
      for (const run of [f, compile(f)]) {
        const found = run(x);
        expect(found.quantile.shape).toEqual(shape.filter((_, k) => !axis.includes(k)));
        // Where (n − 1)·q is rounded, so is the way between neighbours, which are at most 512 apart.
        numbers(found.quantile).forEach((value, i) => {
          expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(512 * length * 2 ** -51);
        });
        expect(found.median.shape).toEqual(kept);
        expect(numbers(found.median)).toEqual(middles);
        expect(found.both.shape).toEqual([2, ...found.quantile.shape]);
        expect(numbers(found.both)).toEqual([...numbers(found.quantile), ...middles]);
      }
      const many = vmap(f)(x.expandDims(0).tile([2, ...shape.map(() => 1)]) as Tensor);
      expect(numbers(many.median as Tensor)).toEqual([...middles, ...middles]);
    }),
    trials(40),
  );
});

describe("NumPy's figures", () => {
  const x = tensor(
    [
      [0.1, -3.7, 2.25, 1e3],
      [7.3, 0.2, -0.7, 4],
      [2, 2, 9.5, -1.3],
    ],
    { dtype: "float64" },
  );
  // numpy.quantile(x, q, axis=1) and numpy.quantile(x, q), version 2.4.
  test.each([
    [0, [-3.7, -0.7, -1.3], -3.7],
    [0.1, [-2.5599999999999996, -0.42999999999999994, -0.30999999999999994], -1.24],
    [0.37, [0.3364999999999997, 0.6179999999999994, 2], 0.3260000000000005],
    [0.5, [1.175, 2.1, 2], 2],
    [0.9, [700.6750000000002, 6.3100000000000005, 7.250000000000002], 9.280000000000001],
    [1, [1000, 7.3, 9.5], 1000],
  ] as const)("the quantile %d", (q, rows, all) => {
    // The weights, the span and the sum are rounded, each by half of a unit in the last place of numbers up to 1000.
    const error = 4 * 2 ** -53 * 1024;
    numbers(x.quantile(q, { axis: 1 }) as Tensor).forEach((value, i) => {
      expect(Math.abs(value - rows[i]!)).toBeLessThanOrEqual(error);
    });
    expect(Math.abs(x.quantile(q).item() - all)).toBeLessThanOrEqual(error);
  });
});

test("NaN makes quantiles NaN, infinities are elements like others, and what would overflow does not", () => {
  const quantiles = (...values: number[]) => numbers(vector(...values).quantile([0, 0.25, 0.5, 1]) as Tensor);
  expect(quantiles(1, NaN, 2)).toEqual([NaN, NaN, NaN, NaN]);
  expect(quantiles(Infinity, 1, Infinity, 0)).toEqual([0, 0.75, Infinity, Infinity]);
  expect(quantiles(-Infinity, Infinity)).toEqual([-Infinity, NaN, NaN, Infinity]);
  expect(quantiles(-Infinity, -Infinity, 1, 2)).toEqual([-Infinity, -Infinity, -Infinity, 2]);
  expect(quantiles(-(2 ** 1023), 2 ** 1023)).toEqual([-(2 ** 1023), -(2 ** 1022), 0, 2 ** 1023]);
  expect(quantiles(5e-324, 5e-324)).toEqual([5e-324, 5e-324, 5e-324, 5e-324]);
  expect(
    numbers(
      tensor([
        [NaN, 1],
        [2, 3],
      ]).median({ axis: 1 }) as Tensor,
    ),
  ).toEqual([NaN, 2.5]);
});

test("derivatives go to the elements that are chosen, by their shares, and are those that differences have", () => {
  expect(numbers(grad((x: Tensor) => x.median())(vector(5, 1, 3)))).toEqual([0, 0, 1]);
  expect(numbers(grad((x: Tensor) => x.median())(vector(5, 1, 3, 9)))).toEqual([0.5, 0, 0.5, 0]);
  expect(numbers(grad((x: Tensor) => x.quantile(0.25))(vector(0, 4, 8)))).toEqual([0.5, 0.5, 0]);
  const x = tensorOf(spread(12, new Dice(3)), [3, 4]);
  const f = (y: Tensor) => y.exp().quantile([0, 0.3, 0.77, 1], { axis: 1 }) as Tensor;
  expect(checkGradients(f, [x]).verdict).toBe("right");
  expect(checkGradients((y: Tensor) => y.exp().median({ axis: [0, 1] }), [x]).verdict).toBe("right");
});

test("a quantile lies between its neighbours, and rises with q, in float32 too", () => {
  // Their distance is rounded up, to more than the second is away from −1.
  const [first, second] = [-1, 1.5 * 2 ** -24];
  const x = tensorOf([first, second], [2], "float32");
  expect(x.quantile(1 - 2 ** -40).item()).toBe(second);
  expect(x.quantile(2 ** -40).item()).toBe(first);
  fc.assert(
    fc.property(seeds, (seed) => {
      const dice = new Dice(seed);
      const values = Array.from({ length: 2 + dice.below(3) }, () => Math.fround(dice.fraction()));
      const x = tensorOf(values, [values.length], "float32");
      const qs = Array.from({ length: 9 }, () => dice.fraction()).sort((a, b) => a - b);
      const found = numbers(x.quantile([0, ...qs, 1]) as Tensor);
      expect(found).toEqual([...found].sort((a, b) => a - b));
    }),
    trials(100),
  );
});

describe("refused is", () => {
  const x = tensor([[1, 2]]);
  const told: readonly (readonly [string, () => unknown, string])[] = [
    ["a q above 1", () => x.quantile(1.5), "quantile: q is 1.5 and must lie from 0 to 1"],
    ["a q that is no number", () => x.quantile([0.5, NaN]), "quantile: q is NaN and must lie from 0 to 1"],
    ["no q", () => x.quantile([]), "quantile: got an empty list where q belongs"],
    ["a tensor as q", () => x.quantile(tensor(0.5) as never), "quantile: got a Tensor where q belongs"],
    ["whole numbers", () => x.cast("int32").median(), "median: int32 has no median; it needs float32"],
    ["nothing", () => x.slice([0, 0]).quantile(0.5, { axis: 0 }), "nothing has no quantile"],
    ["an axis that is not there", () => x.median({ axis: 2 }), "median: axis 2 of a tensor of rank 2"],
  ];
  test.each(told)("%s", (_, run, message) => {
    expect(run).toThrow(message);
  });
});
