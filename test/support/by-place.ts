// Functions that rearrange, repeat and choose elements, each against its meaning at one place of the result: eagerly,
// compiled and for many at once.

import { compile, type Tensor, tensor, vmap } from "@adjoint/autograd";
import fc from "fast-check";
import { expect } from "vitest";
import { trials } from "./runs.ts";
import { Dice, flat, numbers, places, seeds } from "./tensors.ts";

export type Place = readonly number[];

export interface Case {
  readonly call: (x: Tensor) => Tensor;
  readonly shape: readonly number[];
  /** The element at a place of the result, of elements by place. */
  readonly at: (place: Place, x: (place: Place) => number) => number;
}

/** A case for the shape of the operand; null where it takes no such shape. */
export type Stated = (shape: readonly number[], dice: Dice) => Case | null;

/** Expects a function to have at each place what its meaning says, for operands of many shapes. */
export function expectMeaning(stated: Stated, runs: number): void {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }), seeds, (shape, seed) => {
      const one = stated(shape, new Dice(seed));
      if (one === null) return;
      // Whole numbers, of which all sums and products are exact.
      const values = places(shape).map((_, i) => ((i * 7) % 11) - 5);
      const x = tensor(values, { shape, dtype: "float64" }) as Tensor;
      const read = (place: Place) => values[flat(place, shape)]!;
      const expected = places(one.shape).map((place) => one.at(place, read) + 0);
      const check = (result: Tensor, numbers_: readonly number[], of: readonly number[]) => {
        expect(result.shape).toEqual(of);
        expect(numbers(result).map((n) => n + 0)).toEqual(numbers_);
      };
      check(one.call(x), expected, one.shape);
      check(compile(one.call)(x), expected, one.shape);
      const many = vmap(one.call)(x.expandDims(0).tile([2, ...shape.map(() => 1)]) as Tensor) as Tensor;
      check(many, [...expected, ...expected], [2, ...one.shape]);
    }),
    trials(runs),
  );
}
