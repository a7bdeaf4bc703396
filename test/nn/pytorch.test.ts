// Loading PyTorch's tensors by name: what is found, what isn't, and that it is all or nothing. The values that loaded layers
// compute are compared with PyTorch's in sequences.test.ts.

import { arange, ones, type Tensor, tensor, zeros } from "@adjoint/autograd";
import * as nn from "@adjoint/nn";
import { describe, expect, test } from "vitest";

const key = nn.keys(0);
const model = () =>
  nn.sequential(
    nn.dense(2, 3, { key: key() }),
    nn.batchNorm(3),
    nn.relu,
    nn.dense(3, 1, { bias: false, key: key() }),
  );
const stateDict = (): Record<string, Tensor> => ({
  "0.weight": tensor([
    [1, 2],
    [3, 4],
    [5, 6],
  ]),
  "0.bias": tensor([7, 8, 9]),
  "1.weight": ones([3]),
  "1.bias": zeros([3]),
  "1.running_mean": tensor([1, 2, 3]),
  "1.running_var": tensor([4, 5, 6]),
  "1.num_batches_tracked": tensor(12),
  "3.weight": tensor([[1, 0, 2]]),
});
const valuesOf = (of: object) =>
  JSON.stringify(Object.entries(nn.variables(of)).map(([path, { value }]) => [path, value.toArray()]));

describe("fromPyTorch", () => {
  test("assigns every variable, dense matrices transposed and running statistics too", () => {
    const own = model();
    const report = nn.fromPyTorch(own, stateDict());
    expect(report).toEqual({
      loaded: ["0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var", "3.weight"],
      ...{ missing: [], unexpected: [], ofAnotherShape: [] },
    });
    const values = Object.fromEntries(
      Object.entries(nn.variables(own)).map(([path, { value }]) => [path, value.toArray()]),
    );
    expect(values["0.weight"]).toEqual([
      [1, 3, 5],
      [2, 4, 6],
    ]);
    expect(values["1.runningVariance"]).toEqual([4, 5, 6]);
    expect(values["3.weight"]).toEqual([[1], [0], [2]]);
  });

  test("says all that doesn't fit, and then changes nothing", () => {
    const own = model();
    const before = valuesOf(own);
    const { "0.bias": _, ...others } = stateDict();
    expect(() => nn.fromPyTorch(own, { ...others, "3.weight": zeros([3, 1]), extra: zeros([1]) })).toThrow(
      new RangeError(
        "fromPyTorch: the tensors are not those of the model; nothing was assigned\n  missing: 0.bias\n  unexpected: extra\n  of another shape: 3.weight is [3, 1] and must be [1, 3]\nchange the model, give { rename }, or load what fits with { strict: false }",
      ),
    );
    expect(valuesOf(own)).toBe(before);
  });

  test("loads what fits where it is not strict, and reports the rest", () => {
    const own = model();
    const first = own[3]!;
    const before = valuesOf(first);
    const { "0.bias": _, ...others } = stateDict();
    const report = nn.fromPyTorch(
      own,
      { ...others, "3.weight": zeros([3, 1]), extra: zeros([1]) },
      { strict: false },
    );
    expect([report.missing, report.unexpected, report.ofAnotherShape]).toEqual([
      ["0.bias"],
      ["extra"],
      ["3.weight is [3, 1] and must be [1, 3]"],
    ]);
    expect(valuesOf(first)).toBe(before);
    expect(nn.variables(own)["0.weight"]!.slice(0).toArray()).toEqual([1, 3, 5]);
  });

  test("a tensor that is no tensor, or a variable that can't hold a value, leaves all as it was", () => {
    const own = model();
    const before = valuesOf(own);
    expect(() => nn.fromPyTorch(own, { ...stateDict(), "3.weight": [1] as never })).toThrow(
      'fromPyTorch: "3.weight" is an array and must be a tensor',
    );
    expect(() => nn.fromPyTorch(own, [] as never)).toThrow(
      "fromPyTorch: got an array where tensors by name belong",
    );
    expect(valuesOf(own)).toBe(before);
  });

  test("rename finds layers that stand elsewhere there", () => {
    const own = { body: nn.dense(2, 3, { key: key() }) };
    const rename = (name: string) => name.replace("body.", "module.net.2.");
    const tensors = { "module.net.2.weight": zeros([3, 2]), "module.net.2.bias": ones([3]) };
    expect(nn.fromPyTorch(own, tensors, { rename }).loaded).toEqual(Object.keys(tensors));
    expect(own.body.bias!.toArray()).toEqual([1, 1, 1]);
  });

  test("parts of joined matrices go to where they belong, and numbers are cast", () => {
    const own = nn.multiHeadAttention(2, 1, { dtype: "float64", key: key() });
    nn.fromPyTorch(own, {
      in_proj_weight: arange(12).reshape([6, 2]),
      in_proj_bias: arange(6),
      "out_proj.weight": zeros([2, 2]),
      "out_proj.bias": zeros([2]),
    });
    expect(own.key.weight.toArray()).toEqual([
      [4, 6],
      [5, 7],
    ]);
    expect(own.value.bias!.toArray()).toEqual([4, 5]);
    expect(own.value.weight.dtype).toBe("float64");
  });

  test("every layer's variables stand in PyTorch under names of their own", () => {
    const names: Record<string, object> = {
      lstm: nn.lstm(1, 1, { layers: 2, bidirectional: true, key: key() }),
      decoder: nn.decoderBlock(2, 1, { key: key() }),
    };
    const report = nn.fromPyTorch(names, {}, { strict: false });
    expect(report.missing.filter((name) => name.startsWith("lstm"))).toHaveLength(16);
    expect(report.missing).toContain("lstm.weight_hh_l1_reverse");
    expect(report.missing).toContain("decoder.multihead_attn.in_proj_weight");
    expect(report.missing).toContain("decoder.norm3.bias");
  });
});

describe("toPyTorch", () => {
  const zoo = () => ({
    stack: model(),
    attention: nn.multiHeadAttention(4, 2, { key: key() }),
    other: nn.multiHeadAttention(4, 2, { keyWidth: 3, bias: false, key: key() }),
    decoder: nn.decoderBlock(4, 2, { key: key() }),
    lstm: nn.lstm(2, 3, { layers: 2, bidirectional: true, key: key() }),
    images: nn.sequential(nn.conv2d(1, 2, 3, { key: key() }), nn.convTranspose1d(2, 3, 2, { key: key() })),
    words: nn.embedding(5, 2, { key: key() }),
    scales: [nn.layerNorm([2, 3]), nn.groupNorm(1, 2), nn.rmsNorm(3), nn.prelu({ channels: 2 })],
  });

  test("gives what fromPyTorch takes, all of it, and the same weights come of it", () => {
    const [from, to] = [zoo(), zoo()];
    const tensors = nn.toPyTorch(from);
    expect(valuesOf(to)).not.toBe(valuesOf(from));
    const report = nn.fromPyTorch(to, tensors);
    expect(report.loaded).toEqual(Object.keys(tensors));
    expect(valuesOf(to)).toBe(valuesOf(from));
  });

  test("has the names, shapes and places of a state_dict", () => {
    const own = model();
    const { "1.num_batches_tracked": _, ...expected } = stateDict();
    nn.fromPyTorch(own, expected);
    const given = nn.toPyTorch(own);
    const asArrays = (tensors: Record<string, Tensor>) =>
      Object.fromEntries(Object.entries(tensors).map(([name, each]) => [name, each.toArray()]));
    expect(asArrays(given)).toEqual(asArrays(expected));
    const joined = nn.toPyTorch(nn.multiHeadAttention(4, 2, { key: key() }));
    expect(Object.entries(joined).map(([name, { shape }]) => [name, shape])).toEqual([
      ["in_proj_weight", [12, 4]],
      ["in_proj_bias", [12]],
      ["out_proj.weight", [4, 4]],
      ["out_proj.bias", [4]],
    ]);
  });

  test("refuses a joined tensor of which a part is missing, as where two parts are one variable", () => {
    const tied = nn.multiHeadAttention(4, 2, { key: key() });
    Object.assign(tied, { key: tied.query });
    expect(() => nn.toPyTorch(tied)).toThrow(
      '"in_proj_weight" is the name of query.weight and value.weight, which aren\'t the parts of one tensor',
    );
  });

  test("renames, and refuses one name for two variables", () => {
    const own = nn.dense(2, 3, { key: key() });
    expect(Object.keys(nn.toPyTorch(own, { rename: (name) => `net.${name}` }))).toEqual([
      "net.weight",
      "net.bias",
    ]);
    expect(() => nn.toPyTorch(own, { rename: () => "x" })).toThrow(
      new RangeError(
        'toPyTorch: "x" is the name of weight and bias, which aren\'t the parts of one tensor; give each a name of its own by { rename }',
      ),
    );
  });
});
