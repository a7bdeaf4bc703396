// What layers' variables are called in Keras and how they are laid out there: one row for each kind of layer, by the name of the
// function that makes it. Keras 3: its layers/, each file's build().

import { concat, type Tensor, zeros } from "@adjoint/autograd";
import { type Making, type MultiHeadAttention, makingOf } from "@adjoint/nn";

/** A tensor of Keras, and the variables of a layer that it is made of and becomes. */
export interface KerasPlace {
  /** Keras' name within the layer, such as "kernel" or "query/bias". */
  readonly name: string;
  /** The layer's variables, by their paths within it. */
  readonly variables: readonly string[];
  /** Keras' tensor of the variables' values. */
  to(...values: readonly Tensor[]): Tensor;
  /** The variables' values of Keras' tensor, whose shape is that which `to` gives. */
  from(tensor: Tensor): readonly Tensor[];
  /** Whether a tensor of another shape is taken, too. */
  takes?(tensor: Tensor): boolean;
  /** What another shape may come of, for messages. */
  readonly hint?: string;
}

/** A layer's row. */
export interface KerasRow {
  /** The name that Keras gives the first of these layers; the next ones are counted: dense, dense_1, dense_2. */
  readonly layer: string;
  /** Where its variables stand. Those that a layer doesn't have, such as a bias, are left out. */
  readonly places: (layer: object, making: Making) => readonly KerasPlace[];
  /** How many channels come out of it along axis 1, where these are what it makes. */
  readonly channels?: (making: Making) => number;
}

const same = (name: string, variable: string): KerasPlace => ({
  name,
  variables: [variable],
  to: (value) => value!,
  from: (tensor) => [tensor],
});

/** Axes in another order. */
const permuted = (
  name: string,
  variable: string,
  order: (rank: number) => readonly number[],
): KerasPlace => ({
  name,
  variables: [variable],
  to: (value) => value!.permute(order(value!.rank)),
  from: (tensor) => {
    const axes = order(tensor.rank);
    return [tensor.permute(axes.map((_, axis) => axes.indexOf(axis)))];
  },
});

/** [a, b, ...window] → [...window, b, a]: outputs last in convolutions, inputs last in their transposes. */
const windowFirst = (rank: number): number[] => [...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1, 0];

/** The same numbers in another shape. */
const reshaped = (
  name: string,
  variable: string,
  there: readonly number[],
  here: readonly number[],
): KerasPlace => ({
  name,
  variables: [variable],
  to: (value) => value!.reshape([...there]),
  from: (tensor) => [tensor.reshape([...here])],
});

/** Thirds or quarters along the last axis in another order, which is its own inverse. */
const gatesInOrder = (x: Tensor, order: readonly number[]): Tensor => {
  const parts = x.split(order.length, { axis: -1 });
  return concat(
    order.map((i) => parts[i]!),
    { axis: -1 },
  );
};

const scalesAndShifts = [same("gamma", "weight"), same("beta", "bias")];
const weightAndBias = (kernel: KerasPlace): readonly KerasPlace[] => [kernel, same("bias", "bias")];

const convolution = (layer: string): KerasRow => ({
  layer,
  places: () => weightAndBias(permuted("kernel", "weight", windowFirst)),
  channels: ({ from }) => from[1] as number,
});

const transposedConvolution = (layer: string): KerasRow => ({
  layer,
  places: (_, { from }) => {
    const { groups = 1 } = (from[3] ?? {}) as { readonly groups?: number };
    // Keras has none of several groups.
    return groups === 1 ? weightAndBias(permuted("kernel", "weight", windowFirst)) : [];
  },
  channels: ({ from }) => from[1] as number,
});

const attention: KerasRow = {
  layer: "multi_head_attention",
  places: (layer) => {
    const { heads, width, query, key, value } = layer as MultiHeadAttention;
    const each = width / heads;
    const inputs = Object.entries({ query, key, value }).flatMap(([name, matrix]) => [
      reshaped(`${name}/kernel`, `${name}.weight`, [matrix.inputs, heads, each], [matrix.inputs, width]),
      reshaped(`${name}/bias`, `${name}.bias`, [heads, each], [width]),
    ]);
    return [
      ...inputs,
      reshaped("attention_output/kernel", "output.weight", [heads, each, width], [width, width]),
      same("attention_output/bias", "output.bias"),
    ];
  },
};

/** A weight for each channel; Keras has axes of size 1 beside it, as many as are shared. */
const alpha: KerasPlace = {
  ...same("alpha", "weight"),
  from: (tensor) => [tensor.flatten()],
  takes: (tensor) => tensor.shape.filter((n) => n !== 1).length <= 1,
  hint: "PReLU of Keras has a weight for each place unless shared_axes says otherwise",
};

/** The rows of layers, by the names of the functions that make them. */
export const kerasRows: Readonly<Record<string, KerasRow>> = {
  dense: { layer: "dense", places: () => weightAndBias(same("kernel", "weight")) },
  conv1d: convolution("conv1d"),
  conv2d: convolution("conv2d"),
  convTranspose1d: transposedConvolution("conv1d_transpose"),
  convTranspose2d: transposedConvolution("conv2d_transpose"),
  batchNorm: {
    layer: "batch_normalization",
    places: () => [
      ...scalesAndShifts,
      same("moving_mean", "runningMean"),
      same("moving_variance", "runningVariance"),
    ],
  },
  layerNorm: { layer: "layer_normalization", places: () => scalesAndShifts },
  groupNorm: { layer: "group_normalization", places: () => scalesAndShifts },
  rmsNorm: { layer: "rms_normalization", places: () => [same("scale", "weight")] },
  embedding: { layer: "embedding", places: () => [same("embeddings", "weight")] },
  prelu: { layer: "p_re_lu", places: () => [alpha] },
  multiHeadAttention: attention,
};

/** A cell's row. Keras' matrices are laid out as they are here. */
export interface KerasCellRow {
  /** The name that Keras gives the first layer of such cells. */
  readonly layer: string;
  readonly places: readonly KerasPlace[];
}

/** One bias in the place of two, which are added to the same sums; what is read becomes the first of them. */
const oneBias: KerasPlace = {
  name: "bias",
  variables: ["inputBias", "hiddenBias"],
  to: (input, hidden) => input!.add(hidden!),
  from: (tensor) => [tensor, zeros(tensor.shape, { dtype: tensor.dtype })],
};

/** Reset and update change places. */
const GRU_ORDER = [1, 0, 2];
const gruGates = (name: string, variable: string): KerasPlace => ({
  name,
  variables: [variable],
  to: (value) => gatesInOrder(value!, GRU_ORDER),
  from: (tensor) => [gatesInOrder(tensor, GRU_ORDER)],
});

const matrices = [same("kernel", "inputWeight"), same("recurrent_kernel", "hiddenWeight")];

/** The rows of cells, by the names of the functions that make them. */
export const kerasCells: Readonly<Record<string, KerasCellRow>> = {
  plainCell: { layer: "simple_rnn", places: [...matrices, oneBias] },
  // The gates are i, f, c, o in both.
  lstmCell: { layer: "lstm", places: [...matrices, oneBias] },
  gruCell: {
    layer: "gru",
    places: [
      gruGates("kernel", "inputWeight"),
      gruGates("recurrent_kernel", "hiddenWeight"),
      {
        name: "bias",
        variables: ["inputBias", "hiddenBias"],
        to: (...both) =>
          concat(
            both.map((bias) => gatesInOrder(bias, GRU_ORDER).expandDims(0)),
            { axis: 0 },
          ),
        from: (tensor) => tensor.unstack().map((bias) => gatesInOrder(bias, GRU_ORDER)),
        hint: "a GRU of one bias has reset_after=False, which multiplies h by the reset gate before the matrix; this one does it after, Keras' default",
      },
    ],
  },
};

/** Whether it is known how something was made. */
export const isMade = (value: unknown): value is object =>
  ((typeof value === "object" && value !== null) || typeof value === "function") &&
  makingOf(value) !== undefined;

/** The row of what `made` recorded; undefined for what Keras doesn't have. */
export function rowOf<Row>(rows: Readonly<Record<string, Row>>, thing: object): Row | undefined {
  const by = makingOf(thing)?.by;
  return by !== undefined && Object.hasOwn(rows, by) ? rows[by] : undefined;
}
