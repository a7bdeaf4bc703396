// Products whose sizes and addresses are known, against plain loops: the same bits where every operation is rounded,
// within a bound where multiplication and addition are rounded together.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Factor } from "../../../packages/autograd/src/kernels/kernel.ts";
import { type Plan, planOf, TUNING } from "../../../packages/autograd/src/kernels/product/plan.ts";
import { trials } from "../../support/runs.ts";
import { Dice } from "../../support/tensors.ts";
import {
  type Build,
  builds,
  type Case,
  closeTo,
  columnMajor,
  type Floats,
  floatTypes,
  type Layout,
  type Outcome,
  plain,
  randomFloats,
  rowMajor,
  runProducts,
  tiny,
} from "./product-cases.ts";

/** Whether runs of these, on random operands, do everything that a product promises. */
function check(build: Build, seed: number, ...cases: readonly Case[]): void {
  const trials = cases.map((the, i) => ({
    the,
    a: randomFloats(the.dtype, the.a.length, seed + 2 * i),
    b: randomFloats(the.dtype, the.b.length, seed + 2 * i + 1),
  }));
  runProducts(trials, build).forEach(({ product, seen, calls, isUntouched }, i) => {
    const { the, a, b } = trials[i]!;
    const isEqual = closeTo(the, build, a, b);
    const size = `of ${the.m} × ${the.k} by ${the.k} × ${the.n}`;
    expect(
      calls.every((count) => count === 1),
      `${size}: the epilogue is called on every element once`,
    ).toBe(true);
    expect(isEqual(seen), `${size}: the epilogue finds every element complete`).toBe(true);
    if (the.isStored) expect(isEqual(product), `${size}: the product is stored`).toBe(true);
    expect(isUntouched, `${size}: nothing outside is written`).toBe(true);
  });
}

const layouts = [rowMajor, columnMajor];

test.each(floatTypes)("the random products of %s read their operands in every way that there is", (dtype) => {
  const plans = fc.sample(cases(dtype, false), trials(300)).map((the) => {
    const shape = { ...the, a: { ...the.a, address: 0 }, b: { ...the.b, address: 0 }, c: null };
    return planOf(shape, tiny);
  });
  const found = (part: (plan: Plan) => unknown) =>
    [...new Set(plans.map((plan) => String(part(plan))))].sort((x, y) => (x < y ? -1 : 1));
  expect(found(({ a }) => a)).toEqual(["any", "copied", "lines", "place"]);
  expect(found(({ b }) => b)).toEqual(["any", "depth", "lines", "place"]);
  expect(found(({ vector }) => `${vector?.matrix} ${vector?.beside}`)).toEqual([
    "a depth",
    "a lines",
    "b depth",
    "b lines",
    "undefined undefined",
  ]);
  expect(found(({ vector }) => vector?.isSmall)).toEqual(["false", "true", "undefined"]);
  expect(found(({ kept }) => kept > 0)).toEqual(["false", "true"]);
});

describe.each(builds)("in the build %s", (build) => {
  describe.each(floatTypes)("of %s", (dtype) => {
    test("all products of up to 9 rows, columns and k are right, however operands lie", () => {
      const sizes = [1, 2, 3, 4, 5, 6, 7, 8, 9];
      for (const m of sizes) {
        const cases = sizes.flatMap((n) =>
          sizes.map((k) => {
            // Each layout of a and of b comes with every size; the four pairs take turns.
            const a = layouts[(m + n + k) % 2]!(m, k);
            const b = layouts[(m + (n >> 1) + (k >> 1)) % 2]!(k, n);
            return plain(dtype, m, n, k, { a, b, isStored: (m ^ n ^ k) % 3 > 0 });
          }),
        );
        check(build, m, ...cases);
      }
    });

    test("small matrices times a vector are right at every number of lines from 1 to 80", () => {
      const cases = Array.from({ length: 80 }, (_, i) => i + 1).flatMap((lines) =>
        [1, 2, 7].map((k) => {
          const [m, n] = lines % 2 === 0 ? [1, lines] : [lines, 1];
          const [a, b] = [layouts[k % 2]!(m, k), layouts[(k >> 1) % 2]!(k, n)];
          return plain(dtype, m, n, k, { a, b, tuning: TUNING, isStored: k !== 2 });
        }),
      );
      check(build, 5, ...cases);
    });

    test("products across the boundaries of blocks are right", () => {
      fc.assert(
        fc.property(cases(dtype, false), fc.integer(), (the, seed) => check(build, seed, the)),
        trials(150),
      );
    });

    test("products in blocks of full size are right", () => {
      const large: readonly [number, number, number][] = [
        [129, 33, 300],
        [130, 520, 20],
        [13, 530, 270],
        [250, 9, 40],
      ];
      for (const [m, n, k] of large) {
        for (const [a, b] of [
          [rowMajor(m, k), rowMajor(k, n)],
          [columnMajor(m, k), columnMajor(k, n)],
        ] as const) {
          const the = plain(dtype, m, n, k, { a, b, tuning: undefined });
          check(build, m, the, { ...the, isStored: false });
        }
      }
    });

    test("a matrix times a vector is right, whichever of its axes is the contiguous one", () => {
      for (const lines of [1, 3, 4, 5, 8, 11, 16, 17, 31, 41]) {
        const cases = [1, 2, 5, 8, 13].flatMap((k) =>
          layouts.flatMap((layout) => {
            const [column, row] = [{ a: layout(lines, k) }, { b: layout(k, lines) }];
            return [
              plain(dtype, lines, 1, k, column),
              plain(dtype, 1, lines, k, { ...row, isStored: false }),
              plain(dtype, lines, 1, k, { ...column, tuning: undefined, isStored: false }),
              plain(dtype, 1, lines, k, { ...row, tuning: undefined }),
            ];
          }),
        );
        check(build, lines, ...cases);
      }
    });

    test("where a product is gated, zeros are stronger than infinities and NaN", () => {
      fc.assert(
        fc.property(cases(dtype, true), fc.integer(), (the, seed) => {
          const dice = new Dice(seed);
          const unruly = (x: number) =>
            dice.below(6) === 0
              ? [Infinity, -Infinity, Number.NaN][dice.below(3)]!
              : dice.below(3) === 0
                ? 0
                : x;
          const a = randomFloats(dtype, the.a.length, seed).map(unruly) as Floats;
          const b = randomFloats(dtype, the.b.length, seed + 1).map(unruly) as Floats;
          const [{ product, seen }] = runProducts([{ the, a, b }], build) as [Outcome];
          const isEqual = closeTo(the, build, a, b);
          expect(isEqual(the.isStored ? product : seen)).toBe(true);
        }),
        trials(100),
      );
    });
  });
});

test.runIf(builds.length === 1)(
  "this engine has no fused multiply-add: the build that uses it is left out",
  () => {
    expect(builds).toEqual(["simd"]);
  },
);

/** Sizes about those of tiles and of tiny blocks, and matrices that lie in any way. */
function cases(dtype: Case["dtype"], gated: boolean): fc.Arbitrary<Case> {
  const size = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(1, 2, 4, 8, 12, 16, 17, 24, 32, 33));
  return fc
    .record({
      m: size,
      n: size,
      k: fc.oneof(fc.integer({ min: 1, max: 14 }), fc.constantFrom(4, 8, 12)),
      batch: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
      seed: fc.integer(),
      isStored: fc.boolean(),
      // Now and then all are written out term by term, whatever lies in blocks otherwise.
      few: fc.constantFrom(0, 0, 0, Infinity),
    })
    .map(({ m, n, k, batch, seed, isStored, few }) => {
      const dice = new Dice(seed);
      const size = few === 0 ? (n: number) => n : (n: number) => 1 + (n % 6);
      [m, n, k] = [size(m), size(n), size(k)];
      const rest = { gated, batch, isStored, tuning: { ...tiny, few } };
      return plain(dtype, m, n, k, {
        ...rest,
        a: anyLayout(dice, batch, m, k),
        b: anyLayout(dice, batch, k, n),
      });
    });
}

/** A matrix whose rows, columns and batch axes are any axes of an array, in any order: cut, repeated, and backwards. */
function anyLayout(dice: Dice, batch: readonly number[], rows: number, columns: number): Layout {
  const cut = (size: number) => {
    const divisors = Array.from({ length: size }, (_, i) => i + 1).filter((divisor) => size % divisor === 0);
    const inner = dice.below(3) === 0 ? divisors[dice.below(divisors.length)]! : 1;
    return [size / inner, inner];
  };
  const [down, across] = [cut(rows), cut(columns)];
  const sizes = [...batch, ...down, ...across];
  const isSimple = dice.below(3) > 0;
  const order = isSimple ? sizes.map((_, axis) => axis) : dice.shuffled(sizes.map((_, axis) => axis));
  // Simple ones may still be transposed.
  if (isSimple && dice.below(2) === 0) order.push(...order.splice(batch.length, 2));
  const strides = new Array<number>(sizes.length).fill(0);
  let [length, first] = [1, 0];
  for (const axis of order.reverse()) {
    const kind = dice.below(isSimple ? 20 : 8);
    if (kind === 0) continue;
    strides[axis] = length;
    // Room between rows now and then, as views of a part have.
    length *= sizes[axis]! + (kind === 1 ? 1 : 0);
    if (kind !== 2) continue;
    first += strides[axis]! * (sizes[axis]! - 1);
    strides[axis] *= -1;
  }
  const factors = (from: number, to: number): Factor[] =>
    sizes.slice(from, to).map((size, i) => ({ size, stride: strides[from + i]! }));
  const start = batch.length;
  return {
    batch: strides.slice(0, start),
    rows: factors(start, start + 2),
    columns: factors(start + 2, start + 4),
    first,
    length,
  };
}
