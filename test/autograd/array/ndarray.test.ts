// Strided arrays against an odometer: whatever the layout, an array is its elements in row-major order.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { eachRow, joinAxes, NDArray } from "../../../packages/autograd/src/array/ndarray.ts";
import { trials } from "../../support/runs.ts";
import {
  arrayOf,
  count,
  Dice,
  elements,
  laidOutOtherwise,
  places,
  seeds,
  shapes,
  stretched,
} from "../../support/tensors.ts";

const numbered = (shape: readonly number[]) =>
  arrayOf(
    places(shape).map((_, i) => i + 1),
    shape,
    "float64",
  );

/** Arrays of one shape, each laid out in its own way, some repeating elements. */
const arrays = fc.tuple(shapes(0, 4), fc.integer({ min: 1, max: 3 }), seeds).map(([shape, n, seed]) => {
  const dice = new Dice(seed);
  const ways = [
    (x: NDArray) => x,
    (x: NDArray) => laidOutOtherwise(x, dice),
    (x: NDArray) => stretched(x, dice),
  ];
  return { shape, list: Array.from({ length: n }, () => ways[dice.below(3)]!(numbered(shape))) };
});

const positions = ({ strides, offset }: NDArray, shape: readonly number[]) =>
  places(shape).map((place) => place.reduce((at, i, axis) => at + i * strides[axis]!, offset));

describe("eachRow", () => {
  test("visits the elements of every array in row-major order, each once", () => {
    fc.assert(
      fc.property(arrays, ({ shape, list }) => {
        const visited: number[][] = list.map(() => []);
        eachRow(shape, list, (length, starts, steps) => {
          expect(length).toBeGreaterThan(0);
          for (let i = 0; i < length; i++)
            for (const [k, trail] of visited.entries()) trail.push(starts[k]! + i * steps[k]!);
        });
        expect(visited).toEqual(list.map((array) => positions(array, shape)));
      }),
      trials(200),
    );
  });

  test("does not visit a shape without elements", () => {
    eachRow([2, 0, 3], [numbered([2, 0, 3])], () => expect.unreachable());
  });

  test("visits arrays that all lie in order in a single row", () => {
    fc.assert(
      fc.property(shapes(0, 4), (shape) => {
        let rows = 0;
        eachRow(shape, [numbered(shape), numbered(shape)], () => rows++);
        expect(rows).toBe(count(shape) === 0 ? 0 : 1);
      }),
      trials(100),
    );
  });
});

describe("joinAxes", () => {
  test("keeps every element's position, in order", () => {
    fc.assert(
      fc.property(arrays, ({ shape, list }) => {
        const { sizes, strides } = joinAxes(shape, list);
        list.forEach((array, k) => {
          expect(positions(array.view(sizes, strides[k]!), sizes)).toEqual(positions(array, shape));
        });
      }),
      trials(200),
    );
  });

  test("leaves no two neighbouring axes that could be one, and none of size 1 beside others", () => {
    fc.assert(
      fc.property(arrays, ({ shape, list }) => {
        const { sizes, strides } = joinAxes(shape, list);
        expect(sizes.length).toBeGreaterThan(0);
        if (sizes.length > 1) expect(sizes).not.toContain(1);
        for (let axis = 1; axis < sizes.length; axis++)
          expect(strides.every((each) => each[axis - 1] === each[axis]! * sizes[axis]!)).toBe(false);
      }),
      trials(200),
    );
  });
});

describe("an array", () => {
  test("has the same data however it lies in memory", () => {
    fc.assert(
      fc.property(
        shapes(0, 4),
        seeds,
        fc.constantFrom("float64", "float32", "int32", "bool"),
        (shape, seed, dtype) => {
          const values = places(shape).map((_, i) => (dtype === "bool" ? i % 2 : i));
          const plain = arrayOf(values, shape, dtype);
          const other = laidOutOtherwise(plain, new Dice(seed));
          expect(Array.from(other.data)).toEqual(values);
          expect(other.data.constructor).toBe(plain.data.constructor);
          expect(elements(other.contiguous())).toEqual(values);
          expect(other.contiguous().isContiguous).toBe(true);
        },
      ),
      trials(100),
    );
  });

  test("that is contiguous is not copied, one that isn't only once", () => {
    const plain = numbered([2, 3]);
    expect(plain.contiguous()).toBe(plain);
    expect(plain.data).toBe(plain.buffer);
    const turned = plain.view([3, 2], [1, 3]);
    expect(turned.isContiguous).toBe(false);
    expect(turned.contiguous()).toBe(turned.contiguous());
    expect([...turned.data]).toEqual([1, 4, 2, 5, 3, 6]);
  });

  test("says that it is contiguous exactly where its positions follow one another", () => {
    fc.assert(
      fc.property(shapes(0, 3), seeds, (shape, seed) => {
        const array = laidOutOtherwise(numbered(shape), new Dice(seed));
        const at = positions(array, shape);
        // An array without elements lies as one likes.
        if (at.length > 0)
          expect(array.isContiguous).toBe(at.every((position, i) => position === array.offset + i));
      }),
      trials(200),
    );
  });

  test("reads no further than its own part of the buffer", () => {
    const part = new NDArray("int32", [2], new Int32Array([9, 1, 2, 9]), [1], 1);
    expect([...part.data]).toEqual([1, 2]);
  });

  test("filled with one number keeps it once", () => {
    const filled = NDArray.filled("float32", [100, 100], 0.1);
    expect(filled.buffer).toHaveLength(1);
    expect([...new Set(filled.data)]).toEqual([Math.fround(0.1)]);
    expect(filled.data).toHaveLength(10_000);
  });
});
