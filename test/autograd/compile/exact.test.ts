// Where nothing but + − × ÷ √, comparisons and views happens, a float64 program without fused multiply-add has no freedom:
// its numbers are the eager ones, bit for bit, whatever the length of the loops.

import { compile, concat, grad, type Tensor, tensor, where } from "@adjoint/autograd";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Build, bestBuild } from "../../../packages/autograd/src/kernels/webassembly.ts";
import { trials } from "../../support/runs.ts";
import { flat } from "./uncertainty.ts";

/** The bits of numbers. Neither JavaScript nor WebAssembly says which bits a NaN has. */
const bits = (numbers: Float64Array) =>
  Array.from(new BigUint64Array(numbers.buffer), (word, i) => (Number.isNaN(numbers[i]) ? "NaN" : `${word}`));

const specials = [
  0,
  -0,
  1,
  -1,
  0.1,
  -2.5,
  1e-310,
  -4e-320,
  1e300,
  -1e300,
  Infinity,
  -Infinity,
  NaN,
  3,
  1 / 3,
];

const numbers = fc.oneof(
  { weight: 3, arbitrary: fc.double({ min: -10, max: 10, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(...specials) },
);

/** Exact operations on matrices of one shape; each draws on what there is. */
const operations: Record<string, (a: Tensor, b: Tensor, c: Tensor) => Tensor> = {
  add: (a, b) => a.add(b),
  sub: (a, b) => a.sub(b),
  mul: (a, b) => a.mul(b),
  div: (a, b) => a.div(b),
  sqrt: (a) => a.sqrt(),
  neg: (a) => a.neg(),
  "a number": (a) => a.mul(0.3).add(1),
  choice: (a, b, c) => where(a.less(b), c, a),
  "two transpositions": (a, b) => a.transpose().mul(b.transpose()).transpose(),
  "a row for all": (a, b) => a.add(b.slice([0, 1])),
  "a column for all": (a, b) => a.mul(b.slice(null, [0, 1])),
  flip: (a) => a.flip({ axis: 1 }),
  halves: (a) => concat([a.slice([1]), a.slice([0, 1])], { axis: 0 }),
  "padded and cut": (a, b) =>
    a
      .pad([
        [1, 0],
        [0, 2],
      ])
      .slice([0, -1], [0, -2])
      .add(b),
  "one row of numbers": (a, b) => a.flatten().mul(b.flatten()).reshape(a.shape),
  "a product in order": (a, b) => a.matmul(b.transpose() as never).matmul(a as never) as Tensor,
};

// Every operation rounds by itself in both builds; only products fuse, in the relaxed one.
const builds: readonly Build[] = bestBuild() === "relaxed" ? ["simd", "relaxed"] : ["simd"];
const exactIn = (build: Build) =>
  Object.keys(operations).filter((name) => build === "simd" || name !== "a product in order");

const programIn = (build: Build) =>
  fc.record({
    rows: fc.integer({ min: 1, max: 5 }),
    columns: fc.integer({ min: 1, max: 9 }),
    steps: fc.array(fc.tuple(fc.constantFrom(...exactIn(build)), fc.nat(99), fc.nat(99), fc.nat(99)), {
      minLength: 1,
      maxLength: 10,
    }),
    seed: fc.array(numbers, { minLength: 90, maxLength: 90 }),
  });

test.each(builds)(
  "exact operations give the same bits in the build %s as eagerly, at every length from 1 to 9",
  (build) => {
    fc.assert(
      fc.property(programIn(build), ({ rows, columns, steps, seed }) => {
        const input = (start: number) =>
          tensor(
            Float64Array.from({ length: rows * columns }, (_, i) => seed[(start + i) % seed.length]!),
            {
              shape: [rows, columns],
            },
          ) as Tensor;
        const f = (x: Tensor, y: Tensor): Tensor[] => {
          const made = [x, y];
          for (const [name, ...places] of steps) {
            const [a, b, c] = places.map((place) => made[place % made.length]!);
            made.push(operations[name]!(a!, b!, c!));
          }
          return made.slice(2);
        };
        const [x, y] = [input(0), input(45)];
        const eager = f(x, y);
        const compiled = compile(f, { build })(x, y);
        expect(compiled.map((each) => bits(flat(each)))).toEqual(eager.map((each) => bits(flat(each))));
      }),
      trials(400),
    );
  },
);

test.each(builds)("a gradient made of exact operations has the same bits in the build %s", (build) => {
  fc.assert(
    fc.property(fc.array(numbers, { minLength: 1, maxLength: 9 }), (values) => {
      const x = tensor(Float64Array.from(values)) as Tensor;
      // Without a sum but the one that ends it, whose cotangents are ones.
      const slope = grad((v: Tensor) => v.mul(v).div(v.add(2)).sub(v.sqrt()).sum() as Tensor);
      expect(bits(flat(compile(slope, { build })(x)))).toEqual(bits(flat(slope(x))));
    }),
    trials(200),
  );
});

test.each(["float32", "float64"] as const)(
  "every length from 1 to 9, and its neighbours of 16 and 64, is computed to its end in %s",
  (dtype) => {
    for (const n of [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65]) {
      const x = tensor(Float64Array.from({ length: n }, (_, i) => i + 1)).cast(dtype) as Tensor;
      const f = compile((v: Tensor) => [v.mul(2).add(1), v.sum() as Tensor, v.max() as Tensor, v.flip()]);
      const [twice, sum, largest, turned] = f(x).map((each) => Array.from(each.data));
      expect(twice).toEqual(Array.from({ length: n }, (_, i) => 2 * (i + 1) + 1));
      expect(sum).toEqual([(n * (n + 1)) / 2]);
      expect(largest).toEqual([n]);
      expect(turned).toEqual(Array.from({ length: n }, (_, i) => n - i));
    }
  },
);

test("a million float32 numbers add up to within a millionth of their sum in float64", () => {
  const n = 1_000_000;
  const values = Float32Array.from({ length: n }, (_, i) => Math.abs(Math.sin(i * 12.9898)) + 0.1);
  const exact = values.reduce((sum, value) => sum + value, 0);
  const total = compile((x: Tensor) => x.sum() as Tensor)(tensor(values) as Tensor).item();
  expect(Math.abs(total - exact) / exact).toBeLessThan(1e-6);
  // A column of a million, added across rows.
  const tall = tensor(values, { shape: [n / 4, 4] }) as Tensor;
  const columns = compile((x: Tensor) => x.sum({ axis: 0 }) as Tensor)(tall).data;
  for (let k = 0; k < 4; k++) {
    let column = 0;
    for (let i = k; i < n; i += 4) column += values[i]!;
    expect(Math.abs(columns[k]! - column) / column).toBeLessThan(1e-6);
  }
});
