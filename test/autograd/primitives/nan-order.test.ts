// Where NaN stands among numbers: sorting takes it for the largest, and the largest is NaN where there is one. So all
// that chooses or orders agrees, eagerly and in programs.

import { compile, grad, maxPool, type Tensor, tensor } from "@adjoint/autograd";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { trials } from "../../support/runs.ts";

const value = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: -3, max: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity, 0.5) },
);
const rows = fc.array(value, { minLength: 1, maxLength: 12 });
const dtypes = fc.constantFrom("float32" as const, "float64" as const);
const ways: readonly (readonly [string, <F extends (x: Tensor) => Tensor>(f: F) => (x: Tensor) => Tensor])[] =
  [
    ["eagerly", (f) => f],
    ["compiled", (f) => compile(f)],
  ];

const numbers = (x: Tensor) => Array.from(x.data);

/** Typed arrays sort as tensors do: by size, with NaN last. */
const ascending = (row: readonly number[]) => [...Float64Array.from(row).sort()];

describe.each(ways)("%s", (_way, run) => {
  const sorted = run((x) => x.sort());
  const descending = run((x) => x.sort({ descending: true }));
  const order = run((x) => x.argsort());
  const reverse = run((x) => x.argsort({ descending: true }));
  const first = run((x) => x.topK(1).values);
  const place = run((x) => x.topK(1).indices);
  const largest = run((x) => x.max() as Tensor);
  const where = run((x) => x.argmax() as Tensor);
  const pooled = run((x) => maxPool(x.reshape([1, 1, x.size]), x.size));

  const always = (check: (row: number[], x: Tensor) => void) =>
    fc.assert(
      fc.property(rows, dtypes, (row, dtype) => check(row, tensor(row, { dtype }) as Tensor)),
      trials(60),
    );

  test("a sorted row ends with its NaNs and a descending one starts with them", () => {
    always((row, x) => {
      expect(numbers(sorted(x))).toEqual(ascending(row));
      expect(numbers(descending(x))).toEqual(ascending(row).reverse());
    });
  });

  test("the places of an order read the sorted row, and equals keep theirs", () => {
    always((row, x) => {
      for (const [places, wanted] of [
        [numbers(order(x)), ascending(row)],
        [numbers(reverse(x)), ascending(row).reverse()],
      ] as const) {
        expect(places.map((i) => row[i])).toEqual(wanted);
        places.forEach((i, k) => {
          if (k > 0 && Object.is(row[i], row[places[k - 1]!])) expect(i).toBeGreaterThan(places[k - 1]!);
        });
      }
    });
  });

  test("the first of the top k is the largest, and its place that of the largest", () => {
    always((_row, x) => {
      expect(numbers(first(x))).toEqual(numbers(largest(x)));
      expect(numbers(pooled(x))).toEqual(numbers(largest(x)));
      expect(place(x).item()).toBe(where(x).item());
    });
  });

  test("the derivative of the top k goes to the places that were chosen", () => {
    const slope = run((x) => grad((t: Tensor) => t.topK(2).values.sum() as Tensor)(x) as Tensor);
    expect(numbers(slope(tensor([3, NaN, 5, 5]) as Tensor))).toEqual([0, 1, 1, 0]);
  });
});
