// Each kind of layer with Keras' weights gives the numbers of Keras' definition, and its weights are given back as they were.

import { arange, ones, type Tensor, tensor, zeros } from "@adjoint/autograd";
import { fromKeras, readNpz, toKeras, writeNpz } from "@adjoint/interop";
import * as nn from "@adjoint/nn";
import { describe, expect, test } from "vitest";
import { kerasCells, kerasRows } from "../../../packages/interop/src/files/keras-layers.ts";
import { cases as layerCases } from "../../nn/layer-cases.ts";
import { sequenceCases } from "../../nn/sequences.ts";
import { casesOf, expectResult, inputOf, plain, type WeightsCase, weightsOf } from "./weights.ts";

const key = nn.keys(0);
const own = () => ({ dtype: "float64", key: key() }) as const;
const norm = { dtype: "float64", epsilon: 1e-3 } as const;

interface Case {
  readonly make: () => nn.Layer;
  /** The rows of the table that it tests. */
  readonly rows: readonly string[];
}

const models: Readonly<Record<string, Case>> = {
  dense: { make: () => nn.sequential(nn.dense(3, 2, own()), nn.dense(2, 4, own())), rows: ["dense"] },
  conv1d: { make: () => nn.conv1d(2, 4, 3, own()) as nn.Layer, rows: ["conv1d"] },
  conv2d: { make: () => nn.conv2d(2, 3, [3, 2], { ...own(), stride: 2 }) as nn.Layer, rows: ["conv2d"] },
  "conv2d, groups": { make: () => nn.conv2d(4, 4, 2, { ...own(), groups: 2 }) as nn.Layer, rows: [] },
  conv1d_transpose: {
    make: () => nn.convTranspose1d(2, 4, 3, { ...own(), stride: 2 }),
    rows: ["convTranspose1d"],
  },
  conv2d_transpose: {
    make: () => nn.convTranspose2d(2, 3, [3, 2], { ...own(), stride: 2 }),
    rows: ["convTranspose2d"],
  },
  batch_normalization: { make: () => nn.batchNorm(3, norm), rows: ["batchNorm"] },
  layer_normalization: { make: () => nn.layerNorm(3, norm), rows: ["layerNorm"] },
  group_normalization: { make: () => nn.groupNorm(2, 4, norm), rows: ["groupNorm"] },
  rms_normalization: { make: () => nn.rmsNorm(3, { dtype: "float64", epsilon: 1e-6 }), rows: ["rmsNorm"] },
  embedding: { make: () => nn.embedding(5, 3, own()), rows: ["embedding"] },
  p_re_lu: { make: () => nn.prelu({ channels: 3, dtype: "float64" }), rows: ["prelu"] },
  lstm: { make: () => nn.sequential(nn.lstm(2, 3, own()), nn.lstm(3, 2, own())), rows: ["lstmCell"] },
  gru: { make: () => nn.gru(2, 3, own()), rows: ["gruCell"] },
  simple_rnn: { make: () => nn.plainRecurrent(2, 3, own()), rows: ["plainCell"] },
  bidirectional: { make: () => nn.gru(2, 3, { ...own(), layers: 2, bidirectional: true }), rows: [] },
  multi_head_attention: { make: () => nn.multiHeadAttention(4, 2, own()), rows: ["multiHeadAttention"] },
  "flattened images": {
    make: () =>
      nn.sequential(
        nn.conv2d(1, 3, 2, own()),
        nn.flatten(),
        nn.batchNorm(18, norm),
        nn.dense(18, 2, own()),
        nn.dense(2, 2, own()),
      ),
    rows: [],
  },
};

const cases = casesOf("keras-layers.json");
/** Whether the numbers have channels, which Keras has last. */
const hasChannels = ({ name, input }: WeightsCase) => input?.length === 4 || /^(conv|group)/.test(name);

test("the data have every model, and the models every row of the tables", () => {
  expect(cases.map(({ name }) => name)).toEqual(Object.keys(models));
  const rows = Object.values(models).flatMap((each) => each.rows);
  expect(rows.sort()).toEqual([...Object.keys(kerasRows), ...Object.keys(kerasCells)].sort());
});

test("every layer with weights has a row, or is one that Keras doesn't have", () => {
  const withoutRow = new Set(["maxout", "snake", "swish", "learnedPositions"]);
  const seen = new Set<string>();
  for (const { make } of [...Object.values(layerCases), ...sequenceCases]) {
    const model = make("float64");
    const layer = "model" in model ? model.model : model;
    if (Object.keys(nn.variables(layer)).length === 0) continue;
    const { missing } = fromKeras(layer, {}, { strict: false, dataFormat: "channels_first" });
    const unknown = missing.filter((name) => name.endsWith("whose layer Keras doesn't have"));
    if (unknown.length === 0) continue;
    const by = nn.makingOf(layer)?.by ?? unknown.join();
    // Transposed convolutions of several groups.
    if (/^convTranspose/.test(by)) expect(JSON.stringify(nn.makingOf(layer))).toContain('"groups":2');
    else seen.add(by);
  }
  expect([...seen].sort()).toEqual([...withoutRow].sort());
});

describe.each(cases)("$name", (each) => {
  const weights = weightsOf(each);

  test("has the numbers of Keras' definition with Keras' weights", () => {
    const model = models[each.name]!.make();
    expect([...fromKeras(model, weights).loaded].sort()).toEqual(Object.keys(weights).sort());
    const given = inputOf(each);
    const x: Tensor = hasChannels(each) ? given.moveAxis(-1, 1) : given;
    const y = model.forward(x);
    expectResult(each, hasChannels(each) && y.rank > 2 ? y.moveAxis(1, -1) : y);
  });

  test("gives back the weights that it was given, through a file", () => {
    const model = models[each.name]!.make();
    fromKeras(model, weights);
    const flat = (tensors: Record<string, Tensor>) =>
      Object.fromEntries(Object.entries(tensors).map(([name, x]) => [name, x.flatten()]));
    const again = readNpz(writeNpz(toKeras(model)));
    // Axes of size 1 that PReLU shares are not known here.
    const change = each.name === "p_re_lu" ? flat : (same: Record<string, Tensor>) => same;
    expect(plain(change(again))).toEqual(plain(change(weights)));
  });
});

describe("fromKeras", () => {
  const model = () => nn.sequential(nn.dense(2, 3, { key: key() }), nn.relu, nn.dense(3, 1, { key: key() }));
  const tensors = (prefix = "") => ({
    [`${prefix}dense/kernel`]: arange(6).reshape([2, 3]),
    [`${prefix}dense/bias`]: ones([3]),
    [`${prefix}dense_1/kernel`]: ones([3, 1]),
    [`${prefix}dense_1/bias`]: zeros([1]),
  });
  const valuesOf = (of: object) =>
    JSON.stringify(Object.values(nn.variables(of)).map(({ value }) => value.toArray()));

  test("says what was expected and what was found, and then changes nothing", () => {
    const mine = model();
    const before = valuesOf(mine);
    const { "dense/bias": _, ...others } = tensors();
    expect(() => fromKeras(mine, { ...others, "dense_1/kernel": ones([1, 3]), extra: ones([1]) })).toThrow(
      new RangeError(
        "fromKeras: the tensors are not those of the model; nothing was assigned\n  missing: dense/bias\n  unexpected: extra\n  of another shape: dense_1/kernel is [1, 3] and must be [3, 1]\nchange the model, give { rename }, or load what fits with { strict: false }",
      ),
    );
    expect(valuesOf(mine)).toBe(before);
    const report = fromKeras(mine, others, { strict: false });
    expect([report.loaded, report.missing]).toEqual([
      ["dense/kernel", "dense_1/kernel", "dense_1/bias"],
      ["dense/bias"],
    ]);
  });

  test("renames, and refuses one name for two", () => {
    const rename = (name: string) => `sequential/${name}`;
    expect(fromKeras(model(), tensors("sequential/"), { rename }).loaded).toHaveLength(4);
    expect(() => fromKeras(model(), tensors(), { rename: () => "x" })).toThrow(
      'rename gives the name "x" twice',
    );
  });

  test("casts numbers to the type of each variable", () => {
    const layer = nn.dense(2, 1, { dtype: "float64", key: key() });
    fromKeras(layer, { "dense/kernel": ones([2, 1]), "dense/bias": tensor([7], { dtype: "int32" }) });
    expect([layer.bias!.dtype, layer.bias!.toArray()]).toEqual(["float64", [7]]);
  });

  test("takes one bias for two, so that their sum is Keras'", () => {
    const layer = nn.lstm(1, 1, { key: key() });
    const { "lstm/lstm_cell/bias": given } = toKeras(layer);
    const { "cells.0.inputBias": a, "cells.0.hiddenBias": b, ...rest } = nn.variables(layer);
    expect(Object.keys(rest)).toHaveLength(2);
    expect(given!.toArray()).toEqual(a!.add(b!).toArray());
  });

  test("refuses a GRU that resets before the matrix, and says so", () => {
    const layer = nn.gru(2, 3, { key: key() });
    const given = { ...toKeras(layer), "gru/gru_cell/bias": zeros([9]) };
    expect(() => fromKeras(layer, given)).toThrow(
      "gru/gru_cell/bias is [9] and must be [2, 9] (a GRU of one bias has reset_after=False",
    );
  });

  test("names variables whose layer Keras doesn't have", () => {
    const mine = { a: nn.dense(2, 2, { key: key() }), b: nn.snake(), c: nn.maxout(2, 2, { key: key() }) };
    expect(() => toKeras(mine)).toThrow(
      "Keras has no tensor for the variable b.alpha, whose layer Keras doesn't have, the variable c.weight,",
    );
    const { missing } = fromKeras(mine, toKeras(mine.a), { strict: false });
    expect(missing).toEqual(
      ["b.alpha", "c.weight", "c.bias"].map((name) => `the variable ${name}, whose layer Keras doesn't have`),
    );
    const grouped = nn.convTranspose1d(2, 2, 2, { groups: 2, key: key() });
    expect(() => toKeras(grouped)).toThrow("the variable weight, whose layer Keras doesn't have");
  });

  test("finds the layers within blocks, and an activation's weights within a layer", () => {
    const block = nn.encoderBlock(4, 2, { key: key() });
    const learned = nn.dense(2, 2, { activation: nn.prelu(), key: key() });
    const names = Object.keys(toKeras({ block, learned }));
    expect(names).toContain("multi_head_attention/attention_output/kernel");
    expect(names.filter((name) => /^dense/.test(name))).toHaveLength(6);
    expect(names).toContain("p_re_lu/alpha");
    expect(names).toHaveLength(Object.keys(nn.variables({ block, learned })).length);
  });
});

describe("flattened images", () => {
  const layers = () => ({ conv: nn.conv2d(1, 3, 2, { key: key() }), head: nn.dense(18, 2, { key: key() }) });

  test("in models of another form have to be stated, and are then as in a sequential", () => {
    const { conv, head } = layers();
    const inOrder = toKeras(nn.sequential(conv, nn.relu, nn.maxPool2d(1), nn.flatten(), head));
    expect(() => toKeras({ conv, head })).toThrow(
      'toKeras: it can\'t be seen whether "head" is given flattened images, whose channels Keras has last; say how many channels they have, or 1 where it isn\'t: { flattened: { "head": 1 } }',
    );
    expect(plain(toKeras({ conv, head }, { flattened: { head: 3 } }))).toEqual(plain(inOrder));
    const plainly = toKeras({ conv, head }, { flattened: { head: 1 } });
    expect(plainly["dense/kernel"]!.toArray()).toEqual(head.weight.toArray());
    expect(inOrder["dense/kernel"]!.toArray()).not.toEqual(head.weight.toArray());
    const first = toKeras({ conv, head }, { dataFormat: "channels_first" });
    expect(plain(first)).toEqual(plain(plainly));
  });

  test("are followed through nested layers, and end at the first dense layer", () => {
    const { conv, head } = layers();
    const last = nn.dense(2, 6, { key: key() });
    const nested = nn.sequential(
      nn.sequential(conv, nn.batchNorm(3)),
      nn.residual(nn.relu),
      nn.flatten(),
      nn.sequential(head, nn.flatten(), last),
    );
    const kernels = toKeras(nested);
    expect(kernels["dense_1/kernel"]!.toArray()).toEqual(last.weight.toArray());
    expect(kernels["dense/kernel"]!.slice(1).toArray()).toEqual(head.weight.slice(6).toArray());
  });

  test("of unknown channels have to be stated, and no others", () => {
    const flat = nn.sequential(nn.flatten(), nn.dense(4, 2, { key: key() }));
    expect(() => toKeras(flat)).toThrow('{ flattened: { "1": 1 } }');
    expect(Object.keys(toKeras(flat, { flattened: { 1: 2 } }))).toHaveLength(2);
    expect(Object.keys(toKeras(nn.mlp([2, 3, 1], { key: key() })))).toHaveLength(4);
  });

  test("are not asked for where a normalisation is seen to be of images", () => {
    const key0 = { key: key() };
    const first = nn.sequential(nn.batchNorm(2), nn.conv2d(2, 3, 2, key0));
    expect(Object.keys(toKeras(first))).toHaveLength(6);
    const own = { conv: nn.conv2d(2, 3, 2, key0), norm: nn.batchNorm(3) };
    expect(Object.keys(toKeras(own))).toHaveLength(6);
    expect(() => toKeras({ ...own, norm: nn.batchNorm(12) })).toThrow('{ flattened: { "norm": 1 } }');
  });

  test("whose channels can't be, or at paths that are none, are refused", () => {
    const { conv, head } = layers();
    const stated = (flattened: Record<string, number>) => () => toKeras({ conv, head }, { flattened });
    expect(stated({ head: 4 })).toThrow('"head" has 18 inputs, which can\'t be images of 4 channels');
    expect(stated({ head: 0 })).toThrow("give a whole number, 1 or more");
    expect(stated({ head: 3, tail: 3 })).toThrow("flattened names tail, where there is no layer");
    expect(() => toKeras(head, { dataFormat: "last" as never })).toThrow('dataFormat is "last"');
  });

  test("that are normalised in groups or over several axes are refused", () => {
    const grouped = nn.sequential(nn.conv2d(1, 3, 2, { key: key() }), nn.flatten(), nn.groupNorm(2, 18));
    expect(() => toKeras(grouped)).toThrow('"2" groups flattened features');
    const several = nn.sequential(nn.conv2d(1, 3, 2, { key: key() }), nn.layerNorm([3, 2, 3]));
    expect(() => toKeras(several)).toThrow('whether "1" is given flattened images');
  });
});
