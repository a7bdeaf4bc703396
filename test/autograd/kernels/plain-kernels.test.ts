// Until the kernels of large eager operations have arrived in a page, plain loops compute. They are compared with the kernels
// to the bit, on the heap, where both read and write: every function of the vocabulary and its derivatives, products and
// rows, with NaN, infinities, and zeros of both signs among the numbers.

import { describe, expect, test } from "vitest";
import type { DType, TypedArray } from "../../../packages/autograd/src/array/dtype.ts";
import { NDArray } from "../../../packages/autograd/src/array/ndarray.ts";
import {
  type ElementwiseFunction,
  functionOf,
} from "../../../packages/autograd/src/expression/elementwise-function.ts";
import type { Lane, Lanes } from "../../../packages/autograd/src/expression/lanes.ts";
import { vocabulary } from "../../../packages/autograd/src/expression/vocabulary.ts";
import { loopsFor } from "../../../packages/autograd/src/kernels/eager/elements.ts";
import type {
  Combined,
  EagerKernels,
  Kernel,
  ScratchKernel,
} from "../../../packages/autograd/src/kernels/eager/kernels.ts";
import { written } from "../../../packages/autograd/src/kernels/eager/written.ts";
import { bytesOf, heap } from "../../../packages/autograd/src/kernels/heap.ts";
import { type ArrayLane, ArrayLanes } from "../../../packages/autograd/src/kernels/plain/array-lanes.ts";
import { plain } from "../../../packages/autograd/src/kernels/plain.ts";
import { multiplyPlainly } from "../../../packages/autograd/src/primitives/contraction.ts";
import { Dice } from "../../support/tensors.ts";
import { type LaneFunction, run } from "./elementary-support.ts";

const dice = new Dice(7);
const special = [
  NaN,
  Infinity,
  -Infinity,
  0,
  -0,
  1,
  -1,
  0.5,
  -2.5,
  2 ** 24,
  710,
  -750,
  1e5,
  1e-30,
  1e-320,
  3e38,
];
const types: readonly ["float32", "float64"] = ["float32", "float64"];

/** Numbers of all sizes, most of them moderate; one in `every` is special. */
function attacking(n: number, every: number): number[] {
  return Array.from({ length: n }, (_, i) => {
    if (i % every === 0) return special[dice.below(special.length)]!;
    return (dice.fraction() - 0.5) * 10 ** (dice.fraction() * (i % 5 === 0 ? 30 : 3) - 1);
  });
}

/** Runs a kernel on arrays in the heap; returns what it writes. The addresses of the results and of the arrays follow. */
function runOn(
  kernel: Kernel,
  arrays: readonly { readonly dtype: DType; readonly numbers: readonly number[] }[],
  result: { readonly dtype: DType; readonly n: number },
  order: (to: number, from: readonly number[]) => readonly number[],
): TypedArray {
  const place = (n: number) => heap().allocate(8 * n);
  const from = arrays.map(({ dtype, numbers }) => {
    const address = place(numbers.length);
    heap()
      .view(dtype)
      .set(numbers, address / bytesOf[dtype]);
    return address;
  });
  const to = place(result.n);
  const start = to / bytesOf[result.dtype];
  const view = () =>
    heap()
      .view(result.dtype)
      .subarray(start, start + result.n);
  view().fill(0);
  kernel(...order(to, from));
  const got = view().slice();
  for (const address of [...from, to]) heap().free(address);
  return got;
}

function expectSame(got: TypedArray, wanted: TypedArray, what: string): void {
  const place = wanted.findIndex((x, i) => !Object.is(x, got[i]));
  if (place >= 0)
    throw new Error(`${what}: element ${place} is ${got[place]} and by the kernel ${wanted[place]}`);
  expect(got.length, what).toBe(wanted.length);
}

describe("functions of elements", () => {
  /** A function and its first derivatives, as eager operations differentiate it. */
  function* withDerivatives(fn: ElementwiseFunction): Iterable<ElementwiseFunction> {
    yield fn;
    for (let i = 0; i < fn.signature.operands.length; i++) {
      for (const derived of [fn.pushforward([i]), fn.pullback(i)]) if (derived?.fn) yield derived.fn;
    }
  }
  for (const dtype of types) {
    test(`every one of the vocabulary and its derivatives has the kernel's bits in ${dtype}`, () => {
      let compared = 0;
      for (const definition of vocabulary) {
        for (const fn of withDerivatives(functionOf(definition))) {
          // More than go through the body together, and no whole number of vectors.
          const n = 1500;
          const reads = fn.signature.operands.map((kind, i) => ({
            dtype: kind === "bool" ? ("bool" as const) : dtype,
            isStill: i === 1 && compared % 3 === 0,
          }));
          const type = fn.signature.result === "bool" ? "bool" : dtype;
          const loops = loopsFor(fn, type, reads);
          if (loops === null) continue;
          compared++;
          const arrays = reads.map((read) => ({
            dtype: read.dtype,
            numbers: attacking(read.isStill ? 1 : n, 3).map((x) =>
              read.dtype === "bool" ? Number(x > 0) : x,
            ),
          }));
          const by = (kernels: EagerKernels) =>
            runOn(kernels.elements(loops), arrays, { dtype: type, n }, (to, from) => [n, to, ...from]);
          expectSame(by(plain), by(written), `${fn.name} ${dtype}`);
        }
      }
      expect(compared).toBeGreaterThan(100);
    });
  }
});

describe.each([32, 64] as const)("operations on lanes of %d bits", (bits) => {
  const whole =
    (f: (l: Lanes, ...operands: Lane[]) => Lane): LaneFunction =>
    (l, ...operands) =>
      f(l, ...operands.map((operand) => l.asInt(operand)));
  const shifts = bits === 32 ? [0, 1, 23, 31] : [0, 1, 31, 32, 33, 52, 63];
  const operations: Readonly<Record<string, LaneFunction>> = {
    ...Object.fromEntries(
      (["intAdd", "intSub", "intMul", "isEqual", "isNotEqual", "isLess", "isLessEqual"] as const).map(
        (name) => [`${name} of whole numbers`, whole((l, a, b) => l[name](a!, b!))],
      ),
    ),
    ...Object.fromEntries(
      (
        ["and", "or", "xor", "andNot", "isLess", "isLessEqual", "isEqual", "isNotEqual", "lesser"] as const
      ).map((name) => [name, (l, a, b) => l[name](a!, b!)]),
    ),
    ...Object.fromEntries(
      (["shiftLeft", "shiftRight", "shiftRightUnsigned"] as const).flatMap((name) =>
        shifts.map((by) => [`${name} by ${by}`, whole((l, a) => l[name](a!, by))]),
      ),
    ),
    not: (l, a) => l.not(a!),
    toInt: (l, a) => l.toInt(a!),
    "toFloat of whole numbers": (l, a) => l.toFloat(l.toInt(a!)),
    "a pattern": whole((l, a) => l.xor(a!, l.pattern(0xfedc_ba98_7654_3210n))),
    choose: (l, a, b) => l.choose(l.isLess(a!, b!), a!, b!),
    "wide, of floats": (l, a, b) => l.wide((w, x, y) => w.div(w.mul(x!, y!), w.constant(3)), a!, b!),
    "wide, of whole numbers": (l, a) => l.wide((w, x) => w.intAdd(x!, w.pattern(5n)), l.toInt(a!)),
    exceptWhere: (l, a, b) => l.exceptWhere(l.isLess(a!, b!), a!, (x, y) => x / (1 + y), a!, b!),
  };
  const lists = [attacking(120, 4), attacking(120, 5)];

  test.each(Object.entries(operations))("%s has the bits of vectors", (_, operation) => {
    const n = lists[0]!.length;
    const lanes = new ArrayLanes(bits, n);
    const operands = lists.map((list) => {
      const lane = lanes.make("float");
      lane.numbers.set(list);
      return lane;
    });
    const value = operation(lanes, ...operands);
    const got = (value.kind === "mask" ? lanes.and(lanes.constant(1), value) : value) as ArrayLane;
    const vectors = run(operation, { bits, build: "simd" }, lists);
    const wanted = new Int32Array(vectors.buffer, vectors.byteOffset, got.words.length);
    // NaN has many patterns, and is NaN with each.
    const isNaNIn = (words: Int32Array, i: number) =>
      got.kind === "float" &&
      Number.isNaN(
        (bits === 32
          ? new Float32Array(words.slice(i, i + 1).buffer)
          : new Float64Array(words.slice(i - (i % 2), i - (i % 2) + 2).buffer))[0],
      );
    const place = got.words.findIndex(
      (word, i) => word !== wanted[i] && !(isNaNIn(got.words, i) && isNaNIn(wanted, i)),
    );
    expect(place, `${got.words[place]} and by vectors ${wanted[place]}`).toBe(-1);
  });
});

describe("rows", () => {
  const kinds: readonly (readonly [DType, Combined])[] = [
    ...types.flatMap((dtype) =>
      (["total", "accumulate", "largest", "least"] as const).map((combine) => [dtype, combine] as const),
    ),
    ["int32", "largest"],
    ["int32", "least"],
  ];
  test.each(kinds)("of %s elements have the kernel's bits for %s", (dtype, combine) => {
    const [plainly, byCode] = [plain.rows(dtype, combine), written.rows(dtype, combine)];
    for (const length of [1, 2, 3, 4, 7, 8, 15, 16, 17, 31, 33, 64, 100, 256, 1000]) {
      for (const zeros of [true, false]) {
        const rows = 6;
        const numbers = attacking(rows * length, 400).map((x) => {
          if (dtype === "int32") return x | 0;
          // Zeros of both signs, one of which is the extreme.
          return zeros ? [combine === "least" ? 1 : -1, 0, -0][dice.below(3)]! : x;
        });
        const isSum = combine === "total" || combine === "accumulate";
        const result = {
          dtype: isSum ? "float64" : dtype,
          n: combine === "accumulate" ? length : rows,
        } as const;
        const by = (kernel: Kernel) =>
          runOn(kernel, [{ dtype, numbers }], result, (to, [from]) => [rows, length, from!, to]);
        expectSame(by(plainly), by(byCode), `${combine} of ${length} ${zeros ? "zeros" : dtype}`);
      }
    }
  });
});

describe("products", () => {
  const shapes = [
    [1, 70, 3],
    [70, 1, 3],
    [9, 1, 300],
    [1, 1, 65],
    [5, 7, 1],
    [13, 18, 5],
    [30, 23, 300],
  ] as const;
  const layouts = [
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ] as const;
  const products = types.flatMap((dtype) => [false, true].map((gated) => ({ dtype, gated })));
  test.each(products)("of $dtype have the kernel's bits, gated: $gated", ({ dtype, gated }) => {
    const [plainly, byCode] = [plain.product(dtype, gated), written.product(dtype, gated)!];
    for (const [m, n, k] of shapes) {
      for (const [isTurnedA, isTurnedB] of layouts) {
        // Few enough special numbers that most sums are numbers.
        const arrays = [m * k, k * n].map((size) => ({ dtype, numbers: attacking(size, 5 * k + 1) }));
        const [aSteps, bSteps] = [isTurnedA ? [1, m] : [k, 1], isTurnedB ? [1, k] : [n, 1]] as const;
        const by = ({ run, scratch }: ScratchKernel) => {
          const room = heap().allocate(Math.max(64, scratch(m, n, k)));
          const got = runOn(run, arrays, { dtype, n: m * n }, (to, [a, b]) => [
            ...[a!, b!, to, m, n, k, ...aSteps, ...bSteps, room],
          ]);
          heap().free(room);
          return got;
        };
        // Where there is no plain kernel, the primitive's own loops take its place.
        const plainLoops = () => {
          const [a, b] = arrays.map(
            ({ numbers }, which) =>
              new NDArray(
                dtype,
                which === 0 ? [m, k] : [k, n],
                Float64Array.from(numbers),
                which === 0 ? aSteps : bSteps,
              ),
          ) as [NDArray, NDArray];
          return multiplyPlainly(a, b, NDArray.zeros(dtype, [m, n]), gated).data;
        };
        expectSame(plainly === null ? plainLoops() : by(plainly), by(byCode), `[${m}, ${k}]·[${k}, ${n}]`);
      }
    }
  });
});
