// What is computed in one pass may be more than one function of WebAssembly holds: any number of reductions, chains of
// thousands of functions, one function of thousands of operations.

import { activation, compile, normal, randomKey, type Tensor } from "@adjoint/autograd";
import { describe, expect, test } from "vitest";
import { flat } from "./uncertainty.ts";

const numbers = (shape: readonly number[], dtype: "float32" | "float64" = "float64") =>
  normal(randomKey(1), shape as number[], { dtype }) as Tensor;

/** Whether a compiled function gives what the function does, up to so many roundings of its results. */
function agrees(f: (x: Tensor) => Tensor | Tensor[], x: Tensor, roundings: number): void {
  const [found, expected] = [flat(compile(f)(x)), flat(f(x))];
  const unit = x.dtype === "float32" ? 2 ** -23 : 2 ** -52;
  expect(found.length).toBe(expected.length);
  found.forEach((value, i) => {
    expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(roundings * unit * Math.abs(expected[i]!));
  });
}

describe("reductions of one value", () => {
  test.each([31, 32, 33, 65, 300])("are all right where there are %i", (count) => {
    // Positive terms, each rounded a few times: a sum of 7 or 35 of them is off by no more than as many roundings.
    agrees(
      (x) => {
        const y = x.square().add(1) as Tensor;
        const sums = Array.from({ length: count }, (_, i) => y.mul(i + 1).sum({ axis: 1 }) as Tensor);
        return [...sums, y.add(0.5).sum() as Tensor, y.max() as Tensor];
      },
      numbers([5, 7]),
      40,
    );
  });
});

const times = (count: number, step: (x: Tensor) => Tensor) => (x: Tensor) => {
  let y = x;
  for (let i = 0; i < count; i++) y = step(y);
  return y;
};

describe("a chain of thousands of functions of elements", () => {
  // Each step shrinks what came before, errors too: those of the last few remain.
  test.each<[string, number, (x: Tensor) => Tensor]>([
    ["2,500 tanh", 2500, (x) => x.mul(0.5).tanh().add(1) as Tensor],
    ["200 powers", 200, (x) => x.square().add(1).pow(0.3) as Tensor],
    ["6,000 operations of arithmetic", 6000, (x) => x.mul(0.5).add(1) as Tensor],
    ["200 sines", 200, (x) => x.mul(0.5).sin().add(2) as Tensor],
  ])("is right: %s", (_, count, step) => {
    agrees(times(count, step), numbers([37]), 20);
    agrees(times(count, step), numbers([37], "float32"), 20);
  });

  test("is right where it follows a product", () => {
    agrees(
      (x) =>
        times(1200, (y) => y.mul(0.5).tanh().add(1) as Tensor)(x.matmul(x.transpose() as never) as Tensor),
      numbers([6, 6]),
      20,
    );
  });
});

describe("one function of thousands of operations", () => {
  const long = activation("long", (x) => {
    let y = x.mul(0.5);
    for (let i = 0; i < 300; i++) y = y.mul(0.5).tanh().add(1);
    return y;
  });

  test.each([37, 5000])("is right on %i elements, eagerly and compiled", (n) => {
    const x = numbers([n]);
    const expected = Array.from(x.data, (value) => {
      let y = Number(value) * 0.5;
      for (let i = 0; i < 300; i++) y = Math.tanh(y * 0.5) + 1;
      return y;
    });
    for (const found of [long(x) as Tensor, compile((v: Tensor) => long(v) as Tensor)(x)]) {
      flat(found).forEach((value, i) => {
        expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(20 * 2 ** -52 * expected[i]!);
      });
    }
  });
});
