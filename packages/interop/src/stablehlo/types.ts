// Types and literals as MLIR writes them.

import type { DType } from "@adjoint/autograd";

/** Element types that are computed with: those of tensors, and whole numbers without a sign or of 64 bits in between. */
export type ElementType = "f32" | "f64" | "i1" | "i32" | "i64" | "ui32" | "ui64";

export type Shape = readonly number[];

const elementTypes: Readonly<Record<DType, ElementType>> = {
  float32: "f32",
  float64: "f64",
  int32: "i32",
  bool: "i1",
};

/** The element type of a tensor's. */
export const elementTypeOf = (dtype: DType): ElementType => elementTypes[dtype];

export const isFloat = (type: ElementType): type is "f32" | "f64" => type === "f32" || type === "f64";

/** A tensor's type: `tensor<2x3xf32>`. */
export const tensorType = ({ shape, type }: { readonly shape: Shape; readonly type: ElementType }): string =>
  `tensor<${[...shape, type].join("x")}>`;

/** MLIR has no words for these; they are written by their bits. */
const special = {
  f32: { nan: "0x7FC00000", infinity: "0x7F800000", minus: "0xFF800000" },
  f64: { nan: "0x7FF8000000000000", infinity: "0x7FF0000000000000", minus: "0xFFF0000000000000" },
} as const;

/** The fewest digits from which MLIR reads the same number again. */
function shortest(value: number, type: "f32" | "f64"): string {
  if (type === "f64") return `${value}`;
  for (let digits = 1; digits < 9; digits++) {
    const text = `${Number(value.toPrecision(digits))}`;
    if (Math.fround(Number(text)) === value) return text;
  }
  return `${Number(value.toPrecision(9))}`;
}

/** A number as a literal of an element type. */
export function literal(value: number, type: ElementType): string {
  if (type === "i1") return value === 0 ? "false" : "true";
  if (!isFloat(type)) return `${value}`;
  const held = type === "f32" ? Math.fround(value) : value;
  if (Number.isNaN(held)) return special[type].nan;
  if (held === Infinity) return special[type].infinity;
  if (held === -Infinity) return special[type].minus;
  if (Object.is(held, -0)) return "-0.0";
  const [digits, exponent] = shortest(held, type).split("e");
  const mantissa = digits!.includes(".") ? digits! : `${digits}.0`;
  return exponent === undefined ? mantissa : `${mantissa}e${exponent}`;
}

/** Arrays with more elements are written by their bytes, which takes the least text. */
const MOST_DIGITS = 64;

function hexadecimal(data: ArrayLike<number>, type: "f32" | "f64" | "i32"): string {
  const width = type === "f64" ? 8 : 4;
  const bytes = new DataView(new ArrayBuffer(data.length * width));
  for (let i = 0; i < data.length; i++) {
    if (type === "f64") bytes.setFloat64(i * 8, data[i]!, true);
    else if (type === "f32") bytes.setFloat32(i * 4, data[i]!, true);
    else bytes.setInt32(i * 4, data[i]!, true);
  }
  const digits = Array.from({ length: bytes.byteLength }, (_, i) =>
    bytes.getUint8(i).toString(16).toUpperCase().padStart(2, "0"),
  );
  return `"0x${digits.join("")}"`;
}

/** The elements of an array, row-major, as the literal that `dense<…>` holds: one where all are the same. */
export function denseLiteral(data: ArrayLike<number>, shape: Shape, type: ElementType): string {
  if (data.length === 0) return "";
  const [first] = [data[0]!];
  let isSame = true;
  for (let i = 1; i < data.length && isSame; i++) isSame = Object.is(data[i], first);
  if (isSame) return literal(first, type);
  if (data.length > MOST_DIGITS && (isFloat(type) || type === "i32")) return hexadecimal(data, type);
  const nested = (axis: number, start: number, size: number): string => {
    if (axis === shape.length) return literal(data[start]!, type);
    const part = size / shape[axis]!;
    const parts = Array.from({ length: shape[axis]! }, (_, i) => nested(axis + 1, start + i * part, part));
    return `[${parts.join(", ")}]`;
  };
  return nested(0, 0, data.length);
}
