// Ways to make tensors. What they say when they can't is tested in test/misuse.

import {
  arange,
  broadcastTogether,
  eye,
  full,
  linspace,
  oneHot,
  ones,
  tensor,
  zeros,
} from "@adjoint/autograd";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { trials } from "../../support/runs.ts";
import { numbers, places, shapes } from "../../support/tensors.ts";

describe("tensor", () => {
  test("of nested arrays has their nesting as its shape, and toArray gives them back", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 4 }), (shape) => {
        let next = 0;
        const nest = (axis: number): never =>
          (axis === shape.length
            ? next++ / 2
            : Array.from({ length: shape[axis]! }, () => nest(axis + 1))) as never;
        const nested = nest(0);
        const made = tensor(nested);
        expect(made.shape).toEqual(shape);
        expect(made.toArray()).toEqual(nested);
        expect(numbers(made)).toEqual(places(shape).map((_, i) => i / 2));
      }),
      trials(50),
    );
  });

  test("is float32 unless told otherwise, save for truth values and typed arrays", () => {
    expect(tensor([1]).dtype).toBe("float32");
    expect(tensor([1, 2], { dtype: "int32" }).dtype).toBe("int32");
    expect(tensor([true, false]).dtype).toBe("bool");
    expect(tensor(new Float64Array(2)).dtype).toBe("float64");
    expect(tensor(new Uint8Array([0, 1])).dtype).toBe("bool");
    expect(tensor([]).dtype).toBe("float32");
    expect(numbers(tensor([0.1]))).toEqual([Math.fround(0.1)]);
  });

  test("as truth values takes everything but zero for true", () => {
    const values = [0, 1, -1, 0.25, -0, Infinity, NaN];
    expect(numbers(tensor(values, { dtype: "bool" }))).toEqual([0, 1, 1, 1, 0, 1, 1]);
    expect(numbers(full([2], -3, { dtype: "bool" }))).toEqual([1, 1]);
  });

  test("is of none but the four types, whatever names objects have", () => {
    for (const dtype of ["toString", "constructor", "float16", "", "__proto__"]) {
      expect(() => tensor([1], { dtype: dtype as "bool" }), dtype).toThrow(
        /is not an element type; use "float32"/,
      );
    }
  });

  test("is of truth values only where all are, and reads bytes as such only where they are 0 and 1", () => {
    const some = tensor([true, 2, false]);
    expect([some.dtype, numbers(some)]).toEqual(["float32", [1, 2, 0]]);
    expect(() => tensor(new Uint8Array([0, 1, 2]))).toThrow(/this one holds 2/);
    expect(numbers(tensor(new Uint8Array([0, 1, 2]), { dtype: "float32" }))).toEqual([0, 1, 2]);
  });

  test("copies a typed array, so that writing to it later changes nothing", () => {
    const values = new Float64Array([1, 2]);
    const made = tensor(values);
    values[0] = 7;
    expect(numbers(made)).toEqual([1, 2]);
  });

  test("of a typed array may be given a shape", () => {
    expect(tensor(new Int32Array([1, 2, 3, 4]), { shape: [2, 2] }).toArray()).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  test("of nothing is empty, at every depth", () => {
    expect(tensor([]).shape).toEqual([0]);
    expect(tensor([[], []]).shape).toEqual([2, 0]);
    expect(tensor([[], []]).toArray()).toEqual([[], []]);
  });
});

test("full, zeros and ones hold one number everywhere, in every shape and type", () => {
  fc.assert(
    fc.property(shapes(), fc.constantFrom("float32", "float64", "int32"), (shape, dtype) => {
      for (const [made, value] of [
        [full(shape, 7, { dtype }), 7],
        [zeros(shape, { dtype }), 0],
        [ones(shape, { dtype }), 1],
      ] as const) {
        expect(made.shape).toEqual(shape);
        expect(made.dtype).toBe(dtype);
        expect(numbers(made)).toEqual(places(shape).map(() => value));
      }
    }),
    trials(30),
  );
});

test("eye has ones on its diagonal, and may be wider or taller", () => {
  expect(eye(2).toArray()).toEqual([
    [1, 0],
    [0, 1],
  ]);
  expect(eye(2, { columns: 3 }).toArray()).toEqual([
    [1, 0, 0],
    [0, 1, 0],
  ]);
  expect(eye(3, { columns: 1, dtype: "int32" }).toArray()).toEqual([[1], [0], [0]]);
  expect(eye(0).shape).toEqual([0, 0]);
});

test("arange counts from start up to but not including stop, downwards too", () => {
  expect(arange(3).toArray()).toEqual([0, 1, 2]);
  expect(arange(1, 2, 0.25).toArray()).toEqual([1, 1.25, 1.5, 1.75]);
  expect(arange(2, -1, -1, { dtype: "int32" }).toArray()).toEqual([2, 1, 0]);
  expect(arange(1, 0).toArray()).toEqual([]);
});

const stepped: readonly (readonly [number, number, number])[] = [
  [1, 1.6, 0.1],
  [1, 1.3, 0.1],
  [20, 25.1, 0.1],
  [0.5, 1.1, 0.1],
  [0, 2.1, 0.3],
  [0, 60e-6, 1e-6],
  [1.6, 1, -0.1],
  [-1.7e308, 1.7e308, 0.5e308],
  [1e8, 1e8 + 10, 1],
];

test.each(stepped)("arange(%d, %d, %d) ends before stop, and not before it must", (from, to, step) => {
  for (const dtype of ["float32", "float64"] as const) {
    const [first, stop] = dtype === "float32" ? [from, to].map(Math.fround) : [from, to];
    if (!Number.isFinite(first!)) continue;
    const values = numbers(arange(from, to, step, { dtype }));
    expect(values[0]).toBe(first);
    for (const x of values) {
      if (step > 0) expect(x).toBeLessThan(stop!);
      else expect(x).toBeGreaterThan(stop!);
    }
    // One more step leads to stop or beyond: but for the rounding of an element.
    const reached = from / 2 + values.length * (step / 2);
    const rounding = (dtype === "float32" ? 2 ** -24 : 2 ** -53) * Math.max(Math.abs(from), Math.abs(to));
    expect((reached - to / 2) * Math.sign(step)).toBeGreaterThanOrEqual(-rounding);
  }
});

test("arange of random ends and steps keeps to its ends", () => {
  const decimals = fc.integer({ min: -300, max: 300 }).map((n) => n / 10);
  fc.assert(
    fc.property(
      decimals,
      decimals,
      fc.integer({ min: 1, max: 30 }),
      fc.constantFrom("float32", "float64"),
      (a, b, tenths, dtype) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const stop = dtype === "float32" ? Math.fround(high) : high;
        const values = numbers(arange(low, high, tenths / 10, { dtype }));
        expect(values.filter((x) => !(x < stop))).toEqual([]);
        // In whole tenths nothing is rounded.
        expect(values).toHaveLength(Math.ceil(Math.round(10 * high - 10 * low) / tenths));
      },
    ),
    { ...trials(200), examples: [[17.1, -1.1, 7, "float64"]] },
  );
});

test.each([
  [-1e308, 1e308, [-1e308, 0, 1e308]],
  [-1.7e308, 1.7e308, [-1.7e308, -0.85e308, 0, 0.85e308, 1.7e308]],
  [0, 1.7e308, [0, 0.425e308, 0.85e308, 1.275e308, 1.7e308]],
  [1.7e308, 0, [1.7e308, 0.85e308, 0]],
  [-1.7e308, -1e308, [-1.7e308, -1.35e308, -1e308]],
])("linspace from %d to %d stays between them", (start, stop, expected) => {
  const values = numbers(linspace(start, stop, expected.length, { dtype: "float64" }));
  expect([values[0], values.at(-1)]).toEqual([start, stop]);
  // Three roundings, each of half a unit, at the size of the ends.
  for (const [i, x] of values.entries())
    expect(Math.abs(x - expected[i]!)).toBeLessThanOrEqual(3 * 2 ** -53 * 1.7e308);
});

test("linspace hits both ends exactly and is even between", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -1000, max: 1000 }),
      fc.integer({ min: -1000, max: 1000 }),
      fc.integer({ min: 2, max: 40 }),
      (a, b, n) => {
        const values = numbers(linspace(a / 7, b / 7, n, { dtype: "float64" }));
        expect(values).toHaveLength(n);
        expect([values[0], values.at(-1)]).toEqual([a / 7, b / 7]);
        // Three roundings at the size of the ends.
        for (const [i, x] of values.entries()) {
          expect(Math.abs(x - (a + ((b - a) * i) / (n - 1)) / 7)).toBeLessThanOrEqual(2 ** -51 * 143 * 2);
        }
      },
    ),
    trials(50),
  );
  expect(numbers(linspace(3, 9, 1))).toEqual([3]);
  expect(linspace(0, 1, 0).shape).toEqual([0]);
});

test("oneHot puts a one at each index", () => {
  const labels = tensor(
    [
      [0, 2],
      [1, 1],
    ],
    { dtype: "int32" },
  );
  expect(oneHot(labels, 3).toArray()).toEqual([
    [
      [1, 0, 0],
      [0, 0, 1],
    ],
    [
      [0, 1, 0],
      [0, 1, 0],
    ],
  ]);
});

test("broadcastTogether gives all one shape, without copying", () => {
  const [a, b] = broadcastTogether(tensor([[1], [2]]), tensor([3, 4, 5]));
  expect(a!.toArray()).toEqual([
    [1, 1, 1],
    [2, 2, 2],
  ]);
  expect(b!.toArray()).toEqual([
    [3, 4, 5],
    [3, 4, 5],
  ]);
  expect(b!.array.buffer).toHaveLength(3);
});

test("oneHot refuses indices on either side of the classes", () => {
  for (const index of [-1, -3, 3, 4]) {
    const indices = tensor([0, index], { dtype: "int32" });
    expect(() => oneHot(indices, 3), `${index}`).toThrow(`oneHot: index ${index} with 3 classes`);
  }
});
