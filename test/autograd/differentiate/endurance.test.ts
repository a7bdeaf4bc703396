// Long chains and long loops: neither the stack nor the memory grows with them.

import { grad, jvp, type Tensor, tensor, variable, vjp } from "@adjoint/autograd";
import { describe, expect, test } from "vitest";
import { runs } from "../../support/runs.ts";
import { numbers, tensorOf } from "../../support/tensors.ts";

describe("a chain of additions, far longer than a stack is deep", () => {
  const length = runs(100_000, 1_000_000);
  const chain = (x: Tensor): Tensor => {
    let y = x;
    for (let i = 0; i < length; i++) y = y.add(1);
    return y;
  };

  test("is differentiated by backward", () => {
    const x = variable(tensorOf([0.5], []));
    const y = chain(x);
    expect(y.item()).toBe(length + 0.5);
    y.backward();
    expect(x.grad!.item()).toBe(1);
  });

  test("is differentiated by grad", () => {
    expect((grad(chain)(tensorOf([0.5], [])) as Tensor).item()).toBe(1);
  });

  test("of the variable with itself, too, by backward and in forward mode", () => {
    // y ← y + x twenty thousand times: x is an operand of every step, and the derivative counts them.
    const sum = (x: Tensor): Tensor => {
      let y = x;
      for (let i = 0; i < 20_000; i++) y = y.add(x);
      return y;
    };
    const x = variable(tensorOf([2], []));
    sum(x).backward();
    expect(x.grad!.item()).toBe(20_001);
    expect((jvp(sum, tensorOf([2], []), tensorOf([1], [])).tangent as Tensor).item()).toBe(20_001);
  });
});

/** Bytes in use, once everything that can go has gone. */
function memory(): number {
  globalThis.gc!();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Bytes by which a loop grew between its first fifth, when everything is warm, and its end. */
function growth(steps: number, step: () => void): number {
  for (let i = 0; i < steps / 5; i++) step();
  const before = memory();
  for (let i = 0; i < (4 * steps) / 5; i++) step();
  return memory() - before;
}

// Compiled code and its counters come and go. No object takes less than 16 bytes, and a loop that kept one such
// thing in each of its last 32,000 steps would show.
const noise = 500_000;

describe("in one synchronous loop of tens of thousands of steps memory stays flat", () => {
  const steps = runs(40_000, 500_000);

  test("when training with backward and assign", () => {
    // A line through three points: few operations, so that tens of thousands of steps take seconds.
    const x = tensor([0, 1, 2]);
    const target = tensor([1, 3, 5]);
    const [slope, start] = [variable(0), variable(0)];
    const loss = () => x.mul(slope).add(start).sub(target).square().mean() as Tensor;
    const grown = growth(steps, () => {
      loss().backward();
      for (const each of [slope, start]) each.assign(each.value.sub(each.grad!.mul(0.1)));
    });
    expect(grown).toBeLessThan(noise);
    // To a few units of float32's last place, where the steps come to rest.
    expect(slope.item()).toBeCloseTo(2, 5);
    expect(start.item()).toBeCloseTo(1, 5);
  }, 120_000);

  test("when descending with grad on plain tensors", () => {
    const f = (x: Tensor) => x.sub(3).square().sum() as Tensor;
    let x = tensorOf([0, 10], [2]);
    const grown = growth(steps, () => {
      x = x.sub((grad(f)(x) as Tensor).mul(0.5)) as Tensor;
    });
    expect(grown).toBeLessThan(noise);
    expect(x.step).toBeNull();
    expect(numbers(x)).toEqual([3, 3]);
  }, 120_000);

  test("when one pullback is used over and over", () => {
    const { pullback } = vjp((t: Tensor) => t.square().cumsum(), tensor([1, 2, 3]));
    let cotangent = tensor([1, 1, 1]) as Tensor;
    const grown = growth(steps, () => {
      cotangent = (pullback(cotangent) as Tensor).mul(0.1).clip(-1, 1) as Tensor;
    });
    expect(grown).toBeLessThan(noise);
  }, 120_000);
});
