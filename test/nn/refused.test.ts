// What layers, activations and initializers refuse, and what draws and running statistics do besides their values.

import {
  compile,
  convolution,
  grad,
  ones,
  randomKey,
  type Tensor,
  tensor,
  transposedConvolution,
  zeros,
} from "@adjoint/autograd";
import * as nn from "@adjoint/nn";
import { describe, expect, test } from "vitest";
import { numbers, tensorOf, vector } from "../support/tensors.ts";

const start = { initializer: nn.allZeros } as const;
const image = zeros([1, 4, 5, 5]) as Tensor;

test.each<[message: string, call: () => unknown]>([
  ["dropout: rate 50 is the probability to drop out", () => nn.dropout(50)],
  ["needs a key; write const key = keys(0);", () => nn.dropout().forward(image, { training: true })],
  [
    "residual: dense(4, 2, linear) makes [1, 2] of [1, 4]",
    () => nn.residual(nn.dense(4, 2, start)).forward(zeros([1, 4]) as Tensor),
  ],
  [
    "residual: dense(1, 1, linear) makes [1, 1] of [2, 1]",
    () =>
      nn
        .residual({ forward: (x: Tensor) => x.slice([0, 1]), toString: () => "dense(1, 1, linear)" })
        .forward(zeros([2, 1]) as Tensor),
  ],
  ['dropout: there is no option "train"', () => nn.dropout().forward(image, { train: true } as never)],
  ['batchNorm: there is no option "train"', () => nn.batchNorm(4).forward(image, { train: true } as never)],
  ["batchNorm: momentum null must be from 0 to 1", () => nn.batchNorm(2, { momentum: null as never })],
  ["batchNorm: epsilon 0.1 must be 0 or more", () => nn.batchNorm(2, { epsilon: "0.1" as never })],
  ["snake: got null where options belong", () => nn.snake(null as never)],
  [
    "padding has 2 widths for 1 axis; give one for each axis, a width or [before, after], e.g. [[2,0]]",
    () => convolution(ones([1, 1, 4]), ones([1, 1, 3]), { padding: [2, 0] as never }),
  ],
  [
    "padding [1,-1] must be a whole number, 0 or more, or two of them, [before, after]",
    () => convolution(ones([1, 1, 4]), ones([1, 1, 3]), { padding: [[1, -1]] }),
  ],
  [
    "padding 1.5 must be a whole number",
    () => convolution(ones([1, 1, 4]), ones([1, 1, 3]), { padding: 1.5, paddingMode: "circular" }),
  ],
  [
    "conv1d: padding has 2 widths for 1 axis; give one for each axis, a width or [before, after], e.g. [[2,0]]",
    () => nn.conv1d(1, 1, 3, { padding: [2, 0] as never, ...start }),
  ],
  ["conv1d: padding [1,-1] must be a whole", () => nn.conv1d(1, 1, 3, { padding: [[1, -1]], ...start })],
  [
    "conv2d: padding [1,2,3] must be",
    () => nn.conv2d(1, 1, 3, { padding: [0, [1, 2, 3]] as never, ...start }),
  ],
  ["conv1d: padding 1.5 must be a whole number", () => nn.conv1d(1, 1, 3, { padding: 1.5, ...start })],
  ['conv2d: padding "some" is not known', () => nn.conv2d(1, 1, 3, { padding: "some" as never, ...start })],
  ["conv2d: padding is null", () => nn.conv2d(1, 1, 3, { padding: null as never, ...start })],
  [
    'conv2d: paddingMode "mirror" is not known; use "zeros", "reflect"',
    () => nn.conv2d(1, 1, 3, { paddingMode: "mirror" as never, ...start }),
  ],
  [
    'conv1d: paddingMode "toString" is not known',
    () => nn.conv1d(1, 1, 3, { paddingMode: "toString" as never, ...start }),
  ],
  [
    "convolution: padding is null",
    () => convolution(ones([1, 1, 4]), ones([1, 1, 2]), { padding: null as never }),
  ],
  [
    'wider than what "replicate" has there, 0',
    () => convolution(zeros([1, 1, 0]), ones([1, 1, 1]), { padding: 1, paddingMode: "replicate" }),
  ],
  [
    "transposedConvolution: sizes [3], strides [1] and dilations [0.5] must be whole numbers, 1 or more",
    () => transposedConvolution(ones([1, 1, 4]), ones([1, 1, 3]), { dilations: 0.5 }),
  ],
  [
    "strides [1] and dilations [-1] must be whole numbers",
    () => transposedConvolution(ones([1, 1, 9]), ones([1, 1, 5]), { dilations: -1 }),
  ],
  ["strides [0]", () => transposedConvolution(ones([1, 1, 4]), ones([1, 1, 3]), { strides: 0 })],
  ["sizes [0]", () => transposedConvolution(ones([1, 1, 4]), ones([1, 1, 0]))],
  [
    "transposedConvolution: padding [0.5] must be whole numbers, 0 or more",
    () => transposedConvolution(ones([1, 1, 4]), ones([1, 1, 3]), { padding: 0.5 }),
  ],
  [
    "a window of 2 there holds padding alone",
    () => nn.maxPool1d(2, { padding: 1 }).forward(zeros([1, 1, 0])),
  ],
  [
    "multiHeadAttention: heads are 3 wide, and rotary turns pairs",
    () => nn.multiHeadAttention(6, 2, { rotary: true, ...start }),
  ],
  ["rotary: the input is int32", () => nn.rotary(ones([2, 2], { dtype: "int32" }))],
  ["sinusoidalPositions: the input is int32", () => nn.sinusoidalPositions(ones([2, 4], { dtype: "int32" }))],
  ['rotary: there is no option "bas"', () => nn.rotary(ones([2, 2]), { bas: 1 } as never)],
  ["rotary: base -1 must be a finite number above 0", () => nn.rotary(ones([2, 2]), { base: -1 })],
  ["sinusoids: length is -1", () => nn.sinusoids(-1, 4)],
  [
    "attentionWeights: the mask [5, 2, 3] is not broadcastable to the weights [2, 3]",
    () => nn.attentionWeights(ones([2, 4]), ones([3, 4]), ones([5, 2, 3]).greater(0)),
  ],
  [
    "attentionWeights: the mask is an array and must be a tensor",
    () => nn.attentionWeights(ones([2, 4]), ones([3, 4]), [[true]] as never),
  ],
  [
    "multiHeadAttention: the mask is a boolean and must be a tensor",
    () => nn.multiHeadAttention(2, 1, start).forward(ones([1, 2, 2]), { mask: false } as never),
  ],
  [
    "recurrent: the option lengths is float32 and must be int32",
    () => nn.gru(1, 1, { key: randomKey(0) }).forward(ones([1, 4, 1]), { lengths: tensor([1.5]) } as never),
  ],
  [
    "recurrent: the option lengths is an array and must be a tensor",
    () => nn.gru(1, 1, { key: randomKey(0) }).forward(ones([1, 4, 1]), { lengths: [1] } as never),
  ],
  ['fromPyTorch: there is no option "renam"', () => nn.fromPyTorch([], {}, { renam: 1 } as never)],
  ["flatten: [] has no axis of samples", () => nn.flatten().forward(tensor(1) as Tensor)],
  ["batchNorm: the number of channels is 0", () => nn.batchNorm(0)],
  ["batchNorm: momentum 2 must be from 0 to 1", () => nn.batchNorm(2, { momentum: 2 })],
  ["batchNorm: epsilon -1 must be 0 or more", () => nn.batchNorm(2, { epsilon: -1 })],
  ["[batch, 3, ...sizes], with 3 channels along axis 1", () => nn.batchNorm(3).forward(image)],
  [
    "batchNorm: [1, 4] has one value for each channel, which has no variance",
    () => nn.batchNorm(4).forward(zeros([1, 4]) as Tensor, { training: true }),
  ],
  ['batchNorm: there is no option "eps"', () => nn.batchNorm(4, { eps: 1 } as never)],
  ['cast the input, x.cast("float64")', () => nn.batchNorm(4, { dtype: "float64" }).forward(image)],
  ["layerNorm: there are no sizes", () => nn.layerNorm([])],
  ["where the layer takes [..., 4]", () => nn.layerNorm(4).forward(image)],
  ["where the layer takes [..., 5, 4]", () => nn.rmsNorm([5, 4]).forward(image)],
  ["where the layer takes [..., 5]", () => nn.rmsNorm([5]).forward(tensor(1) as Tensor)],
  ["groupNorm: 3 groups don't divide 4 channels", () => nn.groupNorm(3, 4)],
  ["it needs a key; write const key = keys(0); embedding(4, 2, { key: key() })", () => nn.embedding(4, 2)],
  [
    "paddingIndex 4 is none of the labels from 0 to 3",
    () => nn.embedding(4, 2, { paddingIndex: 4, ...start }),
  ],
  ["labels are float32 and must be int32", () => nn.embedding(4, 2, start).forward(image)],
  ["it needs a key; write const key = keys(0); conv2d(4, 2, 3, { key: key() })", () => nn.conv2d(4, 2, 3)],
  ["conv2d(4, 2, [3, 2], { key: key() })", () => nn.conv2d(4, 2, [3, 2])],
  ["conv2d: 3 groups don't divide 4 inputs and 6 outputs", () => nn.conv2d(4, 6, 1, { groups: 3, ...start })],
  ["conv2d: the window is [3, 0]; give whole numbers, 1 or more", () => nn.conv2d(4, 6, [3, 0], start)],
  ["conv2d: the stride has 3 numbers for 2 axes", () => nn.conv2d(4, 6, 1, { stride: [1, 2, 3], ...start })],
  [
    "conv1d: input [1, 4, 5, 5] has 4 axes and the layer takes [batch, channels, length]",
    () => nn.conv1d(4, 1, 1, start).forward(image as never),
  ],
  [
    'paddingMode "mirror" is not known',
    () => nn.conv2d(4, 1, 3, { padding: 1, paddingMode: "mirror" as never, ...start }).forward(image),
  ],
  [
    'wider than what "reflect" has there, 4',
    () => nn.conv2d(4, 1, 3, { padding: 5, paddingMode: "reflect", ...start }).forward(image),
  ],
  [
    'wider than what "circular" has there, 5',
    () => nn.conv2d(4, 1, 3, { padding: 6, paddingMode: "circular", ...start }).forward(image),
  ],
  [
    "outputPadding 2 must be below the stride 2 or the dilation 1",
    () => nn.convTranspose2d(4, 1, 3, { stride: 2, outputPadding: 2, ...start }),
  ],
  [
    "padding [4, 4] leaves sizes [-1, -1] of [7, 7]",
    () => nn.convTranspose2d(4, 1, 3, { padding: 4, ...start }).forward(image),
  ],
  ["maxPool2d: padding 2 is more than half the window 3", () => nn.maxPool2d(3, { padding: 2 })],
  ["adaptiveMaxPool1d: the size is 0", () => nn.adaptiveMaxPool1d(0)],
  ["has no elements to pool", () => nn.adaptiveMaxPool1d(2).forward(zeros([1, 1, 0]) as Tensor)],
  ["prelu: initial is NaN", () => nn.prelu({ initial: Number.NaN })],
  ["snake: initial is 0, by which it would divide", () => nn.snake({ initial: 0 })],
  [
    "swish: input [1, 4, 5, 5] where the layer takes [batch, 3, ...sizes]",
    () => nn.swish({ channels: 3 }).forward(image),
  ],
  [
    "maxout: input [1, 4, 5, 5] where the layer takes 4 inputs along the last axis",
    () => nn.maxout(4, 2, start).forward(image),
  ],
  [
    "leaves sizes [0]",
    () => nn.convTranspose1d(1, 1, 2, { ...start, padding: 1 }).forward(tensorOf([1], [1, 1, 1], "float32")),
  ],
  ["celuOf: alpha 0 must be above 0", () => nn.celuOf(0)],
  ["thresholdOf: threshold NaN", () => nn.thresholdOf(Number.NaN, 0)],
  ["normalOf: deviation 0 must be above 0", () => nn.normalOf(0)],
  ["uniformRange: from 2 to 1; both must be finite", () => nn.uniformRange(2, 1)],
  [
    "uniformRange: from 0 to Infinity; both must be finite",
    () => nn.uniformRange(0, Number.POSITIVE_INFINITY),
  ],
  ["keys: seed 1.5 must be a whole number", () => nn.keys(1.5)],
  ["truncatedNormalOf: cut 0 must be above 0", () => nn.truncatedNormalOf(1, 0)],
  ["scaled: gain NaN must be a finite number", () => nn.scaled(nn.heNormal, Number.NaN)],
  ["gainOf: the mean square of threshold is 0", () => nn.gainOf(nn.thresholdOf(1e9, 0))],
])("%s", (message, call) => {
  expect(call).toThrow(message);
});

describe("dropout", () => {
  test("drops infinity and NaN, too: what is dropped is 0", () => {
    const infinite = tensorOf(new Array<number>(64).fill(Number.POSITIVE_INFINITY), [64], "float32");
    const kept = numbers(nn.dropout(0.5).forward(infinite, { training: true, key: randomKey(1) }));
    expect(new Set(kept)).toEqual(new Set([0, Number.POSITIVE_INFINITY]));
  });

  const x = tensorOf(new Array<number>(10_000).fill(2), [100, 100], "float64");

  test("drops the share it is told to, differently for each key, and keeps the mean", () => {
    const layer = nn.dropout(0.25);
    const [a, b] = [1, 2].map((seed) => numbers(layer.forward(x, { training: true, key: randomKey(seed) })));
    expect(new Set(a)).toEqual(new Set([0, 2 / 0.75]));
    // Of 10,000 the share that drops out has a deviation of 0.0043: six of them are crossed once in 10⁹ runs.
    const share = a!.filter((value) => value === 0).length / 10_000;
    expect(Math.abs(share - 0.25)).toBeLessThan(6 * 0.0044);
    expect(a).not.toEqual(b);
  });

  test("at rate 1 drops everything, at rate 0 and in use nothing, and what is dropped has no derivative", () => {
    const options = { training: true, key: randomKey(1) };
    expect(new Set(numbers(nn.dropout(1).forward(x, options)))).toEqual(new Set([0]));
    expect(nn.dropout(0).forward(x, { training: true })).toBe(x);
    expect(nn.dropout(0.5).forward(x)).toBe(x);
    const y = nn.dropout(0.5).forward(vector(Infinity, Number.NaN, 1, 1), options);
    const slope = grad((v: Tensor) => nn.dropout(0.5).forward(v, options).sum())(vector(1, 1, 1, 1));
    numbers(y).forEach((value, i) => {
      expect(numbers(slope)[i]).toBe(value === 0 ? 0 : 2);
    });
  });
});

test("a compiled training step moves batchNorm's running statistics as an eager one does, and gradients don't reach them", () => {
  const x = tensorOf([1, 2, 3, 5], [2, 2], "float32");
  const [eager, compiled] = [nn.batchNorm(2), nn.batchNorm(2)];
  const steps = compile((v: Tensor) => compiled.forward(v, { training: true }));
  for (let i = 0; i < 3; i++) {
    grad((v: Tensor) => eager.forward(v, { training: true }).square().sum())(x);
    steps(x);
  }
  expect(numbers(eager.runningMean.value)).toEqual(numbers(compiled.runningMean.value));
  expect(numbers(eager.runningVariance.value)).toEqual(numbers(compiled.runningVariance.value));
  expect(Object.keys(nn.parameters(eager))).toEqual(["weight", "bias"]);
  expect(Object.keys(nn.variables(eager))).toEqual(["weight", "bias", "runningMean", "runningVariance"]);
});

test("an embedding refuses a label that is none, eagerly and compiled, a negative one too", () => {
  const layer = nn.embedding(3, 2, start);
  for (const forward of [layer.forward, compile((labels: Tensor) => layer.forward(labels))])
    for (const label of [3, -1])
      expect(() => forward(tensor([0, label], { dtype: "int32" }) as Tensor)).toThrow(
        `embedding: label ${label} is none of the 3; labels run from 0 to 2`,
      );
});

test("layers print as one writes them", () => {
  const model = nn.sequential(
    nn.conv2d(1, 4, 3, start),
    nn.batchNorm(4),
    nn.relu,
    nn.maxPool2d([2, 3]),
    nn.residual(nn.prelu({ channels: 4 })),
    nn.flatten(),
    nn.dropout(0.1),
  );
  expect(String(model)).toBe(
    "sequential(conv2d(1, 4, 3), batchNorm(4), relu, maxPool2d([2, 3]), residual(prelu(4)), flatten(), dropout(0.1))",
  );
});

test("a batch of no samples leaves the running statistics of batchNorm as they are, eagerly and compiled", () => {
  for (const isCompiled of [false, true]) {
    const layer = nn.batchNorm(1);
    const run = (x: Tensor) => layer.forward(x, { training: true });
    const train = isCompiled ? compile(run) : run;
    expect(train(zeros([0, 1])).shape).toEqual([0, 1]);
    expect([layer.runningMean.item(), layer.runningVariance.item()]).toEqual([0, 1]);
  }
});

test("adaptive pooling takes whole numbers, and very many windows", () => {
  const whole = tensor([[[-1, -2, -3, -4, -5]]], { dtype: "int32" });
  expect(nn.adaptiveMaxPool1d(3).forward(whole).toArray()).toEqual([[[-1, -2, -4]]]);
  expect(nn.adaptiveMaxPool1d(130_000).forward(zeros([1, 1, 3])).shape).toEqual([1, 1, 130_000]);
});
