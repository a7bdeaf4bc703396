// The four element types and the typed arrays that hold them.

import { kindOf } from "./arguments.ts";
import { DTypeError } from "./errors.ts";

/** Element types. float32 is the default; a bool is stored as a byte, 0 or 1. */
export type DType = "float32" | "float64" | "int32" | "bool";

export type TypedArray = Float32Array | Float64Array | Int32Array | Uint8Array;

const constructors = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  bool: Uint8Array,
} as const;

/** A typed array of zeros. */
export function allocate(dtype: DType, length: number): TypedArray {
  return new constructors[dtype](length);
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
