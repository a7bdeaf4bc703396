import { ShapeError } from "@adjoint/autograd";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  broadcastShapes,
  checkShape,
  normalizeAxes,
  normalizeAxis,
  sameShape,
  sizeOf,
  stridesOf,
} from "../../../packages/autograd/src/array/shape.ts";
import { trials } from "../../support/runs.ts";
import { count, flat, places, shapes } from "../../support/tensors.ts";

test("strides lead from each index to its place in row-major order", () => {
  fc.assert(
    fc.property(shapes(0, 4), (shape) => {
      const strides = stridesOf(shape);
      for (const place of places(shape))
        expect(place.reduce((at, i, axis) => at + i * strides[axis]!, 0)).toBe(flat(place, shape));
      expect(sizeOf(shape)).toBe(count(shape));
    }),
    trials(100),
  );
});

test("shapes are the same where all sizes are, and none is left over on either side", () => {
  expect(sameShape([2, 3], [2, 3])).toBe(true);
  expect(sameShape([], [])).toBe(true);
  for (const other of [[2], [2, 3, 4], [3, 2], [2, 1], []]) {
    expect(sameShape([2, 3], other), `${other}`).toBe(false);
    expect(sameShape(other, [2, 3]), `${other}`).toBe(false);
  }
});

describe("broadcasting", () => {
  /** The rule as it is taught: line shapes up on the right, put 1 where there is nothing, and compare. */
  function byTheBook(a: readonly number[], b: readonly number[]): number[] | null {
    const rank = Math.max(a.length, b.length);
    const pad = (shape: readonly number[]) => [...new Array<number>(rank - shape.length).fill(1), ...shape];
    const [x, y] = [pad(a), pad(b)];
    if (x.some((n, axis) => n !== y[axis] && n !== 1 && y[axis] !== 1)) return null;
    return x.map((n, axis) => (n === 1 ? y[axis]! : n));
  }

  test("gives the shape that the rule by the book gives, or refuses with both shapes named", () => {
    fc.assert(
      fc.property(shapes(), shapes(), (a, b) => {
        const expected = byTheBook(a, b);
        if (expected !== null) expect(broadcastShapes("add", a, b)).toEqual(expected);
        else
          expect(() => broadcastShapes("add", a, b)).toThrow(`add: [${a.join(", ")}] and [${b.join(", ")}]`);
      }),
      trials(300),
    );
  });

  test("does not depend on the order of the shapes, nor on how they are grouped", () => {
    const attempt = (run: () => number[]) => {
      try {
        return run();
      } catch (error) {
        expect(error).toBeInstanceOf(ShapeError);
        return null;
      }
    };
    fc.assert(
      fc.property(shapes(), shapes(), shapes(), (a, b, c) => {
        const all = attempt(() => broadcastShapes("f", a, b, c));
        expect(attempt(() => broadcastShapes("f", c, a, b))).toEqual(all);
        expect(attempt(() => broadcastShapes("f", broadcastShapes("f", a, b), c))).toEqual(all);
      }),
      trials(200),
    );
  });

  test("stretches a size of 1 to nothing, and nothing to no other size", () => {
    expect(broadcastShapes("f", [1, 3], [0, 1])).toEqual([0, 3]);
    expect(() => broadcastShapes("f", [0], [2])).toThrow(ShapeError);
  });
});

describe("axes", () => {
  test("count from the front or, below zero, from the end", () => {
    for (let rank = 1; rank <= 4; rank++)
      for (let axis = 0; axis < rank; axis++) {
        expect(normalizeAxis(axis, rank, "sum")).toBe(axis);
        expect(normalizeAxis(axis - rank, rank, "sum")).toBe(axis);
      }
  });

  test("outside, between or of nothing are refused with the ones there are", () => {
    expect(() => normalizeAxis(2, 2, "sum")).toThrow(/sum: axis 2 of a tensor of rank 2: use -2 to 1/);
    expect(() => normalizeAxis(-3, 2, "sum")).toThrow(ShapeError);
    expect(() => normalizeAxis(0.5, 2, "sum")).toThrow(ShapeError);
    expect(() => normalizeAxis(0, 0, "sum")).toThrow(/rank 0: it has no axes/);
  });

  test("are sorted, all of them by default, and none may be named twice", () => {
    expect(normalizeAxes([-1, 0], 3, "sum")).toEqual([0, 2]);
    expect(normalizeAxes(undefined, 3, "sum")).toEqual([0, 1, 2]);
    expect(normalizeAxes([], 3, "sum")).toEqual([]);
    expect(() => normalizeAxes([0, -3], 3, "sum")).toThrow(/twice/);
  });
});

test("a shape has whole sizes of 0 or more", () => {
  expect(() => checkShape([2, 0], "zeros")).not.toThrow();
  for (const shape of [[-1], [1.5], [NaN], [Infinity]])
    expect(() => checkShape(shape, "zeros")).toThrow(ShapeError);
});
