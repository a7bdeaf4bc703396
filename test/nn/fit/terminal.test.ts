// Progress in a terminal, and where there is none.

import { randomKey } from "@adjoint/autograd";
import * as nn from "@adjoint/nn";
import { progressBar } from "@adjoint/nn/terminal";
import { expect, test } from "vitest";
import { network, task } from "./training.ts";

/** What is written while training, to a terminal or not. */
async function written(isTTY: boolean): Promise<string> {
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
  await nn.fit(network(), task(8), {
    loss: nn.crossEntropy,
    optimizer: nn.adam(),
    epochs: 2,
    batchSize: 4,
    key: randomKey(0),
    callbacks: [progressBar(output), slow],
  });
  return text;
}

test("without a terminal there is a line for each epoch and nothing else", async () => {
  expect(await written(false)).toMatch(/^epoch 1\/2 {2}loss .*\nepoch 2\/2 {2}loss .*\n$/);
});

test("in a terminal there is a bar with the steps of the epoch and the loss, and the lines stay", async () => {
  const text = await written(true);
  expect(text).toMatch(/epoch 1\/2 .*[12]\/2 · loss 0\.\d+/);
  expect(text).toMatch(/epoch 1\/2 {2}loss .*\n/);
  expect(text.trimEnd()).toMatch(/epoch 2\/2 {2}loss .*$/);
});

test("where there is nothing to write to, the error names what works everywhere", () => {
  expect(() => progressBar({} as { write(text: string): unknown })).toThrow(/progressLines\(console.log\)/);
});
