// Each kind of layer with PyTorch's weights gives PyTorch's numbers, and its weights are given back as they were.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeNpz } from "@adjoint/interop";
import * as nn from "@adjoint/nn";
import { expect, test } from "vitest";
import { casesOf, expectResult, inputOf, plain, type WeightsCase, weightsOf } from "./weights.ts";

const key = nn.keys(0);
const own = () => ({ dtype: "float64", key: key() }) as const;
const dtype = "float64";

const models: Readonly<Record<string, () => nn.Layer>> = {
  linear: () => nn.sequential(nn.dense(3, 2, own()), nn.relu, nn.dense(2, 4, { ...own(), bias: false })),
  conv1d: () => nn.conv1d(2, 4, 3, own()) as nn.Layer,
  conv2d: () => nn.conv2d(4, 6, [3, 2], { ...own(), stride: 2, groups: 2 }) as nn.Layer,
  convtranspose1d: () => nn.convTranspose1d(2, 4, 3, { ...own(), stride: 2 }),
  convtranspose2d: () => nn.convTranspose2d(4, 6, [3, 2], { ...own(), stride: 2, groups: 2 }),
  batchnorm: () => nn.batchNorm(3, { dtype }),
  layernorm: () => nn.layerNorm([2, 3], { dtype }),
  groupnorm: () => nn.groupNorm(2, 4, { dtype }),
  embedding: () => nn.embedding(5, 3, own()),
  prelu: () => nn.prelu({ channels: 3, dtype }),
  lstm: () => nn.lstm(2, 3, { ...own(), layers: 2, bidirectional: true }),
  gru: () => nn.gru(2, 3, own()),
  rnn: () => nn.plainRecurrent(2, 3, { ...own(), bias: false }),
  attention: () => nn.multiHeadAttention(4, 2, own()),
  encoder: () => nn.encoderBlock(4, 2, { ...own(), hidden: 6, normFirst: true }),
};

const cases = casesOf("pytorch-layers.json");
/** The script's modules that give one result of several hold the layer in a field. */
const renamed = ({ weights }: WeightsCase) =>
  Object.keys(weights).every((name) => name.startsWith("layer."))
    ? { rename: (name: string) => `layer.${name}` }
    : {};

test("the data have every model", () => {
  expect(cases.map(({ name }) => name)).toEqual(Object.keys(models));
});

test.each(cases)("$name: with PyTorch's weights, PyTorch's numbers, and the weights again", (each) => {
  const model = models[each.name]!();
  const weights = weightsOf(each);
  expect([...nn.fromPyTorch(model, weights, renamed(each)).loaded].sort()).toEqual(
    Object.keys(weights).sort(),
  );
  expectResult(each, model.forward(inputOf(each)));
  const again = nn.toPyTorch(model, renamed(each));
  expect(plain(again)).toEqual(plain(weights));
});

/** Debian's python3-torch is installed for this Python. */
const python = "/usr/bin/python3";
const isHere =
  process.env["ADJOINT_INTEROP"] === "1" && spawnSync(python, ["-c", "import torch, numpy"]).status === 0;
const reason = isHere ? "" : " (skipped: it runs in npm run test:interop, where /usr/bin/python3 has torch)";

test.runIf(isHere)(
  `PyTorch gives our numbers with the weights of npz files that are written here${reason}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), "adjoint-torch-"));
    try {
      const results = cases.map((each) => {
        // Weights of its own, not those of the data.
        const model = models[each.name]!();
        writeFileSync(join(folder, `${each.name}.npz`), writeNpz(nn.toPyTorch(model, renamed(each))));
        return model.forward(inputOf(each));
      });
      const script = join(import.meta.dirname, "data/pytorch-layers.py");
      const printed = execFileSync(python, [script, folder], { encoding: "utf8" });
      const { cases: given } = JSON.parse(printed) as { cases: readonly WeightsCase[] };
      results.forEach((y, i) => {
        expectResult(given[i]!, y);
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  60_000,
);
