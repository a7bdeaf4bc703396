// The element types of ONNX, and what each is here: the engine has float32, float64, int32 and bool.

import type { DType } from "@adjoint/autograd";

interface Stored {
  /** Its number in the files. */
  readonly code: number;
  /** The bits of an element. */
  readonly bits: number;
  /** The type of the tensors that hold it. */
  readonly dtype: DType;
  /** For whole numbers: the least and the greatest. */
  readonly range?: readonly [bigint, bigint];
}

const signed = (bits: number): readonly [bigint, bigint] => [
  -(1n << BigInt(bits - 1)),
  (1n << BigInt(bits - 1)) - 1n,
];
const unsigned = (bits: number): readonly [bigint, bigint] => [0n, (1n << BigInt(bits)) - 1n];
const int = (code: number, bits: number): Stored => ({ code, bits, dtype: "int32", range: signed(bits) });
const uint = (code: number, bits: number): Stored => ({ code, bits, dtype: "int32", range: unsigned(bits) });

/**
 * The types that are read. Floats of 16 bits become float32, exactly, and are computed as float32; whole numbers become int32,
 * where they fit: those of 64 bits, and of 32 without a sign, are kept as they are while they are known, which all shapes are.
 */
const types: Readonly<Record<ElementType, Stored>> = {
  float32: { code: 1, bits: 32, dtype: "float32" },
  uint8: uint(2, 8),
  int8: int(3, 8),
  uint16: uint(4, 16),
  int16: int(5, 16),
  int32: int(6, 32),
  int64: int(7, 64),
  bool: { code: 9, bits: 8, dtype: "bool" },
  float16: { code: 10, bits: 16, dtype: "float32" },
  float64: { code: 11, bits: 64, dtype: "float64" },
  uint32: uint(12, 32),
  uint64: uint(13, 64),
  bfloat16: { code: 16, bits: 16, dtype: "float32" },
};

/** An element type of ONNX that can be read. */
export type ElementType =
  | "float32"
  | "uint8"
  | "int8"
  | "uint16"
  | "int16"
  | "int32"
  | "int64"
  | "bool"
  | "float16"
  | "float64"
  | "uint32"
  | "uint64"
  | "bfloat16";

/** What is known of an element type. */
export const stored = (type: ElementType): Stored => types[type];

const byCode = new Map(Object.entries(types).map(([name, { code }]) => [code, name as ElementType]));

/** Types that can't be, for messages. */
const others = new Map([
  [0, "undefined"],
  [8, "string"],
  [14, "complex64"],
  [15, "complex128"],
  [17, "float8e4m3fn"],
  [18, "float8e4m3fnuz"],
  [19, "float8e5m2"],
  [20, "float8e5m2fnuz"],
  [21, "uint4"],
  [22, "int4"],
  [23, "float4e2m1"],
  [24, "float8e8m0"],
  [25, "uint2"],
  [26, "int2"],
]);

/** The type with a number; null where there is none here. */
export const typeOfCode = (code: number): ElementType | null => byCode.get(code) ?? null;

/** The name of the type with a number, for messages. */
export const nameOfCode = (code: number): string => byCode.get(code) ?? others.get(code) ?? `number ${code}`;

/** Whether a type's numbers are floats. */
export const isFloatType = (type: ElementType): boolean => type.includes("float");

/** Whether a type has numbers that int32 has not. */
export const isWide = (type: ElementType): boolean =>
  type === "int64" || type === "uint32" || type === "uint64";

/** A whole number as a type holds it, modulo 2 to its bits. */
export function wrapped(type: ElementType, value: bigint): bigint {
  const { bits } = stored(type);
  return type.startsWith("u") ? BigInt.asUintN(bits, value) : BigInt.asIntN(bits, value);
}

/** The type of a tensor that no file has given one. */
export const typeOfDtype = (dtype: DType): ElementType => dtype;
