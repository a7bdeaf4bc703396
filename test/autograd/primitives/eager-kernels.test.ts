// Large eager operations run through kernels. What they give is compared with the plain loops that small ones run
// through: every function of the vocabulary, products and sums, however operands lie, at the borders of pieces and parts.

import { compile, definePrimitive, normal, ones, randomKey, type Tensor, tensor } from "@adjoint/autograd";
import { describe, expect, test } from "vitest";
import type { DType, TypedArray } from "../../../packages/autograd/src/array/dtype.ts";
import { NDArray } from "../../../packages/autograd/src/array/ndarray.ts";
import type { Atom } from "../../../packages/autograd/src/expression/atoms/atom.ts";
import {
  type ElementwiseFunction,
  functionOf,
} from "../../../packages/autograd/src/expression/elementwise-function.ts";
import { inOrder } from "../../../packages/autograd/src/expression/expression.ts";
import { lanesOf } from "../../../packages/autograd/src/expression/lanes/table.ts";
import { vocabulary } from "../../../packages/autograd/src/expression/vocabulary.ts";
import {
  elementsByKernel,
  LEAST_ELEMENTS,
  PIECE,
} from "../../../packages/autograd/src/kernels/eager/elements.ts";
import { extremesByKernel } from "../../../packages/autograd/src/kernels/eager/extremes.ts";
import { type Matrix, productByKernel } from "../../../packages/autograd/src/kernels/eager/product.ts";
import { sumsByKernel } from "../../../packages/autograd/src/kernels/eager/sums.ts";
import { heap } from "../../../packages/autograd/src/kernels/heap.ts";
import {
  gatedMatmul,
  matmul,
  multiplyPlainly,
} from "../../../packages/autograd/src/primitives/contraction.ts";
import { map, mapPlainly } from "../../../packages/autograd/src/primitives/map.ts";
import { castArray, sumPlainly, sumTo } from "../../../packages/autograd/src/primitives/movement.ts";
import { max, min } from "../../../packages/autograd/src/primitives/selection.ts";
import { evaluateOne } from "../../support/primitives.ts";
import { scaleOf } from "../../support/running-error.ts";
import { Dice } from "../../support/tensors.ts";

type Float = "float32" | "float64";
const floats: readonly Float[] = ["float32", "float64"];
const unit = { float32: 2 ** -24, float64: 2 ** -53 };
const dice = new Dice(1);
const special = [NaN, Infinity, -Infinity, 0, -0, 1, -1, 0.5, 2, 710, -750, 1e5, 1e-30, 3e38];

function filled(dtype: DType, shape: readonly number[], value: (place: number) => number): NDArray {
  const array = NDArray.zeros(dtype, shape);
  for (let i = 0; i < array.size; i++) array.buffer[i] = value(i);
  return array;
}

const fraction = () => dice.fraction() + dice.fraction() + dice.fraction() + dice.fraction() - 2;
const random = (dtype: Float, shape: readonly number[]) => filled(dtype, shape, () => 3 * fraction());

/** Special values in all pairs at the front and around the border of pieces, the rest random. */
const attacking = (dtype: DType, size: number, operand: number): NDArray =>
  filled(dtype, [size], (i) => {
    const at = i >= PIECE - 100 ? i - (PIECE - 100) : i;
    const which = Math.floor(at / special.length ** operand) % special.length;
    const value = at < special.length ** 3 && at >= 0 && i % 7 !== 3 ? special[which]! : 5 * fraction();
    return dtype === "bool" ? Number(value > 0) : value;
  });

/**
 * Expects numbers to differ by a few units in the last place at most, of themselves or of what size they are given by
 * place; special values to be the same.
 */
function expectClose(
  got: TypedArray,
  wanted: TypedArray,
  dtype: DType,
  what: string,
  sizeAt: (place: number, value: number) => number = (_, value) => Math.abs(value),
): void {
  expect(got.constructor, what).toBe(wanted.constructor);
  expect(got.length, what).toBe(wanted.length);
  const u = dtype === "float32" ? 2 ** -24 : 2 ** -53;
  const least = dtype === "float32" ? 2 ** -149 : 2 ** -1074;
  for (let i = 0; i < got.length; i++) {
    const [x, y] = [got[i]!, wanted[i]!];
    if (Object.is(x, y)) continue;
    // Functions are within 2 units of the last place, in lanes as in Math, and 2u·|y| is at least one unit.
    if (Math.abs(x - y) <= 8 * u * sizeAt(i, y) + 4 * least) continue;
    throw new Error(`${what}: element ${i} is ${x} and by plain loops ${y}`);
  }
}

function expectSame(got: TypedArray, wanted: TypedArray, what: string): void {
  const different = got.findIndex((x, i) => !Object.is(x, wanted[i]));
  if (different >= 0)
    throw new Error(`${what}: element ${different} is ${got[different]}, not ${wanted[different]}`);
  expect(got.length).toBe(wanted.length);
}

function operandsFor(fn: ElementwiseFunction, dtype: Float, size: number): NDArray[] {
  return fn.signature.operands.map((kind, i) => attacking(kind === "bool" ? "bool" : dtype, size, i));
}

const resultOf = (fn: ElementwiseFunction, dtype: Float): DType =>
  fn.signature.result === "bool" ? "bool" : dtype;

describe("functions of elements", () => {
  for (const dtype of floats) {
    test(`every function of the vocabulary, ${dtype}`, () => {
      const size = PIECE + 3001;
      for (const definition of vocabulary) {
        const fn = functionOf(definition);
        const inputs = operandsFor(fn, dtype, size);
        const output = { shape: [size], dtype: resultOf(fn, dtype) };
        const got = elementsByKernel(fn, inputs, output.dtype, output.shape);
        // Where a value would be called lane by lane, plain loops call it for less.
        const hasLanes = inOrder(fn.expression).every(
          ({ atom }) => atom === null || lanesOf(atom) !== undefined,
        );
        expect(got !== null, fn.name).toBe(hasLanes);
        if (!hasLanes) continue;
        const sizeAmong = (arrays: readonly NDArray[]) => {
          const operands = arrays.map(({ data }) => data);
          return (place: number, value: number) => {
            const at = operands.map((operand) => operand[place]!);
            return at.every(Number.isFinite) ? scaleOf(fn.name, value, at) : Math.abs(value);
          };
        };
        const plain = mapPlainly(fn, inputs, output).buffer;
        expectClose(got!.buffer, plain, dtype, fn.name, sizeAmong(inputs));
        if (inputs.length === 1) continue;
        // The others the same everywhere.
        const still = inputs.map((input, i) => (i === 0 ? input : input.view([size], [0], 17)));
        const repeated = evaluateOne(map, still, { fn }, output).buffer;
        const plainly = mapPlainly(fn, still, output).buffer;
        expectClose(repeated, plainly, dtype, `${fn.name} with one number`, sizeAmong(still));
      }
    });

    test(`sizes around the borders, ${dtype}`, () => {
      for (const name of ["tanh", "sub", "select", "less"]) {
        const fn = functionOf(vocabulary.find((each) => each.name === name)!);
        const resultType = resultOf(fn, dtype);
        for (const size of [
          LEAST_ELEMENTS,
          LEAST_ELEMENTS + 1,
          PIECE - 1,
          PIECE,
          PIECE + 1,
          2 * PIECE,
          2 * PIECE + 3,
        ]) {
          const inputs = operandsFor(fn, dtype, size);
          const output = { shape: [size], dtype: resultType };
          const got = elementsByKernel(fn, inputs, resultType, [size])!;
          expectClose(got.buffer, mapPlainly(fn, inputs, output).buffer, dtype, `${name} of ${size}`);
        }
        const few = LEAST_ELEMENTS - 1;
        expect(elementsByKernel(fn, operandsFor(fn, dtype, few), resultType, [few])).toBeNull();
      }
    });

    test(`views, ${dtype}`, () => {
      const fn = functionOf(vocabulary.find(({ name }) => name === "div")!);
      for (const [rows, columns] of [
        [90, 70],
        [3, 40_000],
        [9_000, 5],
        [257, 131],
      ] as const) {
        const shape = [rows, columns];
        const base = random(dtype, [2 * rows * columns + 7]);
        const views = {
          contiguous: base.view(shape, [columns, 1], 3),
          transposed: base.view(shape, [1, rows], 5),
          sliced: base.view(shape, [2 * columns, 2], 0),
          flipped: base.view(shape, [-columns, -1], rows * columns),
          rowRepeated: base.view(shape, [0, 1], 2),
          columnRepeated: base.view(shape, [1, 0], 2),
          still: base.view(shape, [0, 0], 4),
        };
        for (const [name, view] of Object.entries(views)) {
          const other = views.contiguous;
          const got = elementsByKernel(fn, [view, other], dtype, shape)!;
          const plain = mapPlainly(fn, [view, other], { shape, dtype });
          expectSame(got.buffer, plain.buffer, `${name}, ${shape}`);
        }
      }
    });
  }

  test("the numbers don't depend on how operands lie, nor on what ran before", () => {
    const fn = functionOf(vocabulary.find(({ name }) => name === "tanh")!);
    const x = random("float64", [80, 90]);
    const transposed = x.view([90, 80], [1, 90]);
    const first = elementsByKernel(fn, [transposed], "float64", [90, 80])!.buffer;
    const whole = NDArray.zeros("float64", [90, 80]);
    for (let i = 0; i < 90; i++)
      for (let j = 0; j < 80; j++) whole.buffer[i * 80 + j] = x.buffer[j * 90 + i]!;
    expectSame(elementsByKernel(fn, [whole], "float64", [90, 80])!.buffer, first, "copied");
    expectSame(elementsByKernel(fn, [transposed], "float64", [90, 80])!.buffer, first, "again");
  });

  test("whole numbers, and a user's function without lanes, are left to plain loops", () => {
    const fn = functionOf(vocabulary.find(({ name }) => name === "add")!);
    const whole = filled("int32", [LEAST_ELEMENTS], (i) => i);
    expect(elementsByKernel(fn, [whole, whole], "int32", [LEAST_ELEMENTS])).toBeNull();
    const own: Atom<1, "same"> = {
      name: "own",
      arity: 1,
      result: "same",
      operands: "float",
      value: (x) => x + 1,
      partials: [() => 1],
    };
    const x = random("float32", [LEAST_ELEMENTS]);
    const unknown = functionOf(own as unknown as Parameters<typeof functionOf>[0]);
    expect(elementsByKernel(unknown, [x], "float32", [LEAST_ELEMENTS])).toBeNull();
  });
});

/** A matrix of numbers, some of them special, in one of several ways of lying in memory. */
function matrix(dtype: Float, rows: number, columns: number, way: string, hasSpecial: boolean): NDArray {
  const shape = [rows, columns];
  const base = filled(dtype, [6 * rows * columns + 8], () => {
    if (hasSpecial && dice.below(40) === 0) return [0, 0, 0, Infinity, NaN][dice.below(5)]!;
    return fraction();
  });
  switch (way) {
    case "transposed":
      return base.view(shape, [1, rows], 3);
    case "flipped":
      return base.view(shape, [columns, -1], columns + 2);
    case "upside down":
      return base.view(shape, [-columns, 1], rows * columns);
    case "sparse":
      return base.view(shape, [3 * columns, 3], 1);
    case "row repeated":
      return base.view(shape, [0, 1], 1);
    case "column repeated":
      return base.view(shape, [1, 0], 1);
    default:
      return base.view(shape, [columns, 1], 4);
  }
}

const ways = ["plain", "transposed", "flipped", "upside down", "sparse", "row repeated", "column repeated"];

const element = (array: NDArray, ...index: number[]) =>
  array.buffer[index.reduce((sum, i, axis) => sum + i * array.strides[axis]!, array.offset)]!;

/** Expects a product to be the plain loops': float64 bit for bit, float32 within what its rounding after each step allows. */
function expectProduct(got: NDArray, a: NDArray, b: NDArray, gated: boolean, what: string): void {
  const dtype = got.dtype as Float;
  const wanted = multiplyPlainly(a, b, NDArray.zeros(dtype, got.shape), gated);
  if (dtype === "float64") {
    expectSame(got.buffer, wanted.buffer, what);
    return;
  }
  const [m, k, n] = [a.shape.at(-2)!, a.shape.at(-1)!, b.shape.at(-1)!];
  for (let place = 0; place < got.size; place++) {
    const [x, y] = [got.buffer[place]!, wanted.buffer[place]!];
    if (Object.is(x, y)) continue;
    const batch = got.shape.length > 2 ? [Math.floor(place / (m * n))] : [];
    const [row, column] = [Math.floor(place / n) % m, place % n];
    // A term is rounded once as a product and once with each sum that it is in, k − 1 at most; the plain result once.
    let size = 0;
    for (let i = 0; i < k; i++) {
      const term = Math.abs(element(a, ...batch, row, i) * element(b, ...batch, i, column));
      if (!(gated && Number.isNaN(term))) size += term;
    }
    if (!(Math.abs(x - y) <= 1.01 * (k + 1) * unit.float32 * size))
      throw new Error(`${what}: element ${place} is ${x} and by plain loops ${y}`);
  }
}

describe("products", () => {
  for (const dtype of floats) {
    test(`sizes around the threshold and far from square, ${dtype}`, () => {
      const sizes = [
        [15, 16, 16],
        [16, 16, 16],
        [17, 16, 17],
        [1, 64, 80],
        [80, 64, 1],
        [1, 5000, 1],
        [2, 3000, 3],
        [61, 1, 70],
        [130, 33, 45],
        [5, 300, 530],
      ];
      for (const [m, k, n] of sizes as [number, number, number][]) {
        const [a, b] = [random(dtype, [m, k]), random(dtype, [k, n])];
        const got = evaluateOne(matmul, [a, b], null, { shape: [m, n], dtype });
        expectProduct(got, a, b, false, `${m}×${k} · ${k}×${n}`);
      }
    });

    test(`however operands lie, plain and gated, ${dtype}`, () => {
      for (const left of ways) {
        for (const right of ways) {
          const [m, k, n] = [10 + dice.below(20), 20 + dice.below(20), 25 + dice.below(20)];
          for (const gated of [false, true]) {
            const [a, b] = [matrix(dtype, m, k, left, gated), matrix(dtype, k, n, right, gated)];
            const got = evaluateOne(gated ? gatedMatmul : matmul, [a, b], null, { shape: [m, n], dtype });
            expectProduct(got, a, b, gated, `${left} · ${right}${gated ? ", gated" : ""}`);
          }
        }
      }
    });

    test(`batches, a batch that repeats among them, ${dtype}`, () => {
      const [batch, m, k, n] = [3, 18, 19, 20];
      const a = random(dtype, [batch, m, k]);
      const b = random(dtype, [k, n]).view([batch, k, n], [0, n, 1]);
      const c = random(dtype, [batch, n, k]).view([batch, k, n], [n * k, 1, k]);
      for (const right of [b, c]) {
        for (const primitive of [matmul, gatedMatmul]) {
          const got = evaluateOne(primitive, [a, right], null, { shape: [batch, m, n], dtype });
          expectProduct(got, a, right, primitive === gatedMatmul, `batch, ${primitive.name}`);
        }
      }
    });

    test(`in parts, ${dtype}`, () => {
      const [m, k, n] = [23, 31, 37];
      for (const way of ways) {
        for (const largest of [1, 100, 400, 1000]) {
          const [a, b] = [matrix(dtype, m, k, way, true), matrix(dtype, k, n, way, true)];
          const c = NDArray.zeros(dtype, [m, n]);
          const as = (array: NDArray): Matrix => ({
            data: array.buffer,
            start: array.offset,
            rows: array.shape[0]!,
            columns: array.shape[1]!,
            rowStep: array.strides[0]!,
            columnStep: array.strides[1]!,
          });
          expect(productByKernel(dtype, true, as(a), as(b), as(c), largest)).toBe(true);
          expectProduct(c, a, b, true, `${way} in parts of ${largest}`);
        }
      }
    });
  }
});

describe("sums", () => {
  const cases = [
    [[LEAST_ELEMENTS], []],
    [[PIECE], []],
    [[5 * PIECE + 1000], []],
    [
      [2, PIECE + 1],
      [2, 1],
    ],
    [
      [70, 257],
      [70, 1],
    ],
    [
      [1000, 10],
      [1000, 1],
    ],
    [
      [6000, 1],
      [1, 1],
    ],
    [[1000, 10], [10]],
    [
      [300, 300],
      [1, 300],
    ],
    [[3, 30_000], [30_000]],
    [
      [7, 40, 50],
      [7, 1, 50],
    ],
    [[7, 40, 50], [50]],
    [
      [7, 40, 50],
      [7, 1, 1],
    ],
  ] as const;
  for (const dtype of floats) {
    test(`against plain loops, ${dtype}`, () => {
      for (const [from, to] of cases) {
        const x = random(dtype, from);
        const sums = sumsByKernel(x, to)!;
        expect(sums, `${from} to ${to}`).not.toBeNull();
        const got = castArray(sums, dtype).buffer;
        const wanted = sumPlainly(x, to).buffer;
        // Both are sums in float64, of blocks of 256 and then in halves.
        const size = sumPlainly(
          filled("float64", from, (i) => Math.abs(x.buffer[i]!)),
          to,
        ).buffer;
        got.forEach((value, i) => {
          const bound = 2 * (256 + 16) * unit.float64 * size[i]! + 2 * unit[dtype] * Math.abs(wanted[i]!);
          if (!(Math.abs(value - wanted[i]!) <= bound))
            throw new Error(`${from} to ${to}: sum ${i} is ${value} and by plain loops ${wanted[i]}`);
        });
        expectSame(evaluateOne(sumTo, [x], { shape: to }, { shape: to, dtype }).buffer, got, "by sumTo");
      }
    });

    test(`views, infinity and NaN, ${dtype}`, () => {
      const x = random(dtype, [120, 90]);
      x.buffer[777] = NaN;
      x.buffer[1234] = Infinity;
      const whole = NDArray.zeros(dtype, [90, 120]);
      for (let i = 0; i < 90; i++)
        for (let j = 0; j < 120; j++) whole.buffer[i * 120 + j] = x.buffer[j * 90 + i]!;
      for (const to of [[], [90, 1], [120]]) {
        const got = sumsByKernel(x.view([90, 120], [1, 90]), to)!.buffer;
        expectSame(got, sumsByKernel(whole, to)!.buffer, `transposed to [${to}]`);
        expect(got.some(Number.isNaN)).toBe(true);
      }
    });
  }

  test("over two runs of axes, too many at once, and of whole numbers, are left to plain loops", () => {
    expect(sumsByKernel(NDArray.filled("float32", [2, 2 ** 18 + 1], 1), [2 ** 18 + 1])).toBeNull();
    expect(sumsByKernel(random("float32", [20, 20, 20]), [1, 20, 1])).toBeNull();
    const counts = filled("int32", [LEAST_ELEMENTS], (i) => i);
    expect(sumsByKernel(counts, [])).toBeNull();
  });
});

test("operations inside a compiled program's own steps don't disturb it", () => {
  const squashed = definePrimitive({
    name: "squashed",
    shape: ([shape]) => shape!,
    value([x], out) {
      const values = tensor(Array.from(x!.data), { dtype: "float64" }) as Tensor;
      out.set(values.tanh().add(1).data as Float64Array);
    },
  });
  const f = (x: Tensor) => squashed(x.mul(2)).add(x).mul(x.exp());
  const x = normal(randomKey(3), [5000], { dtype: "float64" }) as Tensor;
  const compiled = compile(f);
  expectClose(compiled(x).data as Float64Array, f(x).data as Float64Array, "float64", "compiled");
});

/** Array buffers are given back a while after what held them. */
async function collect(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc!();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test("ten thousand large operations leave memory flat", async () => {
  const x = normal(randomKey(1), [64, 64]) as Tensor;
  const w = ones([64, 64]) as Tensor;
  const step = () =>
    x
      .tanh()
      .matmul(w as never)
      .add(1)
      .sum();
  for (let i = 0; i < 200; i++) step();
  await collect();
  const [before, used, size] = [process.memoryUsage(), heap().used, heap().memory.buffer.byteLength];
  for (let i = 0; i < 2500; i++) step();
  await collect();
  const after = process.memoryUsage();
  expect(heap().used).toBe(used);
  expect(heap().memory.buffer.byteLength).toBe(size);
  expect(after.heapUsed - before.heapUsed).toBeLessThan(1_000_000);
  expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(1_000_000);
});

describe("extremes", () => {
  const extremeOf = { max, min };
  for (const dtype of ["float32", "float64", "int32"] as const) {
    test.each(["max", "min"] as const)(`%s of rows of any length, ${dtype}`, (name) => {
      const shapes: [number[], number[]][] = [
        [[LEAST_ELEMENTS], [0]],
        [[2 * PIECE + 5], [0]],
        [[3, PIECE + 1], [1]],
        [[1500, 7], [1]],
        [[7, 1500], [0]],
        [
          [9, 40, 31],
          [0, 2],
        ],
        [[1030, 4], [1]],
      ];
      // Rows on one side of 0, too: their extreme is none of the numbers that a search might start from.
      const sides: ((value: number) => number)[] = [
        (value) => value,
        (value) => Math.min(value, -1),
        (value) => Math.max(value, 1),
      ];
      for (const [[shape, axes], side] of shapes.flatMap((each) =>
        sides.map((side) => [each, side] as const),
      )) {
        const special =
          dtype === "int32" ? [2 ** 31 - 1, -(2 ** 31), 0, -1] : [Infinity, -Infinity, 0, 1e-40];
        // Adding 0 makes +0 of −0: which of two zeros of different signs is found depends on the way through them.
        const x = filled(dtype, shape, () =>
          side(dice.below(20) === 0 ? special[dice.below(4)]! : Math.trunc(1000 * fraction()) + 0),
        );
        // Some rows have a NaN, which they may not hide; most have none.
        if (dtype !== "int32") for (const at of [5, 2077, 3000]) x.buffer[at] = NaN;
        const output = { shape: shape.map((n, k) => (axes.includes(k) ? 1 : n)), dtype };
        const found = evaluateOne(extremeOf[name], [x], { axes }, output);
        const wanted = filled(dtype, output.shape, () => (name === "max" ? -Infinity : Infinity));
        if (dtype === "int32") wanted.buffer.fill(name === "max" ? -(2 ** 31) : 2 ** 31 - 1);
        const target = wanted.view(
          shape,
          wanted.strides.map((step, k) => (axes.includes(k) ? 0 : step)),
        );
        const step = (place: number, strides: readonly number[]) =>
          shape.reduceRight(
            ([sum, rest], n, k): [number, number] => [sum + (rest % n) * strides[k]!, Math.floor(rest / n)],
            [0, place] as [number, number],
          )[0];
        for (let i = 0; i < x.size; i++) {
          const at = step(i, target.strides);
          wanted.buffer[at] = Math[name](wanted.buffer[at]!, x.buffer[i]!);
        }
        expectSame(found.buffer, wanted.buffer, `${name} of [${shape}] over [${axes}]`);
      }
    });
  }

  test("are found by kernels in large arrays, and by plain loops in short rows and small ones", () => {
    const rows = (n: number, length: number) => filled("float32", [n, length], () => fraction());
    const to = new Float32Array(5000);
    expect(extremesByKernel(rows(1024, 4), 4, "largest", to)).toBe(true);
    expect(extremesByKernel(rows(1023, 4), 4, "largest", to)).toBe(false);
    expect(extremesByKernel(rows(4096, 3), 3, "largest", to)).toBe(false);
  });
});
