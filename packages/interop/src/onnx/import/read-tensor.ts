// A TensorProto as a value: every size in it is checked against the bytes that are there before anything is made of it.

import { tensor } from "@adjoint/autograd";
import { Datum } from "./datum.ts";
import { type ElementType, isWide, nameOfCode, stored, typeOfCode } from "./element-types.ts";
import { quoted, refuse } from "./onnx-error.ts";
import type { onnx } from "./proto.ts";

/** A whole number of the file: those of 64 bits are in two halves. */
export type Integer =
  | number
  | { readonly low: number; readonly high: number; readonly unsigned: boolean; toNumber(): number };

/** Axes that a tensor may have. */
const MOST_AXES = 64;

/** An integer of the file as a number. Throws OnnxError where it is none that numbers hold exactly. */
export function integer(value: Integer, what: string): number {
  const number = typeof value === "number" ? value : value.toNumber();
  if (Number.isSafeInteger(number)) return number;
  return refuse(`${what} is ${number}, which is too large to be right`);
}

/**
 * An integer of the file, exactly. Where the decoder finds no package `long`, as in a page, it gives doubles: what is beyond 2⁵³ has
 * been rounded, and is refused but for ±2⁶³, which stand for the ends of all axes.
 */
export function exactly(value: Integer): bigint {
  if (typeof value !== "number")
    return (BigInt(value.unsigned ? value.high >>> 0 : value.high) << 32n) + BigInt(value.low >>> 0);
  if (value === 2 ** 63) return 2n ** 63n - 1n;
  if (Number.isSafeInteger(value) || value === -(2 ** 63)) return BigInt(value);
  return refuse(
    `${value} has been rounded: it is beyond 2⁵³, and the package long, which would keep it, was not found`,
  );
}

/** The number that 16 bits mean in IEEE 754's binary16. */
export function fromFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

const words = new DataView(new ArrayBuffer(4));

/** The number that 16 bits mean as the upper half of a float32. */
export function fromBfloat16(bits: number): number {
  words.setUint32(0, bits * 65536);
  return words.getFloat32(0);
}

/** One element of a type at a place among bytes; 64 bits as bigint. */
function elementAt(view: DataView, type: ElementType, i: number): number | bigint {
  switch (type) {
    case "float32":
      return view.getFloat32(4 * i, true);
    case "float64":
      return view.getFloat64(8 * i, true);
    case "float16":
      return fromFloat16(view.getUint16(2 * i, true));
    case "bfloat16":
      return fromBfloat16(view.getUint16(2 * i, true));
    case "bool":
      return Number(view.getUint8(i) !== 0);
    case "uint8":
      return view.getUint8(i);
    case "int8":
      return view.getInt8(i);
    case "uint16":
      return view.getUint16(2 * i, true);
    case "int16":
      return view.getInt16(2 * i, true);
    case "int32":
      return view.getInt32(4 * i, true);
    case "uint32":
      return BigInt(view.getUint32(4 * i, true));
    case "int64":
      return view.getBigInt64(8 * i, true);
    case "uint64":
      return view.getBigUint64(8 * i, true);
  }
}

/** Where a type's elements lie when they are not bytes, and what one of these numbers means. */
function listed(
  proto: onnx.ITensorProto,
  type: ElementType,
): { readonly field: string; readonly values: readonly Integer[] } {
  if (type === "float32") return { field: "float_data", values: proto.floatData ?? [] };
  if (type === "float64") return { field: "double_data", values: proto.doubleData ?? [] };
  if (type === "int64") return { field: "int64_data", values: proto.int64Data ?? [] };
  if (type === "uint32" || type === "uint64") return { field: "uint64_data", values: proto.uint64Data ?? [] };
  return { field: "int32_data", values: proto.int32Data ?? [] };
}

function elementOf(value: Integer, type: ElementType, field: string): number | bigint {
  if (type === "float32" || type === "float64") return value as number;
  const whole = exactly(value);
  if (type === "bool") return Number(whole !== 0n);
  if (type === "float16" || type === "bfloat16") {
    const bits = Number(BigInt.asUintN(16, whole));
    return type === "float16" ? fromFloat16(bits) : fromBfloat16(bits);
  }
  const [from, to] = stored(type).range!;
  if (whole < from || whole > to) refuse(`${field} holds ${whole}, which is no ${type}`);
  return isWide(type) ? whole : Number(whole);
}

/** The sizes of a tensor, and how many elements they make. */
function sizesOf(proto: onnx.ITensorProto): { readonly shape: number[]; readonly count: number } {
  const dims = proto.dims ?? [];
  if (dims.length > MOST_AXES) refuse(`it has ${dims.length} axes, and at most ${MOST_AXES} are read`);
  const shape = dims.map((n, axis) => integer(n, `the size of axis ${axis}`));
  const odd = shape.findIndex((n) => n < 0);
  if (odd >= 0) refuse(`the size of axis ${odd} is ${shape[odd]}`);
  const count = shape.includes(0) ? 0 : shape.reduce((product, n) => product * n, 1);
  if (!Number.isSafeInteger(count))
    refuse(`its sizes [${shape.join(", ")}] make more elements than there can be`);
  return { shape, count };
}

/**
 * A tensor of the file. Throws OnnxError where its numbers lie in another file, its sizes and its bytes don't agree, or its type
 * has no place here. `place` is where it stands, for the message.
 */
export function readTensor(proto: onnx.ITensorProto, place: string): Datum {
  const here = (what: string): never => refuse(`${place}: ${what}`);
  const code = proto.dataType ?? 0;
  const type = typeOfCode(code);
  if (type === null) return here(`its element type is ${nameOfCode(code)}, for which there is none here`);
  const apart = (proto.externalData ?? []).find(({ key }) => key === "location")?.value;
  if (proto.dataLocation === 1 || (proto.externalData ?? []).length > 0)
    return here(
      `its numbers lie in another file${apart == null ? "" : `, ${quoted(apart)}`}, which is not read; save the model as one file: onnx.save(onnx.load(path), "one.onnx", save_as_external_data=False)`,
    );
  if (proto.segment != null) return here("it is a segment of a tensor, which no program writes");
  const { shape, count } = within(place, () => sizesOf(proto));
  const { field, values } = listed(proto, type);
  const raw = proto.rawData ?? new Uint8Array(0);
  const { bits, dtype } = stored(type);
  const size = `${type} [${shape.join(", ")}]`;
  if (raw.length > 0 && values.length > 0)
    return here(`it has both raw_data and ${field}; only one can be right`);
  if (raw.length > 0 ? raw.length * 8 !== count * bits : values.length !== count)
    return here(
      raw.length > 0
        ? `it has ${raw.length} bytes, and ${size} takes ${(count * bits) / 8}`
        : `it has ${values.length} numbers in ${field}, and ${size} takes ${count}`,
    );
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const element = (i: number): number | bigint =>
    raw.length > 0 ? elementAt(view, type, i) : within(place, () => elementOf(values[i]!, type, field));
  if (isWide(type)) {
    const whole = type === "int64" ? new BigInt64Array(count) : new BigUint64Array(count);
    for (let i = 0; i < count; i++) whole[i] = element(i) as bigint;
    return Datum.ofWhole(type, shape, whole);
  }
  const made =
    dtype === "float32"
      ? new Float32Array(count)
      : dtype === "float64"
        ? new Float64Array(count)
        : dtype === "int32"
          ? new Int32Array(count)
          : new Uint8Array(count);
  for (let i = 0; i < count; i++) made[i] = element(i) as number;
  return Datum.of(tensor(made, { shape, dtype }), type);
}

function within<T>(place: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    return refuse(`${place}: ${(error as Error).message}`);
  }
}
