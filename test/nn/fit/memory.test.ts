// Training for long must not take more and more memory.

import { randomKey } from "@adjoint/autograd";
import * as nn from "@adjoint/nn";
import { expect, test } from "vitest";
import { runs } from "../../support/runs.ts";
import { network, task } from "./training.ts";

/** Bytes in use, after a collection of garbage. */
function inUse(): number {
  globalThis.gc!();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const steps = runs(4000, 200_000);

test(`the memory in use is flat over ${steps} steps`, async () => {
  const [batch, quarter] = [4, steps / 4];
  const seen: number[] = [];
  await nn.fit(network(), task(quarter * batch), {
    loss: nn.crossEntropy,
    optimizer: nn.adam(),
    // Four epochs, so that little is added to the history.
    epochs: 4,
    batchSize: batch,
    key: randomKey(1),
    metrics: [nn.accuracy()],
    monitors: [nn.gradientNorm()],
    callbacks: [{ onEpoch: () => void seen.push(inUse()) }],
  });
  expect(seen).toHaveLength(4);
  // After the first half, in which code is made: in a deep run, 4 bytes that each of 100,000 steps leaves would be seen.
  expect(seen[3]! - seen[1]!).toBeLessThan(400_000);
}, 600_000);
