// Counting and finding: against plain loops, NumPy's figures, and what is said where a shape would depend on numbers.

import {
  bincount,
  CompileError,
  compile,
  grad,
  histogram,
  nonZero,
  record,
  type Tensor,
  tensor,
  unique,
  vmap,
} from "@adjoint/autograd";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { trials } from "../../support/runs.ts";
import { numbers, places, tensorOf, vector } from "../../support/tensors.ts";

test("nonZero names the places of all elements that are not zero, in their order", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 3 }),
      fc.infiniteStream(fc.constantFrom(0, 0, -0, 1, NaN)),
      (shape, stream) => {
        const all = places(shape);
        const values = all.map(() => stream.next().value as number);
        const found = nonZero(tensorOf(values, shape));
        const expected = all.filter((_, i) => values[i] !== 0);
        expect(found).toHaveLength(shape.length);
        found.forEach((along, axis) => {
          expect(along.dtype).toBe("int32");
          expect(numbers(along as Tensor)).toEqual(expected.map((place) => place[axis]));
        });
      },
    ),
    trials(60),
  );
});

test("unique has each element once, in order, NaN last, and derivatives of the first of equal ones", () => {
  const found = unique(vector(3, NaN, -1, 3, NaN, 0, -0));
  expect(numbers(found as Tensor)).toEqual([-1, 0, 3, NaN]);
  expect(unique(tensorOf([1, 0, 1], [3], "bool")).toArray()).toEqual([0, 1]);
  expect(unique(tensorOf([2, 2, -1, 5], [2, 2], "int32")).toArray()).toEqual([-1, 2, 5]);
  expect(unique(vector()).shape).toEqual([0]);
  const slope = grad((x: Tensor) => unique(x).mul(vector(10, 20)).sum() as Tensor)(vector(3, 1, 3));
  expect(numbers(slope)).toEqual([20, 10, 0]);
});

test("bincount counts each number from 0 on, and with a length in programs and for many at once", () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 6 }), { maxLength: 8 }), (values) => {
      const x = tensorOf(values, [values.length], "int32");
      const counted = (n: number) =>
        Array.from({ length: n }, (_, i) => values.filter((v) => v === i).length);
      expect(numbers(bincount(x) as Tensor)).toEqual(counted(Math.max(-1, ...values) + 1));
      const f = (y: Tensor): Tensor => bincount(y, { length: 9 });
      for (const run of [f, compile(f)]) expect(numbers(run(x))).toEqual(counted(9));
      expect(numbers(vmap(f)(x.expandDims(0)))).toEqual(counted(9));
      expect(bincount(x).dtype).toBe("int32");
    }),
    trials(30),
  );
});

describe("histogram", () => {
  test("counts what lies between its edges, the last of which belongs to the last interval", () => {
    const number = fc.constantFrom(-1, -0.5, 0, 0.1, 0.2, 0.25, 0.3, 0.5, 0.7, 0.75, 1, 1.5, NaN);
    fc.assert(
      fc.property(fc.array(number, { maxLength: 12 }), fc.integer({ min: 1, max: 7 }), (values, bins) => {
        const x = vector(...values);
        const f = (y: Tensor) => histogram(y, { bins, range: [0, 1] });
        for (const run of [f, compile(f)]) {
          const { counts, edges } = run(x);
          expect(counts.dtype).toBe("int32");
          const ends = numbers(edges as Tensor);
          expect(ends).toHaveLength(bins + 1);
          expect([ends[0], ends.at(-1)]).toEqual([0, 1]);
          const expected = Array.from(
            { length: bins },
            (_, i) =>
              values.filter((v) => v >= ends[i]! && (v < ends[i + 1]! || (i === bins - 1 && v === 1))).length,
          );
          expect(numbers(counts as Tensor)).toEqual(expected);
        }
      }),
      trials(40),
    );
  });

  test("takes NumPy's edges from the elements, and half a unit to both sides of a single number", () => {
    // numpy.histogram of version 2.4.
    const values = [0.1, 0.2, 0.5, 0.9, 1, 1, -0.3, 2];
    const found = histogram(vector(...values), { bins: 5 });
    expect(numbers(found.counts as Tensor)).toEqual([2, 2, 3, 0, 1]);
    numbers(found.edges as Tensor).forEach((edge, i) => {
      // Of a span of 2.3, a product and a sum are rounded.
      expect(
        Math.abs(
          edge -
            [-0.3, 0.15999999999999998, 0.6199999999999999, 1.0799999999999998, 1.5399999999999998, 2.0][i]!,
        ),
      ).toBeLessThanOrEqual(2 ** -51);
    });
    const single = compile((x: Tensor) => histogram(x, { bins: 2 }))(vector(3, 3));
    expect([single.counts.toArray(), single.edges.toArray()]).toEqual([
      [0, 2],
      [2.5, 3, 3.5],
    ]);
    expect(histogram(vector(3, 3), { bins: 2, range: [3, 3] }).edges.toArray()).toEqual([2.5, 3, 3.5]);
    expect(histogram(vector(), { bins: 2 }).edges.toArray()).toEqual([0, 0.5, 1]);
    expect(histogram(vector(1, 2)).counts.size).toBe(10);
  });
});

describe("where a shape would depend on numbers", () => {
  const x = tensorOf([1, 0, 2], [3], "int32");
  const functions: readonly (readonly [string, (x: Tensor) => Tensor, string])[] = [
    ["nonZero", (y) => nonZero(y)[0]!, "x.at(mask).set(v)"],
    ["unique", (y) => unique(y), "x.flatten().sort()"],
    ["bincount", (y) => bincount(y), "bincount(x, { length })"],
  ];
  test.each(functions)("%s says so in programs and under vmap, and what to use in place", (name, f, way) => {
    const shape = `${name}: the shape of the result depends on the numbers of [3]`;
    for (const run of [() => compile(f)(x), () => record(f, x)]) {
      expect(run).toThrow(CompileError);
      expect(run).toThrow(shape);
      expect(run).toThrow(way);
    }
    expect(() => vmap(f)(x.expandDims(0) as Tensor)).toThrow(TypeError);
    expect(() => vmap(f)(x.expandDims(0) as Tensor)).toThrow(shape);
  });

  test("numbers that are known while a program is made give shapes", () => {
    const program = compile((y: Tensor) => y.add(unique(tensor([3, 1, 3])).sum()) as Tensor);
    expect(program(tensor([1])).toArray()).toEqual([5]);
  });
});

describe("refused is", () => {
  const told: readonly (readonly [string, () => unknown, string])[] = [
    ["a single number's places", () => nonZero(tensor(1)), "nonZero: a tensor of rank 0"],
    [
      "counting floats",
      () => bincount(vector(1)),
      'bincount: float64 must be int32; cast it, e.g. x.cast("int32")',
    ],
    ["a negative number", () => bincount(tensorOf([2, -1], [2], "int32")), "bincount: -1 is negative"],
    [
      "a number beyond the length",
      () => bincount(tensorOf([2], [1], "int32"), { length: 2 }),
      "bincount: 2 with length 2; numbers run from 0 to 1",
    ],
    [
      "half a length",
      () => bincount(tensorOf([2], [1], "int32"), { length: 1.5 }),
      "bincount: length is 1.5",
    ],
    [
      "no interval",
      () => histogram(vector(1), { bins: 0 }),
      "histogram: bins is 0; give a whole number, 1 or more",
    ],
    ["a range upside down", () => histogram(vector(1), { range: [1, 0] }), "histogram: range [1, 0] is none"],
    ["NaN without a range", () => histogram(vector(1, NaN)), "histogram: NaN is among the elements"],
    [
      "infinity without a range, in a program",
      () => compile((x: Tensor) => histogram(x))(vector(1, Infinity)),
      "histogram: Infinity is among",
    ],
    ["whole numbers", () => histogram(tensorOf([1], [1], "int32")), "histogram: int32 has no histogram"],
  ];
  test.each(told)("%s", (_, run, message) => {
    expect(run).toThrow(message);
  });
});
