// The product whose sizes, strides and addresses are parameters, against plain loops; and that no operand is read
// outside of where it lies, which the end of memory shows.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { KernelModule } from "../../../packages/autograd/src/kernels/kernel-module.ts";
import type { Tuning } from "../../../packages/autograd/src/kernels/product/plan.ts";
import {
  productFunctionScratch,
  writeProductFunction,
} from "../../../packages/autograd/src/kernels/product.ts";
import { webAssembly } from "../../../packages/autograd/src/kernels/webassembly.ts";
import { trials } from "../../support/runs.ts";
import { Dice } from "../../support/tensors.ts";
import {
  type Build,
  builds,
  bytesOf,
  type Case,
  closeTo,
  columnMajor,
  FILLINGS,
  type Floats,
  type FloatType,
  floatTypes,
  type Layout,
  plain,
  productByLoops,
  randomFloats,
  rowMajor,
  tiny,
} from "./product-cases.ts";

const PAGE = 65_536;
const PAGES = 80;

/** A function of any product, with a memory of its own. */
class AnyProduct {
  readonly #memory = new webAssembly!.Memory({ initial: PAGES });
  readonly #run: (...args: number[]) => number;
  readonly #dtype: FloatType;
  readonly #tuning: Tuning | undefined;

  constructor(build: Build, dtype: FloatType, gated: boolean, tuning: Tuning | undefined) {
    const module = new KernelModule(build);
    writeProductFunction(module, dtype, gated, "run", tuning);
    this.#run = module.instantiate(this.#memory).run!;
    this.#dtype = dtype;
    this.#tuning = tuning;
  }

  /** The product, where the operands' parts begin with memory's first byte and end with its last, or the other way round. */
  of(the: Case, a: Floats, b: Floats, order: "ab" | "ba"): Floats {
    this.#between(FILLINGS.ordinary, the, a, b, order);
    return this.#between(FILLINGS.nan, the, a, b, order);
  }

  /** The same, where what lies around the product and the scratch memory is filled with a byte. */
  #between(filling: number, the: Case, a: Floats, b: Floats, order: "ab" | "ba"): Floats {
    const bytes = bytesOf(this.#dtype);
    const view = (address: number, length: number) =>
      this.#dtype === "float32"
        ? new Float32Array(this.#memory.buffer, address, length)
        : new Float64Array(this.#memory.buffer, address, length);
    const end = PAGES * PAGE;
    const [atA, atB] = order === "ab" ? [0, end - b.length * bytes] : [end - a.length * bytes, 0];
    const middle = 64 * Math.ceil((Math.max(a.length, b.length) * bytes) / 64) + 64;
    const { m, n, k } = the;
    const scratch = middle + 64 * Math.ceil((m * n * bytes) / 64) + 64;
    const scratchEnd = scratch + productFunctionScratch(this.#dtype, m, n, k, this.#tuning);
    expect(scratchEnd + 64 + Math.max(a.length, b.length) * bytes).toBeLessThan(end);
    new Uint8Array(this.#memory.buffer, middle - 64, scratchEnd + 128 - middle).fill(filling);
    view(atA, a.length).set(a);
    view(atB, b.length).set(b);
    this.#run(
      atA + the.a.first * bytes,
      atB + the.b.first * bytes,
      middle,
      m,
      n,
      k,
      ...strides(the.a),
      ...strides(the.b),
      scratch,
    );
    const untouched = (from: number, to: number) =>
      new Uint8Array(this.#memory.buffer, from, to - from).every((byte) => byte === filling);
    expect(untouched(middle - 64, middle), "nothing is written before the product").toBe(true);
    expect(untouched(middle + m * n * bytes, scratch), "nothing is written after the product").toBe(true);
    expect(untouched(scratchEnd, scratchEnd + 64), "nothing is written after the scratch memory").toBe(true);
    return view(middle, m * n).slice() as Floats;
  }
}

const strides = ({ rows, columns }: Layout) => [rows[0]!.stride, columns[0]!.stride];

const layouts = [rowMajor, columnMajor];

describe.each(builds)("in the build %s", (build) => {
  describe.each(floatTypes)("of %s", (dtype) => {
    const check = (product: AnyProduct, the: Case, seed: number) => {
      const a = randomFloats(dtype, the.a.length, seed);
      const b = randomFloats(dtype, the.b.length, seed + 1);
      const isEqual = closeTo(the, build, a, b);
      for (const order of ["ab", "ba"] as const) {
        const message = `${the.m} × ${the.k} by ${the.k} × ${the.n}, ${JSON.stringify([the.a, the.b])}`;
        expect(isEqual(product.of(the, a, b, order)), message).toBe(true);
      }
    };

    test("all products of up to 9 rows, columns and k are right, however operands lie", () => {
      const product = new AnyProduct(build, dtype, false, tiny);
      for (let m = 1; m <= 9; m++) {
        for (let n = 1; n <= 9; n++) {
          for (let k = 1; k <= 9; k++) {
            const a = layouts[(m + n + k) % 2]!(m, k);
            const b = layouts[(m + (n >> 1) + (k >> 1)) % 2]!(k, n);
            check(product, plain(dtype, m, n, k, { a, b }), m + 10 * n);
          }
        }
      }
    });

    test("products across the boundaries of blocks are right, and read their operands only", () => {
      const product = new AnyProduct(build, dtype, false, tiny);
      fc.assert(
        fc.property(cases(dtype, false), fc.integer(), (the, seed) => check(product, the, seed)),
        trials(300),
      );
    });

    test("products in blocks of full size are right", () => {
      const product = new AnyProduct(build, dtype, false, undefined);
      for (const [m, n, k] of [
        [130, 33, 300],
        [7, 530, 270],
        [250, 9, 40],
        [2, 3, 4],
      ] as const) {
        for (const a of layouts) check(product, plain(dtype, m, n, k, { a: a(m, k), b: a(k, n) }), m);
      }
    });

    test("products of few rows and k, whose blocks have more columns, are right", () => {
      const small = new AnyProduct(build, dtype, false, tiny);
      for (const [m, n, k] of [
        [1, 150, 1],
        [2, 131, 2],
        [3, 100, 1],
      ] as const)
        check(small, plain(dtype, m, n, k, { a: rowMajor(m, k), b: strided(new Dice(n), k, n) }), n);
      const product = new AnyProduct(build, dtype, false, undefined);
      for (const [m, n, k] of [
        [3, 1700, 4],
        [40, 600, 50],
        [20, 1601, 30],
      ] as const)
        for (const b of [rowMajor(k, n), columnMajor(k, n), everySecond(k, n)])
          check(product, plain(dtype, m, n, k, { a: rowMajor(m, k), b }), n);
    });

    test("where a product is gated, zeros are stronger than infinities and NaN", () => {
      const product = new AnyProduct(build, dtype, true, tiny);
      fc.assert(
        fc.property(cases(dtype, true), fc.integer(), (the, seed) => {
          const dice = new Dice(seed);
          const unruly = (x: number) =>
            [x, x, 0, 0, x, Infinity, -Infinity, Number.NaN][dice.below(dice.below(2) === 0 ? 8 : 5)]!;
          const a = randomFloats(dtype, the.a.length, seed).map(unruly) as Floats;
          const b = randomFloats(dtype, the.b.length, seed + 1).map(unruly) as Floats;
          expect(closeTo(the, build, a, b)(product.of(the, a, b, "ab"))).toBe(true);
          expect(productByLoops(the, a, b).length).toBe(the.m * the.n);
        }),
        trials(100),
      );
    });
  });
});

/** Rows of which every second element counts, so that nothing lies side by side. */
const everySecond = (rows: number, columns: number): Layout => ({
  ...rowMajor(rows, columns),
  rows: [{ size: rows, stride: 2 * columns }],
  columns: [{ size: columns, stride: 2 }],
  length: 2 * rows * columns,
});

/** Sizes about those of tiles and of tiny blocks; matrices with any strides. */
function cases(dtype: FloatType, gated: boolean): fc.Arbitrary<Case> {
  const size = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(1, 2, 4, 8, 12, 16, 17, 24, 32, 33));
  return fc.record({ m: size, n: size, k: size, seed: fc.integer() }).map(({ m, n, k, seed }) => {
    const dice = new Dice(seed);
    return plain(dtype, m, n, k, { gated, a: strided(dice, m, k), b: strided(dice, k, n) });
  });
}

/** Rows or columns side by side, or neither; backwards and repeated now and then. */
function strided(dice: Dice, rows: number, columns: number): Layout {
  const isTransposed = dice.below(2) === 0;
  const inner = isTransposed ? rows : columns;
  const innerStride = [1, 1, 1, 2, 0, -1][dice.below(6)]!;
  const line = Math.max(1, Math.abs(innerStride) * (inner - 1) + 1);
  const outerStride = [line, line, line + 3, 0, -line][dice.below(5)]!;
  const reach = (stride: number, size: number) => Math.abs(stride) * (size - 1);
  const back = (stride: number, size: number) => (stride < 0 ? reach(stride, size) : 0);
  const [row, column] = isTransposed ? [innerStride, outerStride] : [outerStride, innerStride];
  return {
    batch: [],
    rows: [{ size: rows, stride: row }],
    columns: [{ size: columns, stride: column }],
    first: back(row, rows) + back(column, columns),
    length: reach(row, rows) + reach(column, columns) + 1,
  };
}
