// Arithmetic on int32 elements is modulo 2³², as that of the machine is: in methods, inside activations, in products over
// axes, with numbers, at every size, compiled and without code. The oracle computes with whole numbers of any length.

import { type Activation, activation, compile, type Tensor, tensor } from "@adjoint/autograd";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { interpreter } from "../../../packages/autograd/src/expression/to-function.ts";
import { LEAST_ELEMENTS } from "../../../packages/autograd/src/kernels/eager/elements.ts";
import { trials } from "../../support/runs.ts";

const int32 = (values: readonly number[]) => tensor([...values], { dtype: "int32" }) as Tensor;
const wrapped = (value: bigint) => Number(BigInt.asIntN(32, value));
const numbers = (x: Tensor) => Array.from(x.data);

const extreme = [2147483647, -2147483648, 2147483646, 65536, 65537, -46341, 46341, 3, 1, 0, -1];
const elements = fc.oneof(fc.constantFrom(...extreme), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }));

const operations: Readonly<
  Record<string, readonly [(a: Tensor, b: Tensor) => Tensor, (a: bigint, b: bigint) => bigint]>
> = {
  "a + b": [(a, b) => a.add(b), (a, b) => a + b],
  "a − b": [(a, b) => a.sub(b), (a, b) => a - b],
  a·b: [(a, b) => a.mul(b), (a, b) => a * b],
  "a²": [(a) => a.square(), (a) => a * a],
  "−a": [(a) => a.neg(), (a) => -a],
  "|a|": [(a) => a.abs(), (a) => (a < 0n ? -a : a)],
  "the larger of a and b": [(a, b) => a.maximum(b), (a, b) => (a - b > 0n ? a : b)],
  "a·a·b − b": [(a, b) => a.mul(a).mul(b).sub(b), (a, b) => a * a * b - b],
  "a·1103515245 + 12345": [(a) => a.mul(1103515245).add(12345), (a) => a * 1103515245n + 12345n],
};

describe.each(Object.entries(operations))("%s", (_, [f, exact]) => {
  const results = (a: readonly number[], b: readonly number[]) =>
    a.map((x, i) => wrapped(exact(BigInt(x), BigInt(b[i]!))));

  test("is exact modulo 2³² at random and extreme numbers, eagerly and compiled", () => {
    const run = compile(f);
    fc.assert(
      fc.property(fc.array(fc.tuple(elements, elements), { minLength: 7, maxLength: 7 }), (pairs) => {
        const [a, b] = [pairs.map(([x]) => x), pairs.map(([, y]) => y)];
        expect(numbers(f(int32(a), int32(b)))).toEqual(results(a, b));
        expect(numbers(run(int32(a), int32(b)) as Tensor)).toEqual(results(a, b));
      }),
      trials(100),
    );
  });

  test("is the same for many elements", () => {
    const n = LEAST_ELEMENTS + 3;
    const a = Array.from({ length: n }, (_, i) => Math.imul(i + 1, 0x9e3779b1));
    const b = Array.from({ length: n }, (_, i) => Math.imul(i + 7, 0x85ebca6b));
    expect(numbers(f(int32(a), int32(b)))).toEqual(results(a, b));
    expect(numbers(compile(f)(int32(a), int32(b)) as Tensor)).toEqual(results(a, b));
  });
});

const activations: readonly (readonly [Activation, (x: bigint) => bigint])[] = [
  [activation("cube", (x) => x.mul(x).mul(x)), (x) => x ** 3n],
  [activation("fourth power", (x) => x.square().square()), (x) => x ** 4n],
  [activation("power two", (x) => x.pow(2).add(1)), (x) => x ** 2n + 1n],
  [activation("scaled twice", (x) => x.mul(2147483647).mul(2147483647)), (x) => x * 2147483647n ** 2n],
  // The sum has wrapped round before it is compared.
  [
    activation("next, or zero", (x) => x.add(1).greater(x).select(x.add(1), 0)),
    (x) => (wrapped(x + 1n) > x ? x + 1n : 0n),
  ],
];

describe.each(activations)("%s", (phi, exact) => {
  test("wraps round at every step inside, eagerly, compiled and without code", () => {
    const wanted = extreme.map((x) => wrapped(exact(BigInt(x))));
    expect(numbers(phi(int32(extreme)))).toEqual(wanted);
    expect(numbers(compile((x: Tensor) => phi(x) as Tensor)(int32(extreme)) as Tensor)).toEqual(wanted);
    expect(extreme.map((x) => interpreter(phi.expression, "int32")(x))).toEqual(wanted);
  });
});

test("a product over an axis wraps round", () => {
  const rows = [extreme.slice(0, 3), [65536, 65536, 3], [46341, 46341, 46341]];
  const x = tensor(rows, { dtype: "int32" }) as Tensor;
  const wanted = rows.map((row) => wrapped(row.reduce((product, each) => product * BigInt(each), 1n)));
  const product = (y: Tensor) => y.prod({ axis: 1 }) as Tensor;
  expect(numbers(product(x))).toEqual(wanted);
  expect(numbers(compile(product)(x) as Tensor)).toEqual(wanted);
});

describe("a constant that is no int32", () => {
  const cases: readonly (readonly [string, Activation])[] = [
    ["0.5", activation("half", (x) => x.mul(0.5))],
    ["0.5", activation("above a half", (x) => x.greater(0.5).select(x, 0))],
    ["-1.5", activation("leaky", (x) => x.greater(0).select(x, -1.5))],
    ["3000000000", activation("far", (x) => x.add(3e9))],
    ["Infinity", activation("bounded", (x) => x.minimum(Infinity))],
    ["NaN", activation("not a number", (x) => x.greater(0).select(x, NaN))],
  ];
  test.each(cases)("%s in an activation is refused, as the method refuses it", (constant, phi) => {
    const message = new RegExp(
      `${phi.name}: ${constant.replace(".", "\\.")} is no int32.*whole numbers.*cast`,
    );
    const f = (x: Tensor) => phi(x) as Tensor;
    expect(() => f(int32([1, 2]))).toThrow(message);
    expect(() => compile(f)(int32([1, 2]))).toThrow(message);
    expect(() => int32([1]).mul(0.5)).toThrow(/mul: 0\.5 is not whole/);
    // On floats it is a constant like others.
    expect(() => f(tensor([1, 2]) as Tensor)).not.toThrow();
  });

  test("is welcome where it is whole", () => {
    const f = activation("whole constants", (x) => x.greater(0).select(2, -3));
    expect(numbers(f(int32([5, -5])))).toEqual([2, -3]);
  });
});
