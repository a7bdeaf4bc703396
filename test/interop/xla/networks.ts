// Three networks of the examples with a training step each, and real data in batches: what is trained on XLA.

import { randomInteger, randomKey, stack, type Tensor, tensor, type Variable } from "@adjoint/autograd";
import {
  adam,
  adamw,
  batchNorm,
  conv2d,
  crossEntropy,
  dense,
  dropout,
  embedding,
  encoderBlock,
  flatten,
  gelu,
  heUniform,
  type Keys,
  keys,
  type Layer,
  layerNorm,
  learnedPositions,
  maxPool2d,
  normalOf,
  type Optimizer,
  oneCycle,
  parameters,
  relu,
  sequential,
  warmUp,
} from "@adjoint/nn";
import { loadDigits, samplesOf, select } from "../../../packages/examples/src/data/mnist.ts";
import { loadText, vocabularyOf } from "../../../packages/examples/src/data/text.ts";

export type FloatType = "float32" | "float64";

/** A network with its step: what is recorded, compiled and trained. */
export interface Network {
  /** What the step changes. */
  readonly holder: { readonly model: Layer; readonly optimizer: Optimizer; readonly key?: Keys };
  readonly trained: Readonly<Record<string, Variable>>;
  /** The loss of a batch; the weights change. */
  readonly step: (x: Tensor, y: Tensor) => Tensor;
}

export interface Batches {
  /** [steps, ...batch]. */
  readonly x: Tensor;
  readonly y: Tensor;
}

export const batchAt = ({ x, y }: Batches, i: number): [Tensor, Tensor] => [
  x.slice(i) as Tensor,
  y.slice(i) as Tensor,
];

const networkOf = (model: Layer, optimizer: Optimizer, key?: Keys): Network => {
  const trained = parameters(model);
  return {
    holder: { model, optimizer, ...(key === undefined ? {} : { key }) },
    trained,
    step: (x, y) =>
      optimizer.minimize(
        () =>
          crossEntropy(model.forward(x, { training: true, ...(key === undefined ? {} : { key: key() }) }), y),
        trained,
      ),
  };
};

/** Images [steps, batch, 1, 28, 28] and labels [steps, batch] in an order drawn once. */
function digits(steps: number, batch: number, dtype: FloatType): Batches {
  const all = loadDigits();
  const places = randomInteger(randomKey(3), [steps * batch], { low: 0, high: all.labels.length });
  const { x, y } = samplesOf(select(all, places.data as Int32Array));
  return {
    x: x.cast(dtype).reshape([steps, batch, ...x.shape.slice(1)]),
    y: y.reshape([steps, batch]),
  };
}

/** How many different characters the book has. */
const SIGNS = 89;

/** Characters [steps, batch, context] of the book and those that follow them. */
function characters(steps: number, batch: number, context: number): Batches {
  const text = [...loadText()];
  const vocabulary = vocabularyOf(text);
  if (vocabulary.size !== SIGNS) throw new Error(`the book has ${vocabulary.size} signs`);
  const numbers = Int32Array.from(text, (each) => vocabulary.get(each)!);
  const starts = randomInteger(randomKey(3), [steps * batch], { low: 0, high: numbers.length - context - 1 });
  const from = (shift: number) =>
    stack(
      Array.from(starts.data, (start) => tensor(numbers.slice(start + shift, start + shift + context))),
    ).reshape([steps, batch, context]);
  return { x: from(0), y: from(1) };
}

/** packages/examples/src/digits.ts: 784 → 256 → 10. */
const perceptron = (dtype: FloatType, steps: number): Network => {
  const key = keys(1);
  const model = sequential(
    flatten(),
    dense(28 * 28, 256, { initializer: heUniform, key: key(), dtype }),
    relu,
    dense(256, 10, { key: key(), dtype }),
  );
  return networkOf(model, adam({ learningRate: oneCycle(0.006, { steps, rising: 0.2 }) }));
};

/** packages/examples/src/digits-convolutional.ts, with its batch normalisation and its dropout. */
const convolutional = (dtype: FloatType, steps: number): Network => {
  const key = keys(1);
  const convolution = (inputs: number, outputs: number, window: number) =>
    conv2d(inputs, outputs, window, { bias: false, initializer: heUniform, key: key(), dtype });
  const model = sequential(
    ...[convolution(1, 12, 5), maxPool2d(2), batchNorm(12, { dtype }), relu],
    ...[convolution(12, 24, 3), maxPool2d(2), batchNorm(24, { dtype }), relu],
    ...[convolution(24, 48, 3), batchNorm(48, { dtype }), relu],
    ...[flatten(), dropout(0.2), dense(48 * 3 * 3, 10, { key: key(), dtype })],
  );
  return networkOf(model, adam({ learningRate: oneCycle(0.01, { steps, rising: 0.2 }) }), key);
};

/** packages/examples/src/characters.ts: 2 blocks of 4 heads, 64 wide, 64 characters. */
const transformer = (dtype: FloatType, signs: number): Network => {
  const key = keys(1);
  const initializer = normalOf(0.02);
  const model = sequential(
    embedding(signs, 64, { initializer, key: key(), dtype }),
    learnedPositions(64, 64, { initializer, key: key(), dtype }),
    ...[0, 1].map(() =>
      encoderBlock(64, 4, { causal: true, normFirst: true, activation: gelu, key: key(), dtype }),
    ),
    layerNorm(64, { dtype }),
    dense(64, signs, { key: key(), dtype }),
  );
  return networkOf(model, adamw({ learningRate: warmUp(0.003, { steps: 50 }) }));
};

/** A case: a network, made anew in each call, and as many batches as there are steps. */
export interface Case {
  readonly name: string;
  /** Samples in a batch. */
  readonly batch: number;
  /** Of how many products the longest sum of its forward pass is. */
  readonly fanIn: number;
  /** Of how many numbers the loss is a mean. */
  readonly terms: number;
  readonly make: (dtype: FloatType) => Network;
  readonly batches: (dtype: FloatType) => Batches;
}

/** The transformer's. The text is read only where batches are made. */
export const charactersCase = (steps: number): Case => ({
  name: "the characters' transformer",
  batch: 16,
  fanIn: 256,
  terms: 16 * 64,
  make: (dtype) => transformer(dtype, SIGNS),
  batches: () => characters(steps, 16, 64),
});

export const cases = (steps: number): readonly Case[] => {
  return [
    {
      name: "the digits' perceptron",
      batch: 80,
      fanIn: 784,
      terms: 80,
      make: (dtype) => perceptron(dtype, steps),
      batches: (dtype) => digits(steps, 80, dtype),
    },
    {
      name: "the digits' convolutional network",
      batch: 48,
      fanIn: 432,
      terms: 48,
      make: (dtype) => convolutional(dtype, steps),
      batches: (dtype) => digits(steps, 48, dtype),
    },
    charactersCase(steps),
  ];
};
