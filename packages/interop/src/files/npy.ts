// npy: one array in a file, as NumPy's save and load have it. Bytes are written in the order of the machine, least significant
// first wherever the engine runs: WebAssembly fixes it.

import { type DType, Tensor, tensor } from "@adjoint/autograd";
import { FileError, storedTypes } from "@adjoint/nn";
import { fortranStrides, inRowOrder, reverseElements } from "./byte-layout.ts";
import { fileBytes, kindOf } from "./checks.ts";
import { type ArrayHeader, headerBytes, headerOf, MOST_AXES, type Refuse } from "./npy-header.ts";

const written: Readonly<Record<DType, string>> = {
  float32: "<f4",
  float64: "<f8",
  int32: "<i4",
  bool: "|b1",
};

/** The types of NumPy whose numbers tensors can hold, all or where they fit, by their names among stored types. */
const readable: Readonly<Record<string, string>> = {
  ...{ f8: "F64", f4: "F32", f2: "F16", b1: "BOOL" },
  ...{ i1: "I8", i2: "I16", i4: "I32", i8: "I64" },
  ...{ u1: "U8", u2: "U16", u4: "U32", u8: "U64" },
};

/** Why other types can't be read, by the letter of their kind, and the way out. */
const unreadable: Readonly<Record<string, string>> = {
  O: "Python objects, stored as a pickle, which is a program that reading would run; save numbers: array.astype('float64')",
  U: "texts, and a tensor's elements are numbers; save numbers that stand for them",
  S: "texts, and a tensor's elements are numbers; save numbers that stand for them",
  a: "texts, and a tensor's elements are numbers; save numbers that stand for them",
  V: "raw bytes, and a tensor's elements are numbers; save array.view('uint8')",
  M: "dates, and a tensor's elements are numbers; save array.astype('int64') where that fits, or differences",
  m: "times, and a tensor's elements are numbers; save array.astype('int64') where that fits",
  c: "complex numbers, which tensors don't have; save array.real and array.imag",
  f: "floating-point numbers of another size than 2, 4 or 8 bytes; save array.astype('float64')",
};

interface ElementType {
  readonly size: number;
  readonly isReversed: boolean;
  /** The name among stored types. */
  readonly stored: string;
}

/** The element type of a header, or an error that says why tensors have none. */
function elementType({ type, typeAt }: ArrayHeader, refuse: Refuse): ElementType {
  const [, order = "", code = ""] = /^([<>|=]?)(.*)$/s.exec(type)!;
  const stored = Object.hasOwn(readable, code) ? readable[code]! : null;
  if (stored === null) {
    const kind = code[0] ?? "";
    const why = Object.hasOwn(unreadable, kind) ? unreadable[kind] : "of no type that is known here";
    return refuse(`the elements, ${JSON.stringify(type)}, are ${why}`, typeAt);
  }
  const size = storedTypes.get(stored)!.bits / 8;
  if (size > 1 && order !== "<" && order !== ">")
    refuse(
      `the elements, ${JSON.stringify(type)}, have several bytes, and the header doesn't say in which order, by < or >`,
      typeAt,
    );
  return { size, isReversed: size > 1 && order === ">", stored };
}

/** How many bytes an array has, with its header. */
export function bytesOf(header: ArrayHeader, refuse: Refuse): number {
  const { size } = elementType(header, refuse);
  // Without the zeros, as a tensor's strides are products of the other sizes.
  const most = header.shape.reduce((product, n) => product * Math.max(n, 1), size);
  if (!Number.isSafeInteger(header.end + most))
    refuse(`the shape (${header.shape.join(", ")}) has more than 2⁵³ bytes`, header.typeAt);
  return header.end + (header.shape.includes(0) ? 0 : most);
}

/** Where in the array the i-th element in the order of rows stands. */
function placeOf(i: number, shape: readonly number[]): number[] {
  let rest = i;
  return shape
    .toReversed()
    .map((n) => {
      const own = rest % n;
      rest = (rest - own) / n;
      return own;
    })
    .reverse();
}

/** The array of these bytes. */
export function arrayOf(bytes: Uint8Array, refuse: Refuse): Tensor {
  const header = headerOf(bytes, refuse);
  const { shape, isFortran, end } = header;
  const { size, isReversed, stored } = elementType(header, refuse);
  const length = bytesOf(header, refuse);
  if (bytes.length !== length)
    refuse(
      `there are ${bytes.length} bytes, and an array of shape (${shape.join(", ")}) with elements of ${size} ends at byte ${length}; it is damaged or cut short, or more is in the file than one array`,
      Math.min(bytes.length, length),
    );
  // A copy, which has the alignment that typed arrays need.
  let own: Uint8Array<ArrayBuffer> = new Uint8Array(length - end);
  own.set(bytes.subarray(end));
  if (isReversed) reverseElements(own, size);
  if (isFortran) own = inRowOrder(own, size, shape);
  const { dtype, read } = storedTypes.get(stored)!;
  const elements = read(own);
  if ("why" in elements) {
    const place = placeOf(elements.index, shape);
    const inFile = isFortran
      ? fortranStrides(shape).reduce((sum, stride, axis) => sum + stride * place[axis]!, 0)
      : elements.index;
    return refuse(
      `element [${place.join(", ")}]: ${elements.why}; save the array as float64, or whole numbers within ±2³¹`,
      end + inFile * size,
    );
  }
  return tensor(elements, { shape, dtype: dtype! });
}

/**
 * The tensor of an npy file. Elements of float64, float32, int32 and bool stay what they are; float16 becomes float32, and
 * whole numbers of 8, 16, 32 and 64 bits become int32, all exactly. Either order of bytes, either order of axes, and the
 * versions 1.0, 2.0 and 3.0 of the format. The file is not trusted, and nothing in it is evaluated.
 * Throws FileError, with the byte, for a file that is damaged or has more than one array, for a whole number that is no int32,
 * with its index in the array, and for elements that are no real numbers: objects, texts, structures, dates, complex numbers.
 * NumPy's `load`, https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export function readNpy(bytes: Uint8Array): Tensor {
  return arrayOf(fileBytes("readNpy", bytes), (what, at) => {
    throw new FileError(`readNpy: at byte ${at}, ${what}`, at);
  });
}

/**
 * A tensor as an npy file, byte for byte as NumPy 2 writes it: `<f4` for float32, `<f8` for float64, `<i4` for int32, `|b1` for
 * bool, version 1.0, the last axis running fastest. Throws TypeError for what is no tensor, RangeError for more than 64 axes,
 * which NumPy can't read.
 */
export function writeNpy(x: Tensor): Uint8Array<ArrayBuffer> {
  if (!(x instanceof Tensor))
    throw new TypeError(
      `writeNpy: got ${kindOf(x)} where a tensor belongs; wrap numbers: writeNpy(tensor(…)); for several by name there is writeNpz`,
    );
  if (x.rank > MOST_AXES)
    throw new RangeError(
      `writeNpy: a tensor of ${x.rank} axes, and NumPy reads at most ${MOST_AXES}; reshape it`,
    );
  const header = headerBytes(written[x.dtype], x.shape);
  const { buffer, byteOffset, byteLength } = x.data;
  const file = new Uint8Array(header.length + byteLength);
  file.set(header);
  file.set(new Uint8Array(buffer, byteOffset, byteLength), header.length);
  return file;
}
