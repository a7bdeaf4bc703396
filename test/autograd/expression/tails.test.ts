// Functions that come close to a constant: what is left there is a small difference, and it must be right to the last
// digits, however the function is written and wherever it is computed.

import {
  activation,
  compile,
  type Expression,
  full,
  grad,
  scalar,
  type Tensor,
  tensor,
} from "@adjoint/autograd";
import { gelu } from "@adjoint/nn";
import { describe, expect, test } from "vitest";
import { Expression as Stated } from "../../../packages/autograd/src/expression/expression.ts";
import { simplify } from "../../../packages/autograd/src/expression/simplify.ts";
import { text } from "../../../packages/autograd/src/expression/text.ts";
import { exactValue } from "../../support/exact-value.ts";

const epsilon = { float32: 2 ** -23, float64: 2 ** -52 } as const;
type Float = keyof typeof epsilon;

/**
 * Relative to the exact value. e^(−u²) multiplies a rounding of u by 2u², which is at most 128 at the places below; fewer
 * than eight roundings reach it.
 */
const room = (dtype: Float) => 1024 * epsilon[dtype];

type OfTensor = (x: Tensor) => Tensor;

/** A function of one element on every way to compute it: few elements, many, compiled. */
function everyWay(f: OfTensor, x: number, dtype: Float): [way: string, value: number][] {
  const [few, many] = [tensor([x, x, x], { dtype }) as Tensor, full([4096], x, { dtype }) as Tensor];
  const compiled = compile(f);
  return [
    ["3 elements", f(few).data[2]!],
    ["4096 elements", f(many).data[4095]!],
    ["3 elements, compiled", compiled(few).data[2]!],
    ["4096 elements, compiled", compiled(many).data[4095]!],
  ];
}

function expectClose(value: number, exact: number, dtype: Float, what: string): void {
  expect(Math.abs(value / exact - 1), `${what}: ${value}, and it is ${exact}`).toBeLessThan(room(dtype));
}

// Φ(x) by mpmath, computed to 40 digits.
const distribution = [
  [-3, 0.0013498980316300946],
  [-5.5, 1.8989562465887718e-8],
  [-8, 6.220960574271785e-16],
  [-10, 7.61985302416052e-24],
] as const;

const nth = (f: OfTensor, order: number): OfTensor =>
  order === 0 ? f : (x) => grad((y: Tensor) => nth(f, order - 1)(y).sum())(x);

describe.each(["float32", "float64"] as const)("in %s", (dtype) => {
  test.each([0, 1, 2, 3])("gelu's derivative of order %i is right far below 0", (order) => {
    for (const [x, phi] of distribution) {
      const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
      const exact = [x * phi, phi + x * density, (2 - x * x) * density, (x ** 3 - 4 * x) * density][order]!;
      const f = nth((y) => gelu(y) as Tensor, order);
      for (const [way, value] of everyWay(f, x, dtype)) expectClose(value, exact, dtype, `at ${x}, ${way}`);
    }
  });

  test.each<[string, (x: Expression) => Expression]>([
    ["1 + erf x", (x) => x.erf().add(1)],
    ["1 − erf(−x)", (x) => x.neg().erf().neg().add(1)],
    ["erf(−x) − 1", (x) => x.neg().erf().sub(1)],
    ["½ + ½·erf x", (x) => x.erf().mul(0.5).add(0.5)],
    ["−3 − 3·erf x", (x) => x.erf().mul(-3).sub(3)],
    ["x + x·erf x", (x) => x.add(x.mul(x.erf()))],
    ["x·½ + x·½·erf(x·¾)", (x) => x.mul(0.5).add(x.mul(0.5).mul(x.mul(0.75).erf()))],
    ["x·erfc(−x)", (x) => x.mul(x.neg().erfc())],
    ["2 − erfc x", (x) => x.erfc().neg().add(2)],
    ["log(1 + erf x)", (x) => x.erf().add(1).log()],
    ["1 + tanh x", (x) => x.tanh().add(1)],
    ["1 − tanh(−x)", (x) => x.neg().tanh().neg().add(1)],
    ["½·x·(1 + tanh(x + x³/16))", (x) => x.mul(0.5).mul(x.pow(3).mul(0.0625).add(x).tanh().add(1))],
  ])("%s keeps its digits far below 0, as a number, a scalar and a tensor", (name, statement) => {
    const f = activation(name, statement);
    for (const x of [-0.5, -3, -5.5, -8]) {
      const exact = exactValue(statement(Stated.input(0)), [x])!.value.toNumber();
      const ways = everyWay((y) => f(y) as Tensor, x, dtype);
      ways.push(["number", f(x)], ["scalar", f(scalar(x)).value]);
      for (const [way, value] of ways) expectClose(value, exact, dtype, `at ${x}, ${way}`);
    }
  });

  test("1 − erfc x keeps its digits near 0", () => {
    const statement = (x: Expression) => x.erfc().neg().add(1);
    const f = activation("1 − erfc x", statement);
    for (const x of [1e-30, -1e-8, 0.01]) {
      const exact = exactValue(statement(Stated.input(0)), [x])!.value.toNumber();
      for (const [way, value] of everyWay((y) => f(y) as Tensor, x, dtype))
        expectClose(value, exact, dtype, `at ${x}, ${way}`);
    }
  });

  test("erfc falls to the least number and to 0 after that", () => {
    const [last, beyond, least] =
      dtype === "float32" ? [10.05, 10.06, 2 ** -149] : [27.22, 27.23, 2 ** -1074];
    for (const [way, value] of everyWay((x) => x.erfc(), last, dtype)) expect(value, way).toBe(least);
    for (const [way, value] of everyWay((x) => x.erfc(), beyond, dtype)) expect(value, way).toBe(0);
  });
});

test("what only looks like a complement stays as it is", () => {
  const x = Stated.input(0);
  for (const stated of [
    x.erf().add(2),
    x.erf().mul(0.5).add(1),
    x.erfc().add(1),
    x.erfc().neg().add(0.5),
    x.add(x.erf()),
    x.square().add(x.mul(x.erf())),
    x.tanh().add(-2),
  ]) {
    const used = text(simplify(stated));
    expect(used).toContain(text(stated).includes("tanh") ? "tanh(x)" : text(stated).match(/erfc?\(x\)/)![0]);
  }
});
