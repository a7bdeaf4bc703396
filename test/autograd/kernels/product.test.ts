// Products whose sizes and addresses are known, against plain loops: the same bits where every operation is rounded,
// within a bound where multiplication and addition are rounded together.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Factor } from "../../../packages/autograd/src/kernels/kernel.ts";
import { runs, trials } from "../../support/runs.ts";
import { Dice } from "../../support/tensors.ts";
import {
  type Build,
  builds,
  type Case,
  columnMajor,
  eachElement,
  type Floats,
  floatTypes,
  type Layout,
  plain,
  productByLoops,
  randomFloats,
  rowMajor,
  runProduct,
} from "./product-cases.ts";

/** Whether a run did everything that a product promises. */
function check(the: Case, build: Build, a: Floats, b: Floats): void {
  const { product, seen, calls, isUntouched } = runProduct(the, build, a, b);
  const expected = productByLoops(the, a, b);
  const isEqual = build === "simd" ? sameBits(expected) : within(the, a, b, expected);
  expect(calls.every((count) => count === 1), "the epilogue is called on every element once").toBe(true);
  expect(isEqual(seen), "the epilogue finds every element complete").toBe(true);
  if (the.isStored) expect(isEqual(product), "the product is stored").toBe(true);
  expect(isUntouched, "nothing outside is written").toBe(true);
}

// Zeros of both signs are equal: 0 added to −0 is 0.
const sameBits = (expected: Floats) => (found: Floats) =>
  found.every((x, i) => x === expected[i] || (Number.isNaN(x) && Number.isNaN(expected[i])));

/**
 * A sum of k terms of which each operation is off by a factor of 1 + ε at most is off by (k + 1)·ε·Σ|a||b|, whether
 * products are rounded for themselves or not; ours and theirs, and a little for terms of the second order.
 */
function within(the: Case, a: Floats, b: Floats, expected: Floats): (found: Floats) => boolean {
  const epsilon = the.dtype === "float32" ? 2 ** -24 : 2 ** -53;
  const bounds: number[] = [];
  eachElement(the, (left, right) => {
    const sizes = left.map((place, k) => Math.abs(a[place]! * b[right[k]!]!));
    bounds.push(2.01 * (the.k + 1) * epsilon * sizes.reduce((x, y) => x + y, 0));
  });
  return (found) =>
    found.every((x, i) => {
      const y = expected[i]!;
      return x === y || (Number.isNaN(x) && Number.isNaN(y)) || Math.abs(x - y) <= bounds[i]!;
    });
}

function checkRandom(the: Case, build: Build, seed: number): void {
  const a = randomFloats(the.dtype, the.a.length, seed);
  check(the, build, a, randomFloats(the.dtype, the.b.length, seed + 1));
}

const layouts = [rowMajor, columnMajor];

describe.each(builds)("in the build %s", (build) => {
  describe.each(floatTypes)("of %s", (dtype) => {
    test("all products of up to 9 rows, columns and k are right, however operands lie", () => {
      for (let m = 1; m <= 9; m++) {
        for (let n = 1; n <= 9; n++) {
          for (let k = 1; k <= 9; k++) {
            // Each layout of a and of b comes with every size; the four pairs take turns.
            const a = layouts[(m + n + k) % 2]!(m, k);
            const b = layouts[(m + (n >> 1) + (k >> 1)) % 2]!(k, n);
            checkRandom(plain(dtype, m, n, k, { a, b, isStored: (m ^ n ^ k) % 3 > 0 }), build, m + 10 * n);
          }
        }
      }
    });

    test("products across the boundaries of blocks are right", () => {
      fc.assert(
        fc.property(cases(dtype, false), fc.integer(), (the, seed) => checkRandom(the, build, seed)),
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
      for (const [m, n, k] of large.slice(0, runs(4, 4))) {
        for (const [a, b] of [
          [rowMajor(m, k), rowMajor(k, n)],
          [columnMajor(m, k), columnMajor(k, n)],
        ] as const) {
          checkRandom(plain(dtype, m, n, k, { a, b, blocking: undefined }), build, m);
          checkRandom(plain(dtype, m, n, k, { a, b, blocking: undefined, isStored: false }), build, n);
        }
      }
    });

    test("a matrix times a vector is right, whichever of its axes is the contiguous one", () => {
      for (const lines of [1, 3, 4, 5, 8, 11, 16, 17, 31, 41]) {
        for (const k of [1, 2, 5, 8, 13]) {
          for (const layout of layouts) {
            for (const isStored of [true, false]) {
              checkRandom(plain(dtype, lines, 1, k, { a: layout(lines, k), isStored }), build, k);
              checkRandom(plain(dtype, 1, lines, k, { b: layout(k, lines), isStored }), build, k);
              checkRandom(
                plain(dtype, 1, lines, k, { b: layout(k, lines), isStored, blocking: undefined }),
                build,
                k,
              );
            }
          }
        }
      }
    });

    test("where a product is gated, zeros are stronger than infinities and NaN", () => {
      fc.assert(
        fc.property(cases(dtype, true), fc.integer(), (the, seed) => {
          const dice = new Dice(seed);
          const unruly = (x: number) =>
            dice.below(6) === 0 ? [Infinity, -Infinity, Number.NaN][dice.below(3)]! : dice.below(3) === 0 ? 0 : x;
          const a = randomFloats(dtype, the.a.length, seed).map(unruly) as Floats;
          const b = randomFloats(dtype, the.b.length, seed + 1).map(unruly) as Floats;
          const expected = productByLoops(the, a, b);
          const { product, seen } = runProduct(the, build, a, b);
          // What is not finite needs no tolerance, what is has few terms.
          const isEqual = within(the, a.map(finite) as Floats, b.map(finite) as Floats, expected);
          expect(isEqual(the.isStored ? product : seen)).toBe(true);
        }),
        trials(100),
      );
    });
  });
});

const finite = (x: number) => (Number.isFinite(x) ? x : 0);

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
    })
    .map(({ m, n, k, batch, seed, isStored }) => {
      const dice = new Dice(seed);
      const rest = { gated, batch, isStored };
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
