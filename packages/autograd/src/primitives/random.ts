// Random numbers as pure functions of a key and a place: the same in eager and compiled code, in Node and browsers, bit
// for bit. Keys are values: split one to get independent others.

import { checkOptions } from "../array/arguments.ts";
import { checkDType, type DType, isFloat } from "../array/dtype.ts";
import { DTypeError } from "../array/errors.ts";
import { NDArray } from "../array/ndarray.ts";
import { checkShape, shapeText } from "../array/shape.ts";
import type { Literal, Shape } from "../array/shape-types.ts";
import type { Primitive } from "../tape/primitive.ts";
import { tensor } from "./creation.ts";
import { constant } from "./families.ts";
import { checkTensor, type Tensor } from "./tensor.ts";

/** A key: two 32-bit words. */
export type Key = Tensor<[2]>;

const rotations = [13, 15, 26, 6, 17, 29, 16, 24];
const parity = 0x1bd11bda;
const block = new Int32Array(2);

/**
 * Threefry-2x32 with 20 rounds: two random words from two words of key and two of counter. They stay until the next call.
 * Salmon, Moraes, Dror & Shaw (2011), "Parallel random numbers: as easy as 1, 2, 3".
 */
export function threefry(key0: number, key1: number, counter0: number, counter1: number): ArrayLike<number> {
  const schedule = [key0, key1, key0 ^ key1 ^ parity];
  let a = (counter0 + key0) | 0;
  let b = (counter1 + key1) | 0;
  for (let round = 0; round < 20; round++) {
    const by = rotations[round % 8]!;
    a = (a + b) | 0;
    b = ((b << by) | (b >>> (32 - by))) ^ a;
    if (round % 4 === 3) {
      const group = (round + 1) / 4;
      a = (a + schedule[group % 3]!) | 0;
      b = (b + schedule[(group + 1) % 3]! + group) | 0;
    }
  }
  block[0] = a;
  block[1] = b;
  return block;
}

// Draws and splits of one key use different counters, so that they never share a word.
const forDraws = 0;
const forSplits = 1;

function checkKey(operation: string, key: unknown): void {
  const { dtype, shape } = checkTensor(operation, key, "a key belongs; make one with randomKey(seed)");
  if (dtype !== "int32" || shape.length !== 1 || shape[0] !== 2) {
    throw new DTypeError(
      `${operation}: the key is ${dtype} ${shapeText(shape)}; make one with randomKey(seed), and others from it with splitKey`,
    );
  }
}

interface Draw {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** Fills with `next(high, low)`, a fresh block of two words an element. */
function draw(
  key: NDArray,
  { shape, dtype }: Draw,
  use: number,
  next: (high: number, low: number) => number,
): NDArray {
  const result = NDArray.zeros(dtype, shape);
  const [key0, key1] = key.data as unknown as [number, number];
  for (let i = 0; i < result.size; i++) {
    threefry(key0, key1, i, use);
    result.buffer[i] = next(block[0]!, block[1]!);
  }
  return result;
}

const drawing = (
  name: string,
  use: number,
  next: (dtype: DType) => (high: number, low: number) => number,
): Primitive<Draw> =>
  constant({
    name,
    describe: (_key, attributes) => attributes,
    evaluate: ([key], attributes) => draw(key!, attributes, use, next(attributes.dtype)),
    label: ({ shape }) => shapeText(shape),
  });

/** Random 32-bit words. */
export const randomBits: Primitive<Draw> = drawing("randomBits", forDraws, () => (high) => high);
const splitBits: Primitive<Draw> = drawing("splitKey", forSplits, () => (high) => high);

// 24 and 53 random bits: as many as the types resolve evenly.
const fraction = (dtype: DType) =>
  dtype === "float32"
    ? (high: number) => (high >>> 8) * 2 ** -24
    : (high: number, low: number) => ((high >>> 5) * 2 ** 26 + (low >>> 6)) * 2 ** -53;

/** Evenly spread over [0, 1). */
export const randomUniform: Primitive<Draw> = drawing("randomUniform", forDraws, fraction);

/** Normally distributed with mean 0 and variance 1. */
export const randomNormal: Primitive<Draw> = drawing(
  "randomNormal",
  forDraws,
  () => (high, low) =>
    // In the middle of each of 2⁵² equal intervals, so that neither 0 nor 1 occurs.
    normalQuantile(((high >>> 6) * 2 ** 26 + (low >>> 6) + 0.5) * 2 ** -52),
);

function rational(x: number, p: readonly number[], q: readonly number[]): number {
  let [top, bottom] = [0, 0];
  for (let i = p.length - 1; i >= 0; i--) {
    top = top * x + p[i]!;
    bottom = bottom * x + q[i]!;
  }
  return top / bottom;
}

// Wichura (1988), Algorithm AS 241, PPND16: relative accuracy about 1e-16.
const central = {
  p: [
    3.387132872796366608, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125,
    45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727,
  ],
  q: [
    1, 42.313330701600911252, 687.1870074920579083, 5394.1960214247511077, 21213.794301586595867,
    39307.89580009271061, 28729.085735721942674, 5226.495278852854561,
  ],
};
const outer = {
  p: [
    1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504,
    1.27045825245236838258, 0.24178072517745061177, 0.0227238449892691845833, 7.7454501427834140764e-4,
  ],
  q: [
    1, 2.05319162663775882187, 1.6763848301838038494, 0.68976733498510000455, 0.14810397642748007459,
    0.0151986665636164571966, 5.475938084995344946e-4, 1.05075007164441684324e-9,
  ],
};
const far = {
  p: [
    6.6579046435011037772, 5.4637849111641143699, 1.7848265399172913358, 0.29656057182850489123,
    0.026532189526576123093, 0.0012426609473880784386, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
  ],
  q: [
    1, 0.59983220655588793769, 0.13692988092273580531, 0.0148753612908506148525, 7.868691311456132591e-4,
    1.8463183175100546818e-5, 1.4215117583164458887e-7, 2.04426310338993978564e-15,
  ],
};

/** The x below which a standard normal falls with probability p. */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * rational(0.180625 - q * q, central.p, central.q);
  const r = Math.sqrt(-portableLog(q < 0 ? p : 1 - p));
  const x = r <= 5 ? rational(r - 1.6, outer.p, outer.q) : rational(r - 5, far.p, far.q);
  return q < 0 ? -x : x;
}

/**
 * Natural log by arithmetic alone. Math.log may differ in the last bit from engine to engine, and draws must not.
 * x = m·2ᵉ, log m = 2·artanh((m − 1)/(m + 1)) as a series, whose next term is below 1e-17.
 */
function portableLog(x: number): number {
  let exponent = 0;
  let m = x;
  for (; m < Math.SQRT1_2; m *= 2) exponent--;
  const s = (m - 1) / (m + 1);
  const z = s * s;
  let sum = 0;
  for (let k = 23; k >= 1; k -= 2) sum = sum * z + 1 / k;
  return 2 * s * sum + exponent * Math.LN2;
}

/** A key from a seed: any whole number up to 2⁵³. Equal seeds give equal draws everywhere. */
export function randomKey(seed: number): Key {
  if (!Number.isSafeInteger(seed))
    throw new RangeError(
      `randomKey: seed ${seed} is not a whole number within ±2⁵³; give one, e.g. randomKey(0)`,
    );
  return tensor([Math.floor(seed / 2 ** 32) | 0, seed | 0], { dtype: "int32" }) as Key;
}

/** n things: a tuple where n is literal and small. */
type Tuple<T, N extends number, Sofar extends T[] = []> = number extends N
  ? T[]
  : Sofar["length"] extends N
    ? Sofar
    : Sofar["length"] extends 32
      ? T[]
      : Tuple<T, N, [...Sofar, T]>;

/** n keys whose draws are independent of each other's and of the key's own. */
export function splitKey<const N extends number = 2>(key: Key, n: N = 2 as N): Tuple<Key, N> {
  checkKey("splitKey", key);
  checkCount("splitKey", n);
  const words = key.apply(splitBits, [key], { shape: [n, 2], dtype: "int32" });
  return Array.from({ length: n }, (_, i) => words.slice(i) as Key) as Tuple<Key, N>;
}

export interface DrawOptions {
  /** float32 by default. */
  readonly dtype?: DType;
}

function checkCount(operation: string, n: number): void {
  if (Number.isInteger(n) && n >= 0) return;
  throw new RangeError(`${operation}: n is ${n}; give a whole number, 0 or more`);
}

function floatDraw(operation: string, key: Key, shape: Shape, dtype: DType = "float32"): Draw {
  checkKey(operation, key);
  checkShape(shape, operation);
  if (!isFloat(checkDType(dtype, operation)))
    throw new DTypeError(`${operation}: ${dtype} can't hold fractions; use float32 or float64, then cast`);
  return { shape, dtype };
}

/** Evenly spread over [low, high), 0 to 1 by default. */
export function uniform<const S extends Shape>(
  key: Key,
  shape: S,
  options: DrawOptions & { readonly low?: number; readonly high?: number } = {},
): Tensor<Literal<S>> {
  const draw = floatDraw("uniform", key, shape, options.dtype);
  checkOptions("uniform", options, ["low", "high", "dtype"]);
  const { low = 0, high = 1 } = options;
  if (!(Number.isFinite(low) && Number.isFinite(high) && low <= high))
    throw new RangeError(
      `uniform: low ${low} and high ${high} bound no interval; give finite numbers, low not above high`,
    );
  const unit = key.apply(randomUniform, [key], draw);
  return (low === 0 && high === 1 ? unit : unit.mul(high - low).add(low)) as Tensor as Tensor<Literal<S>>;
}

/** Normally distributed: mean 0 and standard deviation 1 by default. */
export function normal<const S extends Shape>(
  key: Key,
  shape: S,
  options: DrawOptions & { readonly mean?: number; readonly deviation?: number } = {},
): Tensor<Literal<S>> {
  const draw = floatDraw("normal", key, shape, options.dtype);
  checkOptions("normal", options, ["mean", "deviation", "dtype"]);
  const { mean = 0, deviation = 1 } = options;
  if (!Number.isFinite(mean) || !(deviation >= 0 && deviation < Infinity))
    throw new RangeError(
      `normal: mean ${mean} and deviation ${deviation} make no distribution; both must be finite and the deviation 0 or more`,
    );
  const standard = key.apply(randomNormal, [key], draw);
  return (mean === 0 && deviation === 1 ? standard : standard.mul(deviation).add(mean)) as Tensor as Tensor<
    Literal<S>
  >;
}

/** True with a probability, ½ by default. */
export function bernoulli<const S extends Shape>(
  key: Key,
  shape: S,
  options: { readonly probability?: number } = {},
): Tensor<Literal<S>> {
  const draw = floatDraw("bernoulli", key, shape, "float64");
  checkOptions("bernoulli", options, ["probability"]);
  const { probability = 0.5 } = options;
  if (!(probability >= 0 && probability <= 1))
    throw new RangeError(`bernoulli: probability ${probability} must lie between 0 and 1`);
  return key.apply(randomUniform, [key], draw).less(probability) as Tensor as Tensor<Literal<S>>;
}

/** The numbers 0 … n − 1 in random order (int32). */
export function permutation<const N extends number>(key: Key, n: N): Tensor<[N]> {
  checkKey("permutation", key);
  checkCount("permutation", n);
  return (uniform(key, [n], { dtype: "float64" }) as Tensor).argsort() as Tensor as Tensor<[N]>;
}
