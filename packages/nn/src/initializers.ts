// First weights. An initializer is a function of a key, a shape and an element type.

import {
  type DType,
  full,
  type Key,
  normal,
  randomKey,
  type Shape,
  ShapeError,
  splitKey,
  type Tensor,
  truncatedNormal,
  uniform,
} from "@adjoint/autograd";
import { checkFunction, checkTensor, hasShape } from "./arguments.ts";
import { made } from "./made.ts";

/** How many inputs one unit sums up, and how many units each input reaches. */
export interface Fans {
  /** How many inputs one unit sums up. */
  readonly inputs: number;
  /** How many units each input reaches. */
  readonly outputs: number;
}

/**
 * Makes a layer's first weights. Those that scale by the numbers of inputs and outputs throw ShapeError for a shape of
 * fewer than two axes where these are not given.
 */
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

/**
 * Evenly over ±√(6/(inputs + outputs)): keeps the variance from layer to layer for tanh-like activations. Glorot &
 * Bengio (2010). PyTorch's `xavier_uniform_`.
 */
export const glorotUniform: Initializer = evenly(({ inputs, outputs }) => Math.sqrt(6 / (inputs + outputs)));

/** Normal with variance 2/(inputs + outputs). Glorot & Bengio (2010). PyTorch's `xavier_normal_`. */
export const glorotNormal: Initializer = normally(({ inputs, outputs }) => Math.sqrt(2 / (inputs + outputs)));

/**
 * Evenly over ±√(6/inputs): keeps the variance from layer to layer for relu-like activations. He et al. (2015).
 * PyTorch's `kaiming_uniform_`.
 */
export const heUniform: Initializer = evenly(({ inputs }) => Math.sqrt(6 / inputs));

/** Normal with variance 2/inputs. He et al. (2015). PyTorch's `kaiming_normal_`. */
export const heNormal: Initializer = normally(({ inputs }) => Math.sqrt(2 / inputs));

/** Evenly over ±√(3/inputs): variance 1/inputs, for selu and activations like the identity near 0. LeCun et al. (1998). */
export const leCunUniform: Initializer = evenly(({ inputs }) => Math.sqrt(3 / inputs));

/** Normal with variance 1/inputs, for selu and activations like the identity near 0. LeCun et al. (1998). */
export const leCunNormal: Initializer = normally(({ inputs }) => Math.sqrt(1 / inputs));

/**
 * Evenly over [low, high), such as the lecture's small range [0, 1]. Throws RangeError where low is above high, or an end
 * is not finite. PyTorch's `uniform_`.
 */
export function uniformRange(low: number, high: number): Initializer {
  if (!(low <= high && Number.isFinite(low) && Number.isFinite(high)))
    throw new RangeError(
      `uniformRange: from ${low} to ${high}; both must be finite, and the first not above the second`,
    );
  const spread: Initializer = (key, shape, dtype) => uniform(key, shape, { dtype, low, high });
  return made(spread, "uniformRange", low, high);
}

/**
 * Normal with mean 0 and this deviation, whatever the shape. Throws RangeError for a deviation that is not positive.
 * PyTorch's `normal_`.
 */
export function normalOf(deviation: number): Initializer {
  checkDeviation("normalOf", deviation);
  const drawn: Initializer = (key, shape, dtype) => normal(key, shape, { dtype, deviation });
  return made(drawn, "normalOf", deviation);
}

/**
 * Normal with mean 0 and this deviation, cut off at ±`cut` deviations; 2 by default. Cutting makes the deviation
 * smaller: by 0.88 for 2. PyTorch's `trunc_normal_` with bounds ±cut·deviation. Throws RangeError for numbers that are
 * not positive.
 */
export function truncatedNormalOf(deviation: number, cut = 2): Initializer {
  checkDeviation("truncatedNormalOf", deviation);
  if (!(cut > 0)) throw new RangeError(`truncatedNormalOf: cut ${cut} must be above 0, e.g. 2`);
  const drawn: Initializer = (key, shape, dtype) =>
    truncatedNormal(key, shape, { dtype, lower: -cut, upper: cut }).mul(deviation);
  return made(drawn, "truncatedNormalOf", deviation, cut);
}

function checkDeviation(operation: string, deviation: number): void {
  if (!(deviation > 0 && deviation < Infinity))
    throw new RangeError(`${operation}: deviation ${deviation} must be above 0, and finite`);
}

/**
 * What an initializer makes, times a gain: `scaled(glorotUniform, gainOf(tanh))`. For an initializer that keeps the variance
 * of weighted sums, such as leCunNormal, the gain of the activation before keeps it through the activation, too. PyTorch's
 * `gain`. Throws RangeError for a gain that is not finite.
 */
export function scaled(initializer: Initializer, gain: number): Initializer {
  checkFunction("scaled", "the initializer", initializer, "glorotUniform");
  if (!Number.isFinite(gain)) throw new RangeError(`scaled: gain ${gain} must be a finite number`);
  const result: Initializer = (key, shape, dtype, fans) => initializer(key, shape, dtype, fans).mul(gain);
  if (initializer.isConstant === true) Object.assign(result, { isConstant: true as const });
  return made(result, "scaled", initializer, gain);
}

const constant = (value: number): Initializer =>
  Object.assign((_key: Key, shape: Shape, dtype: DType) => full(shape, value, { dtype }), {
    isConstant: true as const,
  });

/** All zeros: right for biases; for weights it leaves all units of a layer alike. PyTorch's `zeros_`. */
export const allZeros: Initializer = constant(0);

/** All ones: the scales of a normalisation. PyTorch's `ones_`. */
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

/** The options for each of n inner layers that hold their key, or that hold nothing where there is no key. */
export function keyOptions(key: Key | undefined, n: number): readonly { readonly key?: Key }[] {
  return key === undefined ? new Array<object>(n).fill({}) : splitKey(key, n).map((each) => ({ key: each }));
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
