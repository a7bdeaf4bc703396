// The four element types and the typed arrays that hold them.

import { kindOf } from "./arguments.ts";
import { DTypeError } from "./errors.ts";

/** Element types. float32 is the default; a bool is stored as a byte, 0 or 1. */
export type DType = "float32" | "float64" | "int32" | "bool";

/** The typed arrays that hold a tensor's elements: one kind for each element type; bool is a Uint8Array of 0 and 1. */
export type TypedArray = Float32Array | Float64Array | Int32Array | Uint8Array;

const constructors = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  bool: Uint8Array,
} as const;

// JavaScript engines make a buffer of its own for each typed array above some size (64 bytes in V8), in about a
// microsecond, which is longer than most small operations take. So arrays of medium size share blocks. Whoever keeps one
// keeps its block; blocks are small, so that this is never much.
const ALONE_UP_TO = 64;
const SHARED_UP_TO = 1024;
const BLOCK = 8192;
let block: ArrayBuffer | null = null;
let used = 0;

const sharesBlock = (bytes: number): boolean => bytes > ALONE_UP_TO && bytes <= SHARED_UP_TO;

/** A typed array of zeros, for the engine's own use: several may share a buffer. */
export function allocate(dtype: DType, length: number): TypedArray {
  const Elements = constructors[dtype];
  const bytes = length * Elements.BYTES_PER_ELEMENT;
  if (!sharesBlock(bytes)) return new Elements(length);
  if (block === null || used + bytes > BLOCK) {
    block = new ArrayBuffer(BLOCK);
    used = 0;
  }
  const array = new Elements(block, used, length);
  used += Math.ceil(bytes / 8) * 8;
  return array;
}

/** A copy of some elements of another array, for the engine's own use. */
export function copyOfPart(dtype: DType, from: TypedArray, start: number, length: number): TypedArray {
  const bytes = length * from.BYTES_PER_ELEMENT;
  if (bytes >= CLEARED_UP_TO) return copyOfAll(dtype, from.subarray(start, start + length));
  if (!sharesBlock(bytes)) return from.slice(start, start + length);
  const copy = allocate(dtype, length);
  copy.set(from.subarray(start, start + length));
  return copy;
}

// `slice` fills the new array with zeros before it copies, where a constructor that copies an array does not. From some
// size on, that is worth making a view to copy from: 0.5 MB take two thirds of the time.
const CLEARED_UP_TO = 16_384;

/** A copy of all elements of another array of this type, in a buffer of its own. */
export function copyOfAll(dtype: DType, from: TypedArray): TypedArray {
  return new constructors[dtype](from);
}

/** A typed array of zeros in a buffer of its own: for users, who may look at the buffer, or give it away. */
export function allocateAlone(dtype: DType, length: number): TypedArray {
  return new constructors[dtype](length);
}

/** Whether the buffer of an array, as it was allocated, may hold others. */
export function isShared(array: TypedArray): boolean {
  return sharesBlock(array.byteLength) && array.buffer.byteLength === BLOCK;
}

/** The element type a typed array holds; null for the kinds that tensors don't have. */
export function dtypeOf(buffer: ArrayBufferView): DType | null {
  // By their tags, which are the same in every realm (such as a frame or a vm context).
  const tag = Object.prototype.toString.call(buffer).slice(8, -1);
  for (const dtype of Object.keys(constructors) as DType[])
    if (constructors[dtype].name === tag) return dtype;
  return null;
}

export const isFloat = (dtype: DType): boolean => dtype === "float32" || dtype === "float64";

/** Throws DTypeError unless the type holds fractions. */
export function checkFloat(operation: string, dtype: DType): void {
  if (isFloat(dtype)) return;
  throw new DTypeError(
    `${operation}: ${dtype} has no ${operation}; it needs float32 or float64: x.cast("float32")`,
  );
}

/** A number as an element of a type: rounded, or 0 or 1. Throws DTypeError where int32 can't hold it, or where it is no number. */
export function elementOf(value: unknown, dtype: DType, operation: string): number {
  if (typeof value !== "number")
    throw new DTypeError(`${operation}: ${kindOf(value)} is no element; give a number`);
  if (dtype === "int32" && value !== (value | 0)) {
    throw new DTypeError(
      `${operation}: ${value} is no int32; use whole numbers from −2³¹ to 2³¹ − 1, or a float type, e.g. x.cast("float32")`,
    );
  }
  return dtype === "bool" ? Number(value !== 0) : value;
}

/** Throws DTypeError unless the name is one of the four. */
export function checkDType(dtype: unknown, operation: string): DType {
  if (typeof dtype === "string" && Object.hasOwn(constructors, dtype)) return dtype as DType;
  throw new DTypeError(
    `${operation}: ${JSON.stringify(dtype)} is not an element type; use "float32", "float64", "int32" or "bool"`,
  );
}
