// Plain n-dimensional data: a typed array seen through shape, strides and an offset. Knows nothing of
// derivatives. Views (broadcast, transposed, sliced) share the buffer; only `contiguous` copies.

import { allocate, type DType, isShared, type TypedArray } from "./dtype.ts";
import { sizeOf, stridesOf } from "./shape.ts";
import type { Shape } from "./shape-types.ts";

/** Numbers that are not in memory yet: they are fetched when they are first asked for. */
export interface Pending {
  /** The elements, row-major. Throws where they are not available. */
  read(): TypedArray;
  /** What to print in place of numbers that are not available. */
  readonly text?: string;
}

/** A strided view of a typed array. Never written to once it has been handed out. */
export class NDArray {
  readonly dtype: DType;
  readonly shape: Shape;
  /** Elements between neighbours along each axis; 0 repeats one element. */
  readonly strides: readonly number[];
  readonly offset: number;
  readonly size: number;
  /** A number stands for a typed array of this one element, which is made only when it is asked for. */
  #buffer: TypedArray | Pending | number;
  #packed: NDArray | undefined;

  constructor(
    dtype: DType,
    shape: Shape,
    buffer: TypedArray | Pending | number,
    strides: readonly number[] = stridesOf(shape),
    offset = 0,
  ) {
    this.dtype = dtype;
    this.shape = shape;
    this.#buffer = buffer;
    this.strides = strides;
    this.offset = offset;
    this.size = sizeOf(shape);
  }

  /** The typed array that the elements lie in. */
  get buffer(): TypedArray {
    const buffer = this.#buffer;
    if (ArrayBuffer.isView(buffer)) return buffer;
    const fetched = typeof buffer === "number" ? single(this.dtype, buffer) : buffer.read();
    this.#buffer = fetched;
    return fetched;
  }

  /** What fetches the numbers while they are not in memory; null once they are. */
  get pending(): Pending | null {
    const buffer = this.#buffer;
    return ArrayBuffer.isView(buffer) || typeof buffer === "number" ? null : buffer;
  }

  /** The first element. */
  get first(): number {
    const buffer = this.#buffer;
    return typeof buffer === "number" ? buffer : this.buffer[this.offset]!;
  }

  /** How many elements are stored: fewer than `size` where some repeat. */
  get stored(): number {
    const buffer = this.#buffer;
    return ArrayBuffer.isView(buffer) ? Math.min(buffer.length, this.size) : this.size;
  }

  static zeros(dtype: DType, shape: Shape): NDArray {
    return new NDArray(dtype, shape, allocate(dtype, sizeOf(shape)));
  }

  /** One number in every place, stored once. */
  static filled(dtype: DType, shape: Shape, value: number): NDArray {
    return new NDArray(dtype, shape, single(dtype, value), new Array<number>(shape.length).fill(0), 0);
  }

  /** Whether the elements lie in row-major order without gaps. */
  get isContiguous(): boolean {
    let expected = 1;
    for (let axis = this.shape.length - 1; axis >= 0; axis--) {
      if (this.shape[axis] !== 1 && this.strides[axis] !== expected) return false;
      expected *= this.shape[axis]!;
    }
    return true;
  }

  /** The same elements in row-major order without gaps: the array itself where they lie so, else a copy. */
  contiguous(): NDArray {
    if (this.isContiguous) return this;
    this.#packed ??= copy(this);
    return this.#packed;
  }

  /** The same elements, row-major, in a buffer that holds nothing else; itself where they are, or are not at hand yet. */
  alone(): NDArray {
    const packed = this.contiguous();
    return packed.pending !== null || packed.buffer.length === packed.size ? packed : copy(packed);
  }

  /** The elements, row-major, and nothing else. */
  get data(): TypedArray {
    const { buffer, offset, size } = this.contiguous();
    return offset === 0 && buffer.length === size ? buffer : buffer.subarray(offset, offset + size);
  }

  /** The same for users, in a buffer that holds no other tensor's elements. */
  get ownData(): TypedArray {
    const packed = this.contiguous();
    const { data } = packed;
    // A part of an array may be too small to share a block by itself, and lies in the whole's.
    if (!isShared(packed.buffer)) return data;
    const own = data.slice();
    // Asked again, it is the same one.
    if (data === packed.#buffer) packed.#buffer = own;
    return own;
  }

  /** Another view of the same buffer. */
  view(shape: Shape, strides: readonly number[], offset: number = this.offset): NDArray {
    return new NDArray(this.dtype, shape, this.#buffer, strides, offset);
  }
}

function single(dtype: DType, value: number): TypedArray {
  const buffer = allocate(dtype, 1);
  buffer[0] = value;
  return buffer;
}

function copy(array: NDArray): NDArray {
  const result = NDArray.zeros(array.dtype, array.shape);
  const { buffer: from } = array;
  const { buffer: to } = result;
  eachLongRow(array.shape, [array, result], (length, [source, target], [step, targetStep]) => {
    for (let i = 0; i < length; i++) to[target! + i * targetStep!] = from[source! + i * step!]!;
  });
  return result;
}

interface Strided {
  readonly strides: readonly number[];
  readonly offset: number;
}

/**
 * Visits strided arrays of one shape row by row: neighbouring axes that every array walks with an even step are joined, and
 * `visit` gets the length of the innermost, and each array's position and step in it.
 */
export function eachRow(
  shape: Shape,
  arrays: readonly Strided[],
  visit: (length: number, positions: readonly number[], steps: readonly number[]) => void,
): void {
  const size = sizeOf(shape);
  if (size === 0) return;
  const positions = arrays.map(({ offset }) => offset);
  // The usual case: the elements of each array follow one another, or all are the same one.
  const even = evenSteps(shape, arrays);
  if (even !== null) {
    visit(size, positions, even);
    return;
  }
  walk(joinAxes(shape, arrays), positions, visit);
}

/** Rows of fewer elements cost more to begin than to go along. */
const SHORT = 8;

/**
 * As `eachRow`, but in whichever order has longer rows: where the innermost axis is short, as that of a window is, rows go
 * along the last axis that is not, or the longest one.
 */
export function eachLongRow(
  shape: Shape,
  arrays: readonly Strided[],
  visit: (length: number, positions: readonly number[], steps: readonly number[]) => void,
): void {
  if (sizeOf(shape) === 0) return;
  const { sizes, strides } = joinAxes(shape, arrays);
  const long = sizes.findLastIndex((n) => n >= SHORT);
  const inner = long === -1 ? sizes.indexOf(Math.max(...sizes)) : long;
  const last = <T>(list: readonly T[]): T[] => [...list.toSpliced(inner, 1), list[inner]!];
  walk(
    { sizes: last(sizes), strides: strides.map(last) },
    arrays.map(({ offset }) => offset),
    visit,
  );
}

function walk(
  { sizes, strides }: ReturnType<typeof joinAxes>,
  positions: number[],
  visit: (length: number, positions: readonly number[], steps: readonly number[]) => void,
): void {
  const inner = sizes.length - 1;
  const steps = strides.map((list) => list[inner]!);
  const index = new Array<number>(sizes.length).fill(0);
  for (;;) {
    visit(sizes[inner]!, positions, steps);
    let axis = inner - 1;
    for (; axis >= 0; axis--) {
      index[axis]!++;
      for (let k = 0; k < positions.length; k++) positions[k]! += strides[k]![axis]!;
      if (index[axis]! < sizes[axis]!) break;
      for (let k = 0; k < positions.length; k++) positions[k]! -= strides[k]![axis]! * sizes[axis]!;
      index[axis] = 0;
    }
    if (axis < 0) return;
  }
}

/** For each array the step from each element to the next, row-major, where it is the same one everywhere; else null. */
function evenSteps(shape: Shape, arrays: readonly Strided[]): number[] | null {
  const steps = new Array<number>(arrays.length);
  for (let k = 0; k < arrays.length; k++) {
    const { strides } = arrays[k]!;
    let step: number | null = null;
    let inner = 1;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const n = shape[axis]!;
      if (n === 1) continue;
      step ??= strides[axis]!;
      if (strides[axis] !== step * inner) return null;
      inner *= n;
    }
    steps[k] = step ?? 0;
  }
  return steps;
}

/** The fewest axes that visit the same elements in the same order; at least one. */
export function joinAxes(shape: Shape, arrays: readonly Strided[]): { sizes: number[]; strides: number[][] } {
  const sizes: number[] = [];
  const strides: number[][] = arrays.map(() => []);
  for (let axis = 0; axis < shape.length; axis++) {
    const n = shape[axis]!;
    if (n === 1) continue;
    const last = sizes.length - 1;
    const joins = last >= 0 && arrays.every((array, k) => strides[k]![last] === array.strides[axis]! * n);
    if (joins) sizes[last]! *= n;
    else sizes.push(n);
    arrays.forEach((array, k) => {
      strides[k]![sizes.length - 1] = array.strides[axis]!;
    });
  }
  if (sizes.length === 0) {
    sizes.push(1);
    for (const list of strides) list.push(0);
  }
  return { sizes, strides };
}
