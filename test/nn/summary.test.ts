// What a summary says of models: which layers, how many numbers, and what shapes come out of them.

import { type Tensor, tensor } from "@adjoint/autograd";
import {
  dense,
  keys,
  type Layer,
  mlp,
  parameter,
  relu,
  sequential,
  state,
  summary,
  tanh,
  variables,
} from "@adjoint/nn";
import { expect, test } from "vitest";

const key = keys(0);
const model = () => mlp([4, 3, 2], { activation: tanh, key: key() });

test("lists a model's layers by path, with shapes, numbers and memory", () => {
  const net = sequential(model(), tanh, dense(2, 1000, { key: key() }));
  expect(String(summary(net, { input: [5, 4] }))).toBe(
    [
      "path  layer                   output     trained  not trained    memory",
      "      sequential              [5, 1000]        0            0       0 B",
      "0     sequential              [5, 2]           0            0       0 B",
      "0.0   dense(4, 3, tanh)       [5, 3]          15            0      60 B",
      "0.1   dense(3, 2, tanh)       [5, 2]           8            0      32 B",
      "2     dense(2, 1000, linear)  [5, 1000]    3,000            0  11.7 KiB",
      "      total                                3,023            0  11.8 KiB",
    ].join("\n"),
  );
});

test("shows no column of shapes without an input", () => {
  const { layers } = summary(model());
  expect(layers.map(({ output }) => output)).toEqual([null, null, null]);
  expect(String(summary(model())).split("\n")[0]).toBe(
    "path  layer              trained  not trained  memory",
  );
});

test("counts each variable once, however many layers hold it, and tells what is trained", () => {
  const shared = dense(4, 4, { key: key() });
  shared.bias!.trainable = false;
  const holder = {
    first: shared,
    again: shared,
    "a.b": { weight: shared.weight, forward: (x: Tensor) => x },
    mean: state(tensor([1, 2], { dtype: "float64" })),
    count: state(tensor(3, { dtype: "int32" })),
    mask: parameter(tensor([true, false, true])),
  };
  const said = summary(holder);
  expect(
    said.layers.map(({ path, kind, trainable, notTrained, bytes }) => [
      path,
      kind,
      trainable,
      notTrained,
      bytes,
    ]),
  ).toEqual([
    ["", "model", 3, 3, 23],
    ["first", "dense(4, 4, linear)", 16, 4, 80],
    ['["a.b"]', "layer", 0, 0, 0],
  ]);
  const sizes = Object.values(variables(holder)).reduce((total, { size }) => total + size, 0);
  expect([said.trainable, said.notTrained, said.bytes]).toEqual([19, sizes - 19, 103]);
});

test("runs layers that call others in their own way, in the model's type, and leaves them as they were", () => {
  class Twice implements Layer {
    readonly inner = dense(3, 3, { dtype: "float64", key: key() });
    readonly frozen = Object.freeze(sequential());
    forward(x: Tensor): Tensor {
      return this.frozen.forward(this.inner.forward(this.inner.forward(x)).slice(0));
    }
  }
  const twice = new Twice();
  const literal = { twice, forward: (x: Tensor) => twice.forward(x).expandDims(0) };
  const before = Object.getOwnPropertyDescriptors(literal);
  expect(summary(literal, { input: [2, 3] }).layers.map(({ path, output }) => [path, output])).toEqual([
    ["", [1, 3]],
    ["twice", [3]],
    ["twice.inner", [2, 3]],
    ["twice.frozen", null],
  ]);
  expect(Object.getOwnPropertyDescriptors(literal)).toEqual(before);
  expect(Object.getOwnPropertyNames(twice)).toEqual(["inner", "frozen"]);
  expect(() => summary(literal, { input: [2, 4] })).toThrow(
    /dense: input \[2, 4\] where the layer takes 3 inputs/,
  );
  expect(Object.getOwnPropertyDescriptors(literal)).toEqual(before);
  expect(Object.getOwnPropertyNames(twice.inner)).not.toContain("forward");
});

test("takes an example as it is, in its own type", () => {
  const x = tensor([1, 2, 3, 4]);
  expect(summary(model(), { input: x }).layers[0]!.output).toEqual([2]);
  expect(() => summary(model(), { input: x.cast("float64") })).toThrow(
    "the input is float64 and the layer float32",
  );
});

test("writes memory in units that leave three digits", () => {
  const memory = (n: number) =>
    String(summary({ x: parameter(tensor(new Float32Array(n))) }))
      .split("\n")
      .at(-1)!
      .trim()
      .split("  ")
      .at(-1)!
      .trim();
  expect([0, 1, 255, 256, 2 ** 16, 25_700, 25_500, 300_000].map(memory)).toEqual([
    "0 B",
    "4 B",
    "1020 B",
    "1.00 KiB",
    "256 KiB",
    "100 KiB",
    "99.6 KiB",
    "1.14 MiB",
  ]);
});

test("a bare function is a layer without variables, by its name", () => {
  const own = (x: Tensor): Tensor => x.sum({ axis: 1 });
  expect(summary(relu).layers).toEqual([
    { path: "", kind: "relu", output: null, trainable: 0, notTrained: 0, bytes: 0 },
  ]);
  expect(summary(relu, { input: [2, 3] }).layers[0]!.output).toEqual([2, 3]);
  expect(summary(own, { input: [2, 3] }).layers).toEqual([
    { path: "", kind: "own", output: [2], trainable: 0, notTrained: 0, bytes: 0 },
  ]);
});

test("refuses what is no model, and an input for what can't be run", () => {
  expect(() => summary(3 as never)).toThrow(TypeError);
  expect(() => summary({ a: model() }, { input: [1, 4] })).toThrow(
    "the model has no forward(x), so that no input can be given",
  );
  expect(() => summary(model(), { input: "x" as never })).toThrow(
    "the input is a string and must be a tensor or a shape",
  );
  expect(() => summary(model(), { inputs: [1] } as never)).toThrow('there is no option "inputs"');
});
