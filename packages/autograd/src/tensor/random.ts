// Random tensors. Keys are values: split one to get independent others.

import { checkOptions } from "../array/arguments.ts";
import type { Tuple } from "../array/axis-types.ts";
import { checkDType, type DType, isFloat } from "../array/dtype.ts";
import { DTypeError } from "../array/errors.ts";
import { checkShape, shapeText, sizeOf } from "../array/shape.ts";
import type { Literal, Shape } from "../array/shape-types.ts";
import { statedFunction } from "../expression/elementwise-function.ts";
import { type Draw, randomNormal, randomUniform, splitBits } from "../primitives/random.ts";
import { apply } from "../tape/apply.ts";
import type { Primitive } from "../tape/value.ts";
import { tensor } from "./creation.ts";
import { asTensor, checkTensor, type Tensor } from "./tensor.ts";

/** A key: two 32-bit words. */
export type Key = Tensor<[2]>;

/** Throws unless a value is a key. */
export function checkKey(operation: string, key: unknown): void {
  if (typeof key === "function")
    throw new TypeError(
      `${operation}: got a function where a key belongs; a source of keys gives one where it is called: key()`,
    );
  const { dtype, shape } = checkTensor(operation, key, "a key belongs; make one with randomKey(seed)");
  if (dtype !== "int32" || shape.length !== 1 || shape[0] !== 2) {
    throw new DTypeError(
      `${operation}: the key is ${dtype} ${shapeText(shape)}; make one with randomKey(seed), and others from it with splitKey`,
    );
  }
}

/**
 * A key from a seed, a whole number within ±2⁵³. Equal seeds give equal draws everywhere. Throws RangeError for another
 * seed. JAX's `key`.
 */
export function randomKey(seed: number): Key {
  if (!Number.isSafeInteger(seed))
    throw new RangeError(
      `randomKey: seed ${seed} is not a whole number within ±2⁵³; give one, e.g. randomKey(0)`,
    );
  return tensor([Math.floor(seed / 2 ** 32) | 0, seed | 0], { dtype: "int32" }) as Key;
}

/**
 * n keys whose draws are independent of each other's and of the key's own. Throws DTypeError where the key is none, and
 * RangeError for an n that is not whole or below 0. JAX's `split`; Threefry: Salmon et al. (2011), "Parallel random
 * numbers: as easy as 1, 2, 3".
 */
export function splitKey<const N extends number = 2>(key: Key, n: N = 2 as N): Tuple<Key, N> {
  checkKey("splitKey", key);
  checkCount("splitKey", n);
  const words: Tensor = asTensor(apply(splitBits, [key], { count: 2 * n, dtype: "int32" }));
  const pairs = words.reshape([n, 2]);
  return Array.from({ length: n }, (_, i) => pairs.slice(i)) as Tuple<Key, N>;
}

/** The option of functions that draw random numbers with fractions. */
export interface DrawOptions {
  /** Element type, float32 or float64; float32 by default. */
  readonly dtype?: DType;
}

function checkCount(operation: string, n: number): void {
  if (Number.isInteger(n) && n >= 0) return;
  throw new RangeError(`${operation}: n is ${n}; give a whole number, 0 or more`);
}

/** Evenly spread float64 fractions from 0 to below 1, of which other draws are made; errors name these. */
export const fractions = <S extends Shape>(operation: string, key: Key, shape: Shape): Tensor<S> =>
  drawn(operation, randomUniform, key, shape, "float64");

/** Draws of a shape, after a check of the arguments. */
function drawn<S extends Shape>(
  operation: string,
  primitive: Primitive<Draw>,
  key: Key,
  shape: Shape,
  dtype: DType = "float32",
): Tensor<S> {
  checkKey(operation, key);
  checkShape(shape, operation);
  if (!isFloat(checkDType(dtype, operation)))
    throw new DTypeError(`${operation}: ${dtype} can't hold fractions; use float32 or float64, then cast`);
  const words: Tensor = asTensor(apply(primitive, [key], { count: sizeOf(shape), dtype }));
  return words.reshape(shape);
}

/**
 * A fraction of the way from low to high, or low itself where rounding has led to high: of the numbers that are rounded to the
 * two ends, half an interval each lies outside, so that the two together fill one.
 */
const between = statedFunction("uniform", 4, (fraction, span, low, end) => {
  const drawn = fraction!.mul(span!).add(low!);
  return drawn.greaterEqual(end!).select(low!, drawn);
});

/** The least number of a type that is not below a number. */
export function roundedUp(value: number, dtype: DType): number {
  if (dtype !== "float32") return value;
  const nearest = Math.fround(value);
  if (nearest >= value) return nearest;
  float[0] = nearest;
  // As whole numbers, the bits of floats of one sign increase with their magnitude; −0 and 0 count as the same.
  if (nearest === 0) word32[0] = 1;
  else word32[0]! += nearest > 0 ? 1 : -1;
  return float[0]!;
}

/** The largest float32. */
const MOST = 2 ** 128 - 2 ** 104;
const float = new Float32Array(1);
const word32 = new Int32Array(float.buffer);

/**
 * Evenly spread over [low, high), 0 to 1 by default; all equal to low where the two are equal. Throws RangeError where
 * they bound no interval, or one in which no number of the type lies. The draws have the shape given. JAX's `uniform`.
 */
export function uniform<const S extends Shape>(
  key: Key,
  shape: S,
  options: DrawOptions & { readonly low?: number; readonly high?: number } = {},
): Tensor<Literal<S>> {
  checkOptions("uniform", options, ["low", "high", "dtype"]);
  const { low = 0, high = 1 } = options;
  if (!(Number.isFinite(low) && Number.isFinite(high) && low <= high))
    throw new RangeError(
      `uniform: low ${low} and high ${high} bound no interval; give finite numbers, low not above high`,
    );
  const { dtype = "float32" } = options;
  const unit = drawn<Literal<S>>("uniform", randomUniform, key, shape, dtype);
  if (low === 0 && high === 1) return unit;
  const [first, end] = [roundedUp(low, dtype), roundedUp(high, dtype)];
  if (!(Number.isFinite(first) && Number.isFinite(end)) || (dtype === "float32" && low < -MOST))
    throw new RangeError(
      `uniform: low ${low} and high ${high} are not within ±${MOST}, where ${dtype} ends; give nearer ones, or dtype: "float64"`,
    );
  if (low < high && !(first < high))
    throw new RangeError(
      `uniform: no ${dtype} number lies in [${low}, ${high}); give a wider interval, or dtype: "float64"`,
    );
  const span = dtype === "float32" ? Math.fround(high - low) : high - low;
  // Halves of numbers this large are exact.
  return Number.isFinite(span)
    ? unit.elementwise(between, span, first, end)
    : unit.elementwise(between, high / 2 - low / 2, first / 2, end / 2).mul(2);
}

/**
 * Normally distributed draws of the shape given: mean 0 and standard deviation 1 by default. Throws RangeError for a
 * mean or deviation that is not finite, or a deviation below 0, and DTypeError for a type without fractions. JAX's
 * `normal`.
 */
export function normal<const S extends Shape>(
  key: Key,
  shape: S,
  options: DrawOptions & { readonly mean?: number; readonly deviation?: number } = {},
): Tensor<Literal<S>> {
  checkOptions("normal", options, ["mean", "deviation", "dtype"]);
  const { mean = 0, deviation = 1 } = options;
  if (!Number.isFinite(mean) || !(deviation >= 0 && deviation < Infinity))
    throw new RangeError(
      `normal: mean ${mean} and deviation ${deviation} make no distribution; both must be finite and the deviation 0 or more`,
    );
  const standard = drawn<Literal<S>>("normal", randomNormal, key, shape, options.dtype);
  return mean === 0 && deviation === 1 ? standard : standard.mul(deviation).add(mean);
}

/**
 * Truth values (bool) of the shape given, each true with a probability, ½ by default. Throws RangeError for a
 * probability outside [0, 1]. JAX's `bernoulli`.
 */
export function bernoulli<const S extends Shape>(
  key: Key,
  shape: S,
  options: { readonly probability?: number } = {},
): Tensor<Literal<S>> {
  checkOptions("bernoulli", options, ["probability"]);
  const { probability = 0.5 } = options;
  if (!(probability >= 0 && probability <= 1))
    throw new RangeError(`bernoulli: probability ${probability} must lie between 0 and 1`);
  return drawn<Literal<S>>("bernoulli", randomUniform, key, shape, "float64").less(probability);
}

/**
 * The numbers 0 … n − 1 in random order (int32): [n]. Throws DTypeError where the key is none, and RangeError for an n
 * that is not whole or below 0. NumPy's `permutation` of a number.
 */
export function permutation<const N extends number>(key: Key, n: N): Tensor<[N]> {
  checkKey("permutation", key);
  checkCount("permutation", n);
  return uniform(key, [n], { dtype: "float64" }).argsort();
}
