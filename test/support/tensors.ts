// Numbers, places and products for tests of tensors: plain loops over plain arrays, so that what judges the engine
// shares nothing with it but the class that holds the numbers.

import { type DType, type Shape, Tensor, type Variable, variable } from "@adjoint/autograd";
import fc from "fast-check";
import { allocate } from "../../packages/autograd/src/array/dtype.ts";
import { NDArray } from "../../packages/autograd/src/array/ndarray.ts";

/** Repeatable random numbers from a seed: mulberry32, by Tommy Ettinger. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** Evenly over [0, 1). */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t ^= t + Math.imul(t ^ (t >>> 7), 61 | t);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 to n − 1. */
  below(n: number): number {
    return Math.floor(this.fraction() * n);
  }

  shuffled<T>(items: readonly T[]): T[] {
    const result = [...items];
    for (let i = result.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [result[i], result[j]] = [result[j]!, result[i]!];
    }
    return result;
  }
}

export const seeds: fc.Arbitrary<number> = fc.integer();

/** A size: mostly 2 to 4, now and then 1 or 0, the ones that break things. */
export const sizes: fc.Arbitrary<number> = fc.oneof(
  { weight: 7, arbitrary: fc.integer({ min: 2, max: 4 }) },
  { weight: 2, arbitrary: fc.constant(1) },
  { weight: 1, arbitrary: fc.constant(0) },
);

/** Shapes of up to three axes, empty ones among them. */
export function shapes(minRank = 0, maxRank = 3): fc.Arbitrary<number[]> {
  return fc.array(sizes, { minLength: minRank, maxLength: maxRank });
}

/** Every index of a shape, last axis fastest. */
export function places(shape: Shape): number[][] {
  return shape.reduce<number[][]>(
    (prefixes, n) => prefixes.flatMap((prefix) => Array.from({ length: n }, (_, i) => [...prefix, i])),
    [[]],
  );
}

/** Whether two shapes, or two places, are the same. */
export const same = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((n, i) => n === b[i]);

export const count = (shape: Shape): number => shape.reduce((product, n) => product * n, 1);

/** The place of an index in row-major order. */
export function flat(place: readonly number[], shape: Shape): number {
  return place.reduce((position, i, axis) => position * shape[axis]! + i, 0);
}

export function arrayOf(values: readonly number[], shape: Shape, dtype: DType): NDArray {
  const buffer = allocate(dtype, values.length);
  values.forEach((value, i) => {
    buffer[i] = value;
  });
  return new NDArray(dtype, shape, buffer);
}

export function tensorOf(values: readonly number[], shape: Shape, dtype: DType = "float64"): Tensor {
  return new Tensor(arrayOf(values, shape, dtype));
}

/** The elements of a tensor, row-major. */
export const numbers = (tensor: Tensor): number[] => Array.from(tensor.data);

/** A float64 vector of these numbers. */
export const vector = (...values: number[]): Tensor => tensorOf(values, [values.length]);

/** A variable that holds such a vector. */
export const parameter = (...values: number[]): Variable => variable(vector(...values));

/** The elements of a strided array, read one by one. */
export function elements({ shape, strides, offset, buffer }: NDArray): number[] {
  return places(shape).map(
    (place) => buffer[place.reduce((at, i, axis) => at + i * strides[axis]!, offset)]!,
  );
}

/**
 * Different numbers in random order, 1/16 apart, none within 1/64 of a whole multiple of 1/16: no ties, no kink at 0
 * within reach of a difference. They are multiples of 1/64, so sums and short products of them are exact in
 * both float types.
 */
export function spread(n: number, dice: Dice): number[] {
  const grid = Array.from({ length: n }, (_, i) => (i - (n >> 1)) / 16 + 1 / 64);
  return dice.shuffled(grid);
}

/** Quarters from −3/4 to 3/4, none zero: directions whose products with `spread` are exact. */
export function directions(n: number, dice: Dice): number[] {
  return Array.from({ length: n }, () => ((1 + dice.below(3)) / 4) * (dice.below(2) === 0 ? 1 : -1));
}

/** Numbers with all their digits, around 0, of sizes from 2⁻¹⁰ to 2². */
export function digits(n: number, dice: Dice): number[] {
  return Array.from({ length: n }, () => (dice.fraction() - 0.5) * 2 ** (2 - dice.below(12)));
}

/** The numbers at the edges of arithmetic, and ties. */
const edges = [0, -0, 1, -1, 0.5, Infinity, -Infinity, NaN];
export function edgeNumbers(n: number, dice: Dice): number[] {
  return Array.from({ length: n }, () => edges[dice.below(edges.length)]!);
}

/** The same elements laid out otherwise in memory: axes in another order, backwards, with gaps, at an offset. */
export function laidOutOtherwise(array: NDArray, dice: Dice): NDArray {
  const { shape } = array;
  const strides = new Array<number>(shape.length).fill(0);
  let offset = dice.below(3);
  let span = 1;
  for (const axis of dice.shuffled(shape.map((_, i) => i))) {
    const gap = span * (1 + dice.below(2));
    const n = Math.max(1, shape[axis]!);
    const backwards = dice.below(3) === 0;
    strides[axis] = backwards ? -gap : gap;
    if (backwards) offset += (n - 1) * gap;
    span = gap * n;
  }
  const buffer = allocate(array.dtype, span + 3 + offset);
  // What lies in the gaps must not be read.
  buffer.fill(array.dtype === "int32" ? 1e9 : array.dtype === "bool" ? 1 : NaN);
  const values = elements(array);
  places(shape).forEach((place, i) => {
    buffer[place.reduce((at, k, axis) => at + k * strides[axis]!, offset)] = values[i]!;
  });
  return new NDArray(array.dtype, shape, buffer, strides, offset);
}

/** One slice of the array repeated along an axis with stride 0, as broadcasting does; itself where it has no axis. */
export function stretched(array: NDArray, dice: Dice): NDArray {
  if (array.size === 0 || array.shape.length === 0) return array;
  const axis = dice.below(array.shape.length);
  return array.view(array.shape, array.strides.with(axis, 0));
}

export interface Product {
  readonly value: number;
  /** The sum of the terms' magnitudes: the size that rounding is measured by. */
  readonly scale: number;
}

/** ⟨a, b⟩ over lists of tensors. */
export function innerProduct(a: readonly Tensor[], b: readonly Tensor[]): Product {
  let value = 0;
  let scale = 0;
  a.forEach((tensor, k) => {
    const other = b[k]!.data;
    tensor.data.forEach((x: number, i: number) => {
      value += x * other[i]!;
      scale += Math.abs(x * other[i]!);
    });
  });
  return { value, scale };
}

/** The gap between a float32 and the next, at a size. */
export function ulp32(size: number): number {
  const exponent = Math.max(-126, Math.floor(Math.log2(Math.max(Math.abs(size), 2 ** -149))));
  return 2 ** (exponent - 23);
}
