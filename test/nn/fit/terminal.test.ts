// Progress in a terminal, and where there is none.

import { randomKey, type Tensor } from "@adjoint/autograd";
import * as nn from "@adjoint/nn";
import { progressBar } from "@adjoint/nn/terminal";
import { expect, test } from "vitest";
import { network, task } from "./training.ts";

/** What is written while training, to a terminal or not, on samples or on batches, whose number `fit` does not know. */
async function written(isTTY: boolean, data: Parameters<typeof trained>[0] = task(8)): Promise<string> {
  let text = "";
  const output = {
    isTTY,
    columns: 80,
    write: (part: string) => {
      text += part;
    },
    cursorTo: () => undefined,
    clearLine: () => undefined,
    moveCursor: () => undefined,
  };
  // Slower than the bar's rate of ten pictures a second.
  const slow = { onStep: () => new Promise((resolve) => setTimeout(resolve, 60)) };
  await trained(data, [progressBar(output), slow]);
  return text;
}

const trained = (data: nn.Data<Tensor, Tensor>, callbacks: readonly nn.Callbacks[]) =>
  nn.fit(network(), data, {
    loss: nn.crossEntropy,
    optimizer: nn.adam(),
    epochs: 2,
    batchSize: 4,
    key: randomKey(0),
    callbacks,
  });

test("without a terminal there is a line for each epoch and nothing else", async () => {
  expect(await written(false)).toMatch(/^epoch 1\/2 {2}loss .*\nepoch 2\/2 {2}loss .*\n$/);
});

test("in a terminal there is a bar with the steps of the epoch and the loss, and the lines stay", async () => {
  const text = await written(true);
  expect(text).toMatch(/epoch 1\/2 .*[12]\/2 · loss 0\.\d+/);
  expect(text).toMatch(/epoch 1\/2 {2}loss .*\n/);
  expect(text.trimEnd()).toMatch(/epoch 2\/2 {2}loss .*$/);
});

test("where the number of steps is not known, the bar of the second epoch is as long as the first epoch was", async () => {
  const batches = [task(4), task(4), task(4), task(4)];
  const text = await written(true, () => batches);
  expect(text).toMatch(/epoch 2\/2 .* [123]\/4 · loss/);
});

test("where there is nothing to write to, the error names what works everywhere", () => {
  expect(() => progressBar({} as { write(text: string): unknown })).toThrow(/progressLines\(console.log\)/);
});
