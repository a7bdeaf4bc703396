// What the tape keeps. Vitest runs these with --expose-gc.

import { expect, test } from "vitest";
import { type Scalar, scalar } from "../../../packages/autograd/src/scalar/scalar.ts";

const hidden = 4;

/** One step of a 2-4-1 network on XOR. `shared` is an intermediate from before the loop. */
function network(shared: Scalar) {
  const first = Array.from({ length: hidden }, (_, j) =>
    [0.3 - 0.2 * j, Math.sin(j), Math.cos(j)].map(scalar),
  );
  const second = Array.from({ length: hidden + 1 }, (_, j) => scalar(0.5 * Math.sin(3 * j + 1)));
  const weights = [...first.flat(), ...second];
  return (step: number) => {
    const [a, b] = [step & 1, (step >> 1) & 1];
    let sum = second[hidden]!.mul(shared);
    for (let j = 0; j < hidden; j++) {
      const [w0, w1, w2] = first[j] as [Scalar, Scalar, Scalar];
      sum = sum.add(w0.add(w1.mul(a)).add(w2.mul(b)).tanh().mul(second[j]!));
    }
    const loss = sum
      .logistic()
      .sub(a ^ b)
      .square();
    loss.backward();
    for (const w of weights) w.assign(w.value - 0.5 * w.grad);
    return loss;
  };
}

/** Bytes held after a collection. Typed arrays' memory is returned a little after their objects. */
async function held(): Promise<number> {
  for (let i = 0; i < 4; i++) {
    globalThis.gc!();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

// Five segments of 491 520 bytes. The first loop makes 5.9 million nodes, 177 MB, and each of the others over 25 MB.
const tolerance = 2_500_000;

test("100,000 training steps in one synchronous loop leave memory flat, and learn", async () => {
  const shared = scalar(0.5).add(0.5);
  const step = network(shared);
  for (let i = 0; i < 10_000; i++) step(i);
  const before = await held();
  let highest = 0;
  for (let i = 0; i < 100_000; i++) {
    step(i);
    if (i % 1000 === 0) highest = Math.max(highest, process.memoryUsage().arrayBuffers);
  }
  expect((await held()) - before).toBeLessThan(tolerance);
  // Within the loop the collector lags, by less than half of the tape (in practice by 5 MB).
  expect(highest).toBeLessThan(90_000_000);
  expect([0, 1, 2, 3].map((i) => step(i).value).reduce((a, b) => a + b)).toBeLessThan(0.05);
  expect(shared.grad).not.toBe(0);
});

test("evaluating without differentiating leaves memory flat too", async () => {
  const [w, x] = [scalar(0.4), scalar(0.1)];
  const model = () => {
    let y = x;
    for (let i = 0; i < 50; i++) y = y.mul(w).add(x).tanh();
    return y.value;
  };
  for (let i = 0; i < 500; i++) model();
  const before = await held();
  for (let i = 0; i < 10_000; i++) model();
  expect((await held()) - before).toBeLessThan(tolerance);
});

test("steps larger than a segment that share an intermediate leave memory flat", async () => {
  const w = scalar(0.999);
  const shared = w.mul(0.5);
  const step = () => {
    let y = shared.add(w);
    for (let i = 0; i < 12_000; i++) y = y.mul(w).add(shared);
    y.backward();
  };
  for (let i = 0; i < 5; i++) step();
  const before = await held();
  for (let i = 0; i < 40; i++) step();
  expect((await held()) - before).toBeLessThan(tolerance);
});
