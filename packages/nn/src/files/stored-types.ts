// The element types of safetensors files, and how their bytes become elements of tensors: exactly, or not at all.

import type { DType, Tensor } from "@adjoint/autograd";

type Elements = Tensor["data"];

/** What is wrong with an element of a file, and where. */
export interface Misfit {
  /** Which element it is, counted from 0. */
  readonly index: number;
  /** What is wrong, such as "2147483648 is no int32". */
  readonly why: string;
}

/** An element type of files. */
export interface StoredType {
  /** How many bits an element has. */
  readonly bits: number;
  /** The type of tensors that holds all its numbers, or those that occur; null where there is none. */
  readonly dtype: DType | null;
  /**
   * The elements of bytes, the lowest byte first, exactly, or what is wrong with one of them. The bytes are a whole buffer
   * of as many as the elements take, which may become that of the result.
   */
  read(bytes: Uint8Array<ArrayBuffer>): Elements | Misfit;
}

const plain = (bits: number, dtype: DType, read: StoredType["read"]): StoredType => ({ bits, dtype, read });

/** Binary floating-point numbers of up to 16 bits. Each is a float32 number. */
function smallFloat(exponent: number, fraction: number, hasNoInfinity = false): StoredType {
  const bits = 1 + exponent + fraction;
  let values: Float32Array | null = null;
  const numberOf = (code: number): number => {
    const sign = code >> (bits - 1) === 0 ? 1 : -1;
    const e = (code >> fraction) & (2 ** exponent - 1);
    const m = code & (2 ** fraction - 1);
    const bias = 2 ** (exponent - 1) - 1;
    const isLast = e === 2 ** exponent - 1;
    // The finite type has one NaN for each sign, and no infinity.
    if (isLast && hasNoInfinity && m === 2 ** fraction - 1) return NaN;
    if (isLast && !hasNoInfinity) return m === 0 ? sign * Infinity : NaN;
    return sign * (e === 0 ? m : 2 ** fraction + m) * 2 ** (Math.max(e, 1) - bias - fraction);
  };
  return plain(bits, "float32", (bytes) => {
    values ??= Float32Array.from({ length: 2 ** bits }, (_, code) => numberOf(code));
    const codes = bits === 8 ? bytes : new Uint16Array(bytes.buffer);
    const table = values;
    return Float32Array.from(codes, (code) => table[code]!);
  });
}

/** Whole numbers that become int32, where they fit. */
const whole = (bits: number, List: new (buffer: ArrayBuffer) => ArrayLike<number | bigint>): StoredType =>
  plain(bits, "int32", ({ buffer }) => {
    const given = new List(buffer);
    const result = new Int32Array(given.length);
    for (let index = 0; index < given.length; index++) {
      const element = given[index]!;
      result[index] = Number(element);
      if (result[index] !== Number(element)) return { index, why: `${element} is no int32` };
    }
    return result;
  });

const unreadable = (bits: number): StoredType => ({
  bits,
  dtype: null,
  read: () => ({ index: 0, why: "tensors have no such type" }),
});

const truths = plain(8, "bool", (bytes) => {
  const index = bytes.findIndex((value) => value > 1);
  return index < 0 ? bytes : { index, why: `a byte ${bytes[index]} is no truth value, which is 0 or 1` };
});

/** 2 to the power of a byte less 127: the scales of small types. Each is a float32 number. */
const powersOfTwo = (bytes: Uint8Array): Elements =>
  Float32Array.from(bytes, (code) => (code === 255 ? NaN : 2 ** (code - 127)));

/**
 * The element types of files by their names in safetensors, such as "F16", for readers of other formats: what their numbers
 * are as elements of tensors, exactly, or which of them has no exact form.
 */
export const storedTypes: ReadonlyMap<string, StoredType> = new Map([
  // As tensors have them, in the order of sizes, in which the reference implementation writes them.
  ["F64", plain(64, "float64", ({ buffer }) => new Float64Array(buffer))],
  ["F32", plain(32, "float32", ({ buffer }) => new Float32Array(buffer))],
  ["I32", plain(32, "int32", ({ buffer }) => new Int32Array(buffer))],
  ["BOOL", truths],
  ["F16", smallFloat(5, 10)],
  ["BF16", smallFloat(8, 7)],
  ["F8_E5M2", smallFloat(5, 2)],
  ["F8_E4M3", smallFloat(4, 3, true)],
  ["F8_E8M0", plain(8, "float32", powersOfTwo)],
  ["I8", whole(8, Int8Array)],
  ["U8", whole(8, Uint8Array)],
  ["I16", whole(16, Int16Array)],
  ["U16", whole(16, Uint16Array)],
  ["U32", whole(32, Uint32Array)],
  ["I64", whole(64, BigInt64Array)],
  ["U64", whole(64, BigUint64Array)],
  ["F4", unreadable(4)],
  ["F6_E2M3", unreadable(6)],
  ["F6_E3M2", unreadable(6)],
  ["C64", unreadable(64)],
]);

/** The types that tensors have, by the names under which files have them. */
export const storedAs: Readonly<Record<DType, string>> = {
  float64: "F64",
  float32: "F32",
  int32: "I32",
  bool: "BOOL",
};
