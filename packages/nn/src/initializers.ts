// First weights. An initializer is a function of a key, a shape and an element type.

import {
  type DType,
  full,
  type Key,
  normal,
  randomKey,
  type Shape,
  ShapeError,
  type Tensor,
  uniform,
} from "@adjoint/autograd";
import { checkFunction, checkTensor, hasShape } from "./arguments.ts";

/** How many inputs one unit sums up, and how many units each input reaches. */
export interface Fans {
  readonly inputs: number;
  readonly outputs: number;
}

export interface Initializer {
  /** Weights of a shape. `fans` are given where the shape does not tell them. */
  (key: Key, shape: Shape, dtype: DType, fans?: Fans): Tensor;
  /** Whether it draws nothing, so that it needs no key. */
  readonly isConstant?: true;
}

/**
 * The fans that a shape tells: of [inputs, outputs], or of a convolution's [outputs, inputs, ...window], times the window's
 * size. Throws ShapeError for fewer than two axes.
 */
function fansOf(shape: Shape): Fans {
  if (shape.length < 2)
    throw new ShapeError(
      `initializer: weights [${shape.join(", ")}] don't tell the numbers of inputs and outputs; give them: initializer(key, shape, dtype, { inputs, outputs })`,
    );
  if (shape.length === 2) return { inputs: shape[0]!, outputs: shape[1]! };
  const window = shape.slice(2).reduce((product, n) => product * n, 1);
  return { inputs: shape[1]! * window, outputs: shape[0]! * window };
}

const evenly =
  (limit: (fans: Fans) => number): Initializer =>
  (key, shape, dtype, fans = fansOf(shape)) =>
    uniform(key, shape, { dtype, low: -limit(fans), high: limit(fans) });

const normally =
  (deviation: (fans: Fans) => number): Initializer =>
  (key, shape, dtype, fans = fansOf(shape)) =>
    normal(key, shape, { dtype, deviation: deviation(fans) });

/** Evenly over ±√(6/(inputs + outputs)): keeps the variance from layer to layer for tanh-like activations. Glorot & Bengio (2010). */
export const glorotUniform: Initializer = evenly(({ inputs, outputs }) => Math.sqrt(6 / (inputs + outputs)));

/** Normal with variance 2/(inputs + outputs). Glorot & Bengio (2010). */
export const glorotNormal: Initializer = normally(({ inputs, outputs }) => Math.sqrt(2 / (inputs + outputs)));

/** Evenly over ±√(6/inputs): keeps the variance from layer to layer for relu-like activations. He et al. (2015). */
export const heUniform: Initializer = evenly(({ inputs }) => Math.sqrt(6 / inputs));

/** Normal with variance 2/inputs. He et al. (2015). */
export const heNormal: Initializer = normally(({ inputs }) => Math.sqrt(2 / inputs));

/** Evenly over [low, high), such as the lecture's small range [0, 1]. */
export function uniformRange(low: number, high: number): Initializer {
  return (key, shape, dtype) => uniform(key, shape, { dtype, low, high });
}

const constant = (value: number): Initializer =>
  Object.assign((_key: Key, shape: Shape, dtype: DType) => full(shape, value, { dtype }), {
    isConstant: true as const,
  });

/** All zeros: right for biases; for weights it leaves all units of a layer alike. */
export const allZeros: Initializer = constant(0);

/** All ones: the scales of a normalisation. */
export const allOnes: Initializer = constant(1);

/** Throws TypeError where an initializer draws and no key is given. `example` is the call as one would write it, up to its options. */
export function checkHasKey(
  layer: string,
  example: string,
  initializer: Initializer,
  key: Key | undefined,
): void {
  if (key !== undefined || initializer.isConstant === true) return;
  throw new TypeError(
    `${layer}: its first weights are random, so it needs a key; write const key = keys(0); ${example}, { key: key() })`,
  );
}

/** Where a layer's first weights come from. */
export interface FirstWeights {
  readonly initializer: Initializer;
  /** Required where the initializer draws. */
  readonly key: Key | undefined;
  readonly dtype: DType;
  readonly fans?: Fans;
}

/**
 * A layer's first weights. `example` is the layer as one would write it, up to its options, for messages: "dense(2, 3".
 * Throws TypeError where the initializer draws and no key is given, ShapeError where what it returns has another shape.
 */
export function firstWeights<S extends Shape>(
  layer: string,
  example: string,
  shape: S,
  source: FirstWeights,
): Tensor<S> {
  const { initializer, key, dtype, fans } = source;
  checkFunction(layer, "the initializer", initializer, "glorotUniform");
  checkHasKey(layer, example, initializer, key);
  const first = initializer(key ?? randomKey(0), shape, dtype, fans);
  checkTensor(layer, "what the initializer returned", first);
  if (!hasShape(first, shape))
    throw new ShapeError(
      `${layer}: the initializer gave [${first.shape.join(", ")}] for weights [${shape.join(", ")}]; it must use the shape it is given`,
    );
  return first;
}
