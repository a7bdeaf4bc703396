// An expression on float32 elements has one meaning: every atom's result is a float32 number, for few elements and for many,
// eagerly and compiled, with code made at run time and without. Where the formula overflows on the way, it does so in all.

import { type Activation, activation, compile, full, grad, type Tensor, tensor } from "@adjoint/autograd";
import { describe, expect, test } from "vitest";
import { interpreter } from "../../../packages/autograd/src/expression/to-function.ts";
import { LEAST_ELEMENTS } from "../../../packages/autograd/src/kernels/eager/elements.ts";

const few = 8;
const many = LEAST_ELEMENTS;

/** Steps that leave float32 and stay in float64, with the float32 value of the formula, by hand. */
const overflowing: readonly (readonly [Activation, number, number])[] = [
  // e^89.2 is 5.5·10³⁸, and the largest float32 3.4·10³⁸.
  [activation("sinh by exponentials", (x) => x.exp().sub(x.neg().exp()).mul(0.5)), 89.2, Infinity],
  [activation("root of a square", (x) => x.square().add(1).sqrt()), 1e25, Infinity],
  [activation("ratio of exponentials", (x) => x.exp().div(x.exp().add(x.neg().exp()))), 100, NaN],
  [activation("quotient of products", (x) => x.mul(1e20).div(x.square().mul(x))), 1e13, 0],
  // 10⁻³⁰ squared is below the least float32, 1.4·10⁻⁴⁵.
  [activation("square that vanishes", (x) => x.square().sqrt()), 1e-30, 0],
  // 10⁸ + 1 is 10⁸ in float32.
  [activation("one that is lost", (x) => x.add(1).sub(x)), 1e8, 0],
];

/** The numbers of all ways to run f on elements that are all x. */
function everyWay(f: (y: Tensor) => Tensor, x: number): Record<string, number> {
  const first = (y: Tensor) => y.data[0]! + 0;
  return {
    few: first(f(full([few], x) as Tensor)),
    many: first(f(full([many], x) as Tensor)),
    "few, compiled": first(compile(f)(full([few], x) as Tensor)),
    "many, compiled": first(compile(f)(full([many], x) as Tensor)),
  };
}

const slopeOf = (f: (y: Tensor) => Tensor) =>
  grad((y: Tensor) => f(y).sum() as Tensor) as (y: Tensor) => Tensor;

describe.each(overflowing)("%s at %d", (phi, x, value) => {
  const f = (y: Tensor) => phi(y) as Tensor;

  test("has the value of float32 steps, however it is run", () => {
    for (const [way, got] of Object.entries(everyWay(f, x))) expect(got, way).toBe(value);
    expect(interpreter(phi.expression, "float32")(Math.fround(x)) + 0, "without code").toBe(value);
  });

  test("has one derivative and one second derivative, however it is run", () => {
    for (const g of [slopeOf(f), slopeOf(slopeOf(f))]) {
      const { few: wanted, ...others } = everyWay(g, x);
      for (const [way, got] of Object.entries(others)) {
        // Two units in the last place for each of at most eight functions on the way.
        if (Number.isFinite(wanted))
          expect(Math.abs(got - wanted!), way).toBeLessThanOrEqual(16 * 2 ** -23 * Math.abs(wanted!));
        else expect(got, way).toBe(wanted);
      }
    }
  });

  test("keeps float64 steps in float64 and on numbers", () => {
    const at = tensor([x], { dtype: "float64" }) as Tensor;
    expect(f(at).data[0]).toBe(phi(x));
  });
});

test("the rule of an operation of its own overflows alike, however it is run", () => {
  const rule = slopeOf((z) => z.reciprocal().mul(1e-20) as Tensor);
  // y = 10²⁵, y² = ∞ in float32.
  for (const [way, got] of Object.entries(everyWay(rule, 1e-25))) expect(got, way).toBe(-Infinity);
  const quotient = slopeOf((z) => (z.mul(0).add(1e-20) as Tensor).div(z) as Tensor);
  const { few: wanted, ...others } = everyWay(quotient, 1e-25);
  for (const [way, got] of Object.entries(others)) expect(got, way).toBe(wanted);
});

test("constants are float32 numbers in an expression on float32 elements", () => {
  const f = activation("a tenth more", (x) => x.sub(0.1));
  for (const [way, got] of Object.entries(everyWay((y) => f(y) as Tensor, Math.fround(0.1))))
    expect(got, way).toBe(0);
});

test("a truth value between numbers has no type of its own", () => {
  const f = activation("where the square is infinite", (x) => x.square().less(Infinity).select(x, 0));
  for (const [way, got] of Object.entries(everyWay((y) => f(y) as Tensor, 1e25))) expect(got, way).toBe(0);
});
