// Every layer of the package, for several options each: how it is made, what it is given, and its definition in plain loops.
// A case that has figures of PyTorch has the name that ./data/layers.ts gives it.

import { bernoulli, randomKey } from "@adjoint/autograd";
import * as nn from "@adjoint/nn";
import type { Plain } from "./layer-references.ts";
import * as plain from "./layer-references.ts";

export type FloatType = "float32" | "float64";

/** Numbers from −2 to 2 in steps of 1/64, different ones up to 257 of them: exact in both float types. */
export const filled = (n: number, seed: number): number[] =>
  Array.from({ length: n }, (_, i) => (((i * 67 + seed * 31 + 13) % 257) - 128) / 64);

export interface LayerCase {
  readonly make: (dtype: FloatType) => nn.Layer;
  /** The shape of the input, or the labels. */
  readonly input: readonly number[] | { readonly labels: readonly (readonly number[])[] };
  readonly options?: nn.ForwardOptions;
  /** What it computes of x and its variables by path. */
  readonly definition: (x: Plain, variables: Readonly<Record<string, Plain>>) => Plain;
  /** What state is afterwards, where the layer changes it. */
  readonly after?: (x: Plain, variables: Readonly<Record<string, Plain>>) => Readonly<Record<string, Plain>>;
}

// Overwritten before anything is computed.
const start = { initializer: nn.allZeros } as const;
const both = (n: number): readonly [number, number] => [n, n];

type Options = nn.ConvolutionLayerOptions;
const convolution =
  (laid: plain.Laid = {}): LayerCase["definition"] =>
  (x, { weight, bias }) =>
    plain.convolved(x, weight!, bias, laid);
const transposed =
  (laid: plain.Laid = {}): LayerCase["definition"] =>
  (x, { weight, bias }) =>
    plain.spreadOut(x, weight!, bias, laid);

const conv1d =
  (inputs: number, outputs: number, size: number, options: Options = {}): LayerCase["make"] =>
  (dtype) =>
    nn.conv1d(inputs, outputs, size, { ...options, ...start, dtype });
const conv2d =
  (
    inputs: number,
    outputs: number,
    window: number | readonly [number, number],
    options: Options = {},
  ): LayerCase["make"] =>
  (dtype) =>
    nn.conv2d(inputs, outputs, window, { ...options, ...start, dtype });

const around1d = (mode: nn.ConvolutionLayerOptions["paddingMode"] & string): LayerCase => ({
  make: conv1d(1, 2, 3, { padding: 2, paddingMode: mode }),
  input: [1, 1, 5],
  definition: convolution({ padding: [both(2)], mode }),
});

const pooling = (
  make: () => nn.Layer,
  input: readonly number[],
  [reduce, outside]: readonly [(numbers: readonly number[]) => number, number],
  size: readonly number[],
  stride: readonly number[] = size,
  padding: readonly number[] = size.map(() => 0),
): LayerCase => ({
  make,
  input,
  definition: (x) => plain.pooled(x, reduce, outside, size, stride, padding),
});
const largest = [plain.largest, -Infinity] as const;
const mean = [plain.mean, 0] as const;
const poolingTo = (
  make: () => nn.Layer,
  input: readonly number[],
  reduce: (numbers: readonly number[]) => number,
  size: readonly number[],
): LayerCase => ({ make, input, definition: (x) => plain.pooledTo(x, reduce, size) });

const channel = (place: readonly number[]) => place[1]!;

const batchNorm = (
  input: readonly number[],
  { epsilon = 1e-5, momentum = 0.1, affine = true }: nn.BatchNormOptions = {},
): LayerCase => ({
  make: (dtype) => nn.batchNorm(input[1]!, { epsilon, momentum, affine, dtype }),
  input,
  options: { training: true },
  definition: (x, { weight, bias }) =>
    plain.affine(plain.normalizedBy(x, channel, epsilon), channel, weight, bias),
  after(x, { runningMean, runningVariance }) {
    const batch = plain.statistics(x, channel);
    const moved = (running: Plain, of: (found: { mean: number; variance: number; size: number }) => number) =>
      plain.each(running, (value, [c]) => value + momentum * (of(batch.get(c)!) - value));
    return {
      runningMean: moved(runningMean!, (found) => found.mean),
      runningVariance: moved(runningVariance!, ({ variance, size }) => (variance * size) / (size - 1)),
    };
  },
});

/** Normalization over the last axes, of these sizes, by a definition of each group. */
const lastAxes = (sizes: readonly number[]) => ({
  group: (place: readonly number[]) => place.slice(0, -sizes.length).join(),
  index: (place: readonly number[]) =>
    place.slice(-sizes.length).reduce((index, i, k) => index * sizes[k]! + i, 0),
});
const layerNorm = (
  input: readonly number[],
  sizes: readonly number[],
  { epsilon = 1e-5, affine = true }: nn.NormalizationOptions = {},
): LayerCase => ({
  make: (dtype) => nn.layerNorm(sizes.length === 1 ? sizes[0]! : sizes, { epsilon, affine, dtype }),
  input,
  definition: (x, { weight, bias }) => {
    const { group, index } = lastAxes(sizes);
    return plain.affine(plain.normalizedBy(x, group, epsilon), index, weight, bias);
  },
});
const rmsNorm = (input: readonly number[], sizes: readonly number[], epsilon?: number): LayerCase => ({
  make: (dtype) => nn.rmsNorm(sizes, { ...(epsilon === undefined ? {} : { epsilon }), dtype }),
  input,
  definition: (x, { weight }) => {
    const { group, index } = lastAxes(sizes);
    const squares = plain.statistics(
      plain.each(x, (value) => value ** 2),
      group,
    );
    const scaled = plain.each(
      x,
      // The default is too small to be seen beside these numbers.
      (value, place) => value / Math.sqrt(squares.get(group(place))!.mean + (epsilon ?? 0)),
    );
    return plain.affine(scaled, index, weight, undefined);
  },
});
const groupNorm = (
  groups: number,
  input: readonly number[],
  { epsilon = 1e-5, affine = true }: nn.NormalizationOptions = {},
): LayerCase => ({
  make: (dtype) => nn.groupNorm(groups, input[1]!, { epsilon, affine, dtype }),
  input,
  definition: (x, { weight, bias }) => {
    const group = ([n, c]: readonly number[]) => `${n} ${Math.floor((c! * groups) / input[1]!)}`;
    return plain.affine(plain.normalizedBy(x, group, epsilon), channel, weight, bias);
  },
});

const labels = {
  labels: [
    [0, 3, 2],
    [2, 4, 3],
  ],
} as const;
const rows: LayerCase["definition"] = (x, { weight }) =>
  plain.plain([...x.shape, weight!.shape[1]!], (place) =>
    plain.at(weight!, [plain.at(x, place.slice(0, -1)), place.at(-1)!]),
  );

/** An activation whose parameters lie along axis 1, or are one for all. */
const learned = (
  make: LayerCase["make"],
  input: readonly number[],
  name: string,
  phi: (x: number, parameter: number) => number,
): LayerCase => ({
  make,
  input,
  definition: (x, variables) => {
    const values = variables[name]!.data;
    return plain.each(x, (value, place) => phi(value, values.length === 1 ? values[0]! : values[place[1]!]!));
  },
});
const prelu = (x: number, p: number) => (x > 0 ? x : p * x);
const snake = (x: number, p: number) => x + Math.sin(p * x) ** 2 / p;

const key = randomKey(5);
const dropping = (rate: number): LayerCase => ({
  make: () => nn.dropout(rate),
  input: [4, 5],
  options: { training: true, key },
  definition: (x) => {
    const kept = bernoulli(key, [4, 5], { probability: 1 - rate }).data;
    return plain.plain(x.shape, ([i, j]) => (kept[5 * i! + j!] ? plain.at(x, [i!, j!]) / (1 - rate) : 0));
  },
});

const same: LayerCase["definition"] = (x) => x;

export const cases: Readonly<Record<string, LayerCase>> = {
  conv1d: { make: conv1d(2, 3, 3), input: [2, 2, 6], definition: convolution() },
  "conv1d in groups": {
    make: conv1d(4, 2, 2, { stride: 2, padding: 1, dilation: 2, groups: 2, bias: false }),
    input: [1, 4, 7],
    definition: convolution({ stride: [2], padding: [both(1)], dilation: [2], groups: 2 }),
  },
  "conv1d reflect": around1d("reflect"),
  "conv1d circular": around1d("circular"),
  "conv1d replicate": around1d("replicate"),
  conv2d: { make: conv2d(2, 3, [2, 3]), input: [2, 2, 3, 4], definition: convolution() },
  "conv2d same": {
    make: conv2d(1, 2, [3, 2], { padding: "same" }),
    input: [1, 1, 4, 4],
    definition: convolution({ padding: [both(1), [0, 1]] }),
  },
  "conv2d in groups": {
    make: conv2d(2, 4, 2, { stride: [2, 1], padding: [1, 0], dilation: [1, 2], groups: 2 }),
    input: [2, 2, 3, 4],
    definition: convolution({ stride: [2, 1], padding: [both(1), both(0)], dilation: [1, 2], groups: 2 }),
  },
  "conv2d circular": {
    make: conv2d(2, 2, 3, { padding: 1, groups: 2, paddingMode: "circular" }),
    input: [1, 2, 3, 4],
    definition: convolution({ padding: [both(1), both(1)], groups: 2, mode: "circular" }),
  },
  "conv2d reflect": {
    make: conv2d(1, 1, 3, { padding: [2, 1], paddingMode: "reflect" }),
    input: [1, 1, 3, 4],
    definition: convolution({ padding: [both(2), both(1)], mode: "reflect" }),
  },
  "conv2d replicate": {
    make: conv2d(1, 1, [2, 3], { padding: [1, 2], paddingMode: "replicate" }),
    input: [1, 1, 3, 4],
    definition: convolution({ padding: [both(1), both(2)], mode: "replicate" }),
  },
  "conv2d with other widths before than after": {
    make: conv2d(1, 1, 2, {
      padding: [
        [1, 0],
        [0, 2],
      ],
      stride: 2,
    }),
    input: [1, 1, 4, 3],
    definition: convolution({
      padding: [
        [1, 0],
        [0, 2],
      ],
      stride: [2, 2],
    }),
  },
  convTranspose1d: {
    make: (dtype) => nn.convTranspose1d(2, 3, 3, { ...start, dtype }),
    input: [2, 2, 4],
    definition: transposed(),
  },
  "convTranspose1d in groups": {
    make: (dtype) =>
      nn.convTranspose1d(4, 2, 3, {
        ...{ stride: 3, padding: 1, outputPadding: 2, dilation: 2, groups: 2 },
        ...{ ...start, dtype },
      }),
    input: [1, 4, 3],
    definition: transposed({ stride: [3], padding: [both(1)], outputPadding: [2], dilation: [2], groups: 2 }),
  },
  "convTranspose1d dilated": {
    make: (dtype) =>
      nn.convTranspose1d(1, 1, 2, { dilation: 3, outputPadding: 2, bias: false, ...start, dtype }),
    input: [1, 1, 4],
    definition: transposed({ dilation: [3], outputPadding: [2] }),
  },
  convTranspose2d: {
    make: (dtype) => nn.convTranspose2d(2, 1, 2, { ...start, dtype }),
    input: [1, 2, 3, 2],
    definition: transposed(),
  },
  "convTranspose2d in groups": {
    make: (dtype) =>
      nn.convTranspose2d(2, 4, [2, 3], {
        ...{ stride: [2, 3], padding: [1, 0], outputPadding: [1, 2], groups: 2 },
        ...{ ...start, dtype },
      }),
    input: [1, 2, 2, 3],
    definition: transposed({
      ...{ stride: [2, 3], padding: [both(1), both(0)], outputPadding: [1, 2], groups: 2 },
    }),
  },
  maxPool1d: pooling(() => nn.maxPool1d(2), [2, 2, 5], largest, [2]),
  "maxPool1d padded": pooling(
    () => nn.maxPool1d(3, { stride: 2, padding: 1 }),
    [1, 2, 6],
    largest,
    [3],
    [2],
    [1],
  ),
  maxPool2d: pooling(() => nn.maxPool2d(2), [1, 2, 4, 5], largest, [2, 2]),
  "maxPool2d padded": pooling(
    ...([() => nn.maxPool2d([3, 2], { stride: [2, 1], padding: 1 }), [1, 1, 4, 4], largest] as const),
    ...([
      [3, 2],
      [2, 1],
      [1, 1],
    ] as const),
  ),
  averagePool1d: pooling(() => nn.averagePool1d(2), [2, 2, 5], mean, [2]),
  "averagePool1d padded": pooling(
    ...([() => nn.averagePool1d(3, { stride: 2, padding: 1 }), [1, 2, 6], mean, [3], [2], [1]] as const),
  ),
  averagePool2d: pooling(() => nn.averagePool2d(2), [1, 2, 4, 5], mean, [2, 2]),
  "averagePool2d padded": pooling(
    ...([() => nn.averagePool2d([3, 2], { stride: [2, 1], padding: 1 }), [1, 1, 4, 4], mean] as const),
    ...([
      [3, 2],
      [2, 1],
      [1, 1],
    ] as const),
  ),
  adaptiveMaxPool1d: poolingTo(() => nn.adaptiveMaxPool1d(3), [1, 2, 7], plain.largest, [3]),
  "adaptiveMaxPool1d evenly": poolingTo(() => nn.adaptiveMaxPool1d(2), [1, 2, 6], plain.largest, [2]),
  adaptiveMaxPool2d: poolingTo(() => nn.adaptiveMaxPool2d([2, 3]), [1, 2, 5, 6], plain.largest, [2, 3]),
  adaptiveAveragePool1d: poolingTo(() => nn.adaptiveAveragePool1d(3), [1, 2, 7], plain.mean, [3]),
  "adaptiveAveragePool1d to more": poolingTo(() => nn.adaptiveAveragePool1d(5), [1, 2, 3], plain.mean, [5]),
  adaptiveAveragePool2d: poolingTo(() => nn.adaptiveAveragePool2d([2, 3]), [1, 2, 5, 6], plain.mean, [2, 3]),
  "adaptiveAveragePool2d to one": poolingTo(
    () => nn.adaptiveAveragePool2d(1),
    [2, 2, 2, 3],
    plain.mean,
    [1, 1],
  ),
  "batchNorm of features": batchNorm([4, 3]),
  "batchNorm of a length": batchNorm([2, 2, 3], { momentum: 0.3, epsilon: 0.1 }),
  "batchNorm of an image": batchNorm([2, 2, 2, 2], { affine: false }),
  "batchNorm in use": {
    make: (dtype) => nn.batchNorm(2, { dtype }),
    input: [1, 2, 2, 2],
    definition: (x, { weight, bias, runningMean, runningVariance }) =>
      plain.affine(
        plain.each(
          x,
          (value, [, c]) => (value - runningMean!.data[c!]!) / Math.sqrt(runningVariance!.data[c!]! + 1e-5),
        ),
        ...([channel, weight, bias] as const),
      ),
  },
  layerNorm: layerNorm([3, 4], [4]),
  "layerNorm of two axes": layerNorm([2, 2, 3], [2, 3], { epsilon: 0.1 }),
  "layerNorm plain": layerNorm([2, 3], [3], { affine: false }),
  groupNorm: groupNorm(2, [2, 4, 3]),
  "groupNorm of features": groupNorm(2, [2, 4], { epsilon: 0.1, affine: false }),
  rmsNorm: rmsNorm([3, 4], [4]),
  "rmsNorm of two axes": rmsNorm([2, 2, 2], [2, 2], 0.1),
  embedding: { make: (dtype) => nn.embedding(5, 3, { ...start, dtype }), input: labels, definition: rows },
  "embedding with padding": {
    make: (dtype) => nn.embedding(5, 2, { paddingIndex: 2, ...start, dtype }),
    input: labels,
    definition: (x, variables) =>
      plain.each(rows(x, variables), (value, place) => (plain.at(x, place.slice(0, -1)) === 2 ? 0 : value)),
  },
  prelu: learned((dtype) => nn.prelu({ dtype }), [2, 3], "weight", prelu),
  "prelu of channels": learned((dtype) => nn.prelu({ channels: 3, dtype }), [2, 3, 2], "weight", prelu),
  snake: learned((dtype) => nn.snake({ dtype }), [2, 3], "alpha", snake),
  "snake of channels": learned((dtype) => nn.snake({ channels: 3, dtype }), [2, 3, 2], "alpha", snake),
  swish: learned(
    (dtype) => nn.swish({ dtype }),
    [2, 3],
    "beta",
    (x, p) => x / (1 + Math.exp(-p * x)),
  ),
  maxout: {
    make: (dtype) => nn.maxout(3, 2, { pieces: 3, ...start, dtype }),
    input: [2, 3],
    definition: (x, { weight, bias }) =>
      plain.plain([2, 2], ([n, o]) =>
        Math.max(
          ...[0, 1, 2].map((k) =>
            [0, 1, 2].reduce(
              (sum, i) => sum + plain.at(x, [n!, i]) * plain.at(weight!, [i, o!, k]),
              plain.at(bias!, [o!, k]),
            ),
          ),
        ),
      ),
  },
  flatten: { make: () => nn.flatten(), input: [2, 2, 3], definition: (x) => ({ ...x, shape: [2, 6] }) },
  dropout: dropping(0.5),
  "dropout of a quarter": dropping(0.25),
  "dropout in use": { make: () => nn.dropout(), input: [4, 5], definition: same },
  residual: {
    make: (dtype) => nn.residual(nn.dense(3, 3, { ...start, dtype })),
    input: [2, 3],
    definition: (x, { "inner.weight": weight, "inner.bias": bias }) => {
      const change = plain.weighted(x, weight!, bias);
      return plain.each(x, (value, place) => value + plain.at(change, place));
    },
  },
  dense: {
    make: (dtype) => nn.dense(3, 2, { ...start, dtype }),
    input: [2, 2, 3],
    definition: (x, { weight, bias }) => plain.weighted(x, weight!, bias),
  },
  mlp: {
    make: (dtype) => nn.mlp([3, 2, 1], { activation: nn.tanh, outputActivation: nn.linear, ...start, dtype }),
    input: [2, 3],
    definition: (x, w) =>
      plain.weighted(
        plain.each(plain.weighted(x, w["0.weight"]!, w["0.bias"]), Math.tanh),
        ...([w["1.weight"]!, w["1.bias"]] as const),
      ),
  },
  sequential: {
    make: (dtype) => nn.sequential(nn.tanh, nn.dense(3, 2, { ...start, dtype })),
    input: [2, 3],
    definition: (x, w) => plain.weighted(plain.each(x, Math.tanh), w["1.weight"]!, w["1.bias"]),
  },
};
