// Shapes that fit, numbers inside the domain with special ones among them, and how far they shrink.

import type { Activation, Shape, Tensor } from "@adjoint/autograd";
import {
  activations,
  broadcastableShapes,
  expressions,
  matmulShapes,
  shapes,
  tensors,
  tensorsOf,
} from "@adjoint/autograd/check";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { broadcastShapes } from "../../../packages/autograd/src/array/shape.ts";
import { arityOf } from "../../../packages/autograd/src/expression/expression.ts";
import { trials } from "../../support/runs.ts";
import { tensorOf } from "../../support/tensors.ts";

const smallest = <T>(arbitrary: fc.Arbitrary<T>, fails: (value: T) => boolean): T => {
  const { counterexample, failed } = fc.check(
    fc.property(arbitrary, (value) => !fails(value)),
    { seed: 1, numRuns: 2000 },
  );
  expect(failed).toBe(true);
  return counterexample![0];
};

describe("shapes", () => {
  test("keep to their bounds", () => {
    fc.assert(
      fc.property(shapes({ minRank: 1, maxRank: 2, minSize: 0, maxSize: 5 }), (shape) => {
        expect(shape.length >= 1 && shape.length <= 2 && shape.every((n) => n >= 0 && n <= 5)).toBe(true);
      }),
      trials(200),
    );
  });

  test("broadcast in pairs, and the smaller side is now the left, now the right", () => {
    const sides = new Set<string>();
    fc.assert(
      fc.property(broadcastableShapes({ maxRank: 3 }), ([a, b]) => {
        const both = broadcastShapes("pair", a, b);
        for (const [name, side] of [
          ["left", a],
          ["right", b],
        ] as const)
          if (String(side) !== String(both))
            sides.add(`${name} ${side.length < both.length ? "lacks" : "repeats"}`);
      }),
      trials(300),
    );
    expect([...sides].sort()).toEqual(["left lacks", "left repeats", "right lacks", "right repeats"]);
  });

  test("multiply in triples", () => {
    fc.assert(
      fc.property(matmulShapes({ maxBatch: 2 }), ([a, b, c]) => {
        const zeros = (shape: Shape) => tensorOf(new Array(shape.reduce((p, n) => p * n, 1)).fill(0), shape);
        expect(zeros(a).matmul(zeros(b) as never).shape).toEqual(c);
      }),
      trials(200),
    );
  });
});

describe("tensors", () => {
  test("lie inside the domain, in their type", () => {
    fc.assert(
      fc.property(tensors({ from: 0, dtype: "float32" }), tensors({ from: -1, to: 1 }), (a, b) => {
        expect(a.dtype).toBe("float32");
        expect([...a.data].every((x) => x > 0)).toBe(true);
        expect(b.dtype).toBe("float64");
        expect([...b.data].every((x) => x > -1 && x < 1)).toBe(true);
      }),
      trials(300),
    );
  });

  test("have zeros, ones, ties, tiny and general numbers among them", () => {
    const seen = { zero: 0, one: 0, tie: 0, tiny: 0, general: 0 };
    for (const { data } of fc.sample(tensors({ shape: [6] }), { numRuns: 300, seed: 1 })) {
      const numbers = [...data];
      seen.zero += Number(numbers.includes(0));
      seen.one += Number(numbers.includes(1));
      seen.tie += Number(new Set(numbers).size < numbers.length);
      seen.tiny += Number(numbers.some((x) => x !== 0 && Math.abs(x) < 1e-6));
      seen.general += Number(numbers.some((x) => !Number.isInteger(1000 * x)));
    }
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(20);
  });

  test("shrink to the smallest shape and the nicest numbers that still fail", () => {
    const alone = smallest(tensors({ shape: shapes({ maxRank: 3 }) }), ({ data }) =>
      [...data].some((x) => x > 0.7),
    );
    expect(alone.shape).toEqual([]);
    expect(alone.item()).toBe(1);
    const row = smallest(
      tensors(),
      (x) => x.rank === 2 && x.shape[1]! >= 2 && [...x.data].some((each) => each < 0),
    );
    expect(row.shape).toEqual([1, 2]);
    expect([...row.data].sort((a, b) => a - b)).toEqual([-1, 0]);
  });

  test("of shapes that fit together still fit together when they shrink", () => {
    const fails = ([a, b]: readonly [Tensor, Tensor, Tensor]) =>
      [...a.matmul(b as never).data].some((x) => x > 2.5);
    const [a, b, c] = smallest(tensorsOf(matmulShapes()), fails);
    expect([a.shape, b.shape, c.shape]).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
    expect([...a.data, ...b.data, ...c.data].every(Number.isInteger)).toBe(true);
    expect(fails([a, b, c])).toBe(true);
  });

  test("print as the code that makes them", () => {
    const [x] = fc.sample(tensors({ shape: [2] }), { numRuns: 1, seed: 1 });
    expect(fc.stringify(x)).toMatch(/^tensor\(\[.*, .*\], \{ dtype: "float64" \}\)$/);
  });
});

describe("expressions", () => {
  test("have finite values where their input is moderate", () => {
    let finite = 0;
    const drawn = fc.sample(activations(), { numRuns: 200, seed: 1 });
    for (const each of drawn) finite += Number([-1.7, 0.4, 1.3].every((x) => !Number.isNaN(each(x))));
    expect(finite / drawn.length).toBeGreaterThan(0.97);
  });

  test("take as many inputs as they are told to", () => {
    for (const each of fc.sample(expressions({ arity: 2, maxSteps: 8 }), { numRuns: 100, seed: 1 }))
      expect(arityOf(each)).toBeLessThanOrEqual(2);
  });

  test("have no kinks where they are asked to be smooth", () => {
    const kinked = (each: Activation) => each.kinks.length > 0;
    expect(fc.sample(activations({ smooth: true }), { numRuns: 200, seed: 1 }).some(kinked)).toBe(false);
    expect(fc.sample(activations(), { numRuns: 200, seed: 1 }).some(kinked)).toBe(true);
  });
});

test("shapes may be listed, and what are no shapes is named with the way out", () => {
  const [drawn] = fc.sample(tensorsOf([[2], [3, 1], []]), 1);
  expect(drawn!.map(({ shape }) => shape)).toEqual([[2], [3, 1], []]);
  expect(fc.sample(tensors({ shape: [2, 2] }), 1)[0]!.shape).toEqual([2, 2]);
  const of = (shapes: unknown) => () => tensorsOf(shapes as never);
  expect(of([2, 3])).toThrow(
    "tensorsOf: got one shape where the list of shapes belongs; give a list, e.g. tensorsOf([[2, 3]])",
  );
  expect(of([[2, -1]])).toThrow("tensorsOf: got an array of other things where the list of shapes belongs");
  expect(of("2")).toThrow("tensorsOf: got a string where the list of shapes belongs");
  expect(of(undefined)).toThrow("tensorsOf: got undefined where the list of shapes belongs");
  // Drawn shapes are seen only once they are drawn.
  expect(() => fc.sample(tensorsOf(fc.constant([2, 3]) as never), 1)).toThrow("tensorsOf: got one shape");
  expect(() => tensors({ shape: 2 as never })).toThrow("tensors: got a number where the shape belongs");
});
