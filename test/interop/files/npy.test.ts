// One array in a file: against files that NumPy wrote, and what is refused.

import { runInNewContext } from "node:vm";
import { type DType, ones, record, type Tensor, tensor, zeros } from "@adjoint/autograd";
import { fromOnnx, readNpy, readNpz, toOnnx, writeNpy, writeNpz } from "@adjoint/interop";
import { FileError, fromSafetensors, toSafetensors } from "@adjoint/nn";
import { describe, expect, test } from "vitest";
import { bytesOf, kept, seen } from "./numpy.ts";

/** A file with this text as its header, and so many bytes of elements. */
function withHeader(text: string, elements: Uint8Array | number = 0, version = 1): Uint8Array {
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  if (version === 1) length.writeUInt16LE(text.length);
  else length.writeUInt32LE(text.length);
  const data = typeof elements === "number" ? Buffer.alloc(elements) : elements;
  return Buffer.concat([
    Buffer.from("\x93NUMPY", "latin1"),
    Buffer.from([version, 0]),
    length,
    Buffer.from(text),
    data,
  ]);
}

const of = (type: string, shape: string, order = "False") =>
  `{'descr': '${type}', 'fortran_order': ${order}, 'shape': ${shape}, }\n`;

function thrownBy(file: Uint8Array): FileError {
  try {
    readNpy(file);
  } catch (error) {
    if (error instanceof FileError) return error;
    throw error;
  }
  throw new Error("the file was read");
}

describe("files of NumPy", () => {
  test.each(kept.npy)("are read bit by bit: $what", ({ file, arrays }) => {
    expect([seen("", readNpy(bytesOf(file)))]).toEqual(arrays);
  });

  const plain = kept.npy.filter(({ isPlain }) => isPlain);
  test.each(plain)("are what is written of the same numbers, byte for byte: $what", ({ file }) => {
    const given = bytesOf(file);
    expect(writeNpy(readNpy(given))).toEqual(given);
  });

  test("of Python 2, and with other spaces and quotes, are read", () => {
    const file = withHeader(`{"shape" :( 1L,2 ),\n"descr":'<i4','fortran_order':False}`, 8);
    expect(readNpy(file).shape).toEqual([1, 2]);
  });
});

describe("what is written", () => {
  const types: readonly DType[] = ["float32", "float64", "int32", "bool"];
  const shapes = [[], [0], [0, 3], [1, 1], [4], [2, 3, 2, 1, 1, 2, 2], new Array<number>(64).fill(1)];

  test.each(types)("is read as it was, for every shape: %s", (dtype) => {
    for (const shape of shapes) {
      const x: Tensor = ones(shape).cast(dtype);
      expect(seen("", readNpy(writeNpy(x)))).toEqual(seen("", x));
    }
  });

  test("keeps the bits of every NaN, in either order of bytes and axes", () => {
    const bits = new Uint32Array([0x7f8abcde, 0xffc12345, 0x7fc00000, 0xff800001]);
    const bytes = new Uint8Array(bits.buffer);
    const bitsOf = (x: Tensor) => [...new Uint32Array(x.data.buffer, x.data.byteOffset, x.size)];
    const read = (text: string, data: Uint8Array) => bitsOf(readNpy(withHeader(text, data)));
    expect(read(of("<f4", "(2, 2)"), bytes)).toEqual([...bits]);
    expect(read(of("<f4", "(2, 2)", "True"), bytes)).toEqual([0, 2, 1, 3].map((i) => bits[i]));
    const reversed = bytes.slice().reverse();
    expect(read(of(">f4", "(4,)"), reversed)).toEqual([...bits].reverse());
    expect(readNpy(writeNpy(readNpy(withHeader(of("<f4", "(4,)"), bytes)))).data.buffer).not.toBe(
      bits.buffer,
    );
  });

  test("of a part of a larger tensor is that part", () => {
    const x = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(readNpy(writeNpy(x.slice(1))).toArray()).toEqual([4, 5, 6]);
    expect(readNpy(writeNpy(x.transpose())).toArray()).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ]);
  });

  test("begins its elements at a multiple of 64 bytes, whatever the shape", () => {
    for (let axes = 0; axes <= 64; axes++)
      expect((writeNpy(zeros(new Array<number>(axes).fill(1))).length - 4) % 64).toBe(0);
  });

  test("has at most 64 axes, and comes of a tensor", () => {
    expect(() => writeNpy(zeros(new Array<number>(65).fill(1)))).toThrow(
      "a tensor of 65 axes, and NumPy reads at most 64",
    );
    expect(() => writeNpy([1] as never)).toThrow("writeNpy: got an array where a tensor belongs");
  });

  test("is read wherever it begins in a buffer", () => {
    const file = writeNpy(tensor([1.5, 2], { dtype: "float64" }));
    const large = new Uint8Array(file.length + 3);
    large.set(file, 3);
    expect(readNpy(large.subarray(3)).toArray()).toEqual([1.5, 2]);
  });
});

describe("what tensors can't hold is refused with the reason:", () => {
  const refused: readonly (readonly [type: string, says: string])[] = [
    ["|O", "Python objects, stored as a pickle, which is a program that reading would run"],
    ["<U5", "texts, and a tensor's elements are numbers"],
    ["|S3", "texts"],
    ["|V8", "raw bytes"],
    ["<M8[ns]", "dates"],
    ["<m8[s]", "times"],
    ["<c16", "complex numbers, which tensors don't have; save array.real and array.imag"],
    ["<f16", "of another size than 2, 4 or 8 bytes"],
    ["<x3", "of no type that is known here"],
    ["", "of no type that is known here"],
    ["constructor", "complex"],
    ["__proto__", "of no type"],
    ["f4", "the header doesn't say in which order, by < or >"],
    ["=i8", "the header doesn't say in which order"],
  ];
  test.each(refused)("elements %j", (type, says) => {
    const error = thrownBy(withHeader(of(type, "(1,)"), 8));
    expect(error.message).toContain(says);
    expect(error.offset).toBe(20);
  });

  test("structured elements", () => {
    const file = withHeader("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,)}", 4);
    expect(thrownBy(file).message).toContain("its elements have named fields");
  });

  test("whole numbers that are no int32, with the place of the first in the order of rows", () => {
    const numbers = new BigInt64Array([1n, 2n, 3n, 2n ** 31n, 5n, -(2n ** 40n)]);
    const bytes = new Uint8Array(numbers.buffer);
    const inRows = thrownBy(withHeader(of("<i8", "(2, 3)"), bytes));
    expect(inRows.message).toContain("element [1, 0]: 2147483648 is no int32; save the array as float64");
    const inColumns = thrownBy(withHeader(of("<i8", "(2, 3)", "True"), bytes));
    expect(inColumns.message).toContain("element [1, 1]: 2147483648 is no int32");
    expect(inColumns.offset).toBe(inRows.offset - 1);
  });

  test("truth values other than 0 and 1", () => {
    const file = withHeader(of("|b1", "(3,)"), Buffer.from([0, 1, 2]));
    expect(thrownBy(file).message).toContain("element [2]: a byte 2 is no truth value");
    expect(thrownBy(file).offset).toBe(file.length - 1);
  });
});

describe("a damaged file is refused, with the byte:", () => {
  const good = of("<f4", "(1,)");
  const cases: readonly (readonly [what: string, file: Uint8Array, says: string, offset: number])[] = [
    ["nothing at all", new Uint8Array(), "this is no npy file", 0],
    ["another format", Buffer.from("PK\x03\x04 and so on"), "this is no npy file", 0],
    ["an end within the length", withHeader(good, 4).subarray(0, 9), "cut short, after 9 bytes", 9],
    ["an end within the header", withHeader(good, 4).subarray(0, 30), "cut short, after 30 bytes", 30],
    ["an end within the elements", withHeader(good, 3), "ends at byte 72", 71],
    ["more than one array", withHeader(good, 5), "more is in the file than one array", 72],
    ["version 4", withHeader(good, 4, 4), "version 4.0, and 1.0, 2.0 and 3.0 are known", 6],
    ["a header of 4 GiB", withHeader(good, 4, 2).fill(255, 8, 12), "says that it has 4294967295 bytes", 8],
    ["a program", withHeader("__import__('os').system('x')"), "where the brace of a dictionary belongs", 10],
    [
      "a call within",
      withHeader("{'shape': tuple()}"),
      "where the shape, a tuple such as (2, 3), belongs",
      20,
    ],
    ["an entry more", withHeader("{'descr': '<f4', 'x': 1}"), 'has "x", and only descr', 27],
    ["an entry twice", withHeader("{'descr': '<f4', 'descr': '<f4'}"), "has descr a second time", 27],
    ["an entry less", withHeader("{'descr': '<f4', 'shape': ()}"), "has no fortran_order", 10],
    [
      "no comma",
      withHeader("{'descr': '<f4' 'shape': ()}"),
      "where a comma or the closing brace belongs",
      26,
    ],
    ["a nested dictionary", withHeader("{".repeat(9000)), "where one of 'descr'", 11],
    ["text after the end", withHeader(`${good.trim()} x`, 4), "goes on after its last brace", 68],
    ["a number for a truth value", withHeader(of("<f4", "(1,)", "1"), 4), "where True or False belongs", 44],
    [
      "a negative size",
      withHeader(of("<f4", "(-1,)"), 4),
      "where a size, a whole number from 0, belongs",
      61,
    ],
    ["a fraction", withHeader(of("<f4", "(1.5,)"), 4), "where a size", 61],
    ["a power", withHeader(of("<f4", "(1e3,)"), 4), "where a size", 61],
    ["a leading zero", withHeader(of("<f4", "(01,)"), 4), "where a size", 61],
    ["a number in 16s", withHeader(of("<f4", "(0x1,)"), 4), "where a size", 61],
    ["a size above 2⁵³", withHeader(of("<f4", "(9007199254740993,)"), 4), "a size above 2⁵³", 61],
    ["sizes without a comma", withHeader(of("<f4", "(1 1)"), 4), "no comma between", 63],
    ["a number for a shape", withHeader(of("<f4", "(1)"), 4), "is a number in Python and no tuple", 60],
    ["a product of 2⁶⁴", withHeader(of("<f4", "(4294967296, 4294967296)")), "more than 2⁵³ bytes", 20],
    ["the same beside a 0", withHeader(of("<f4", "(0, 4294967296, 4294967296)")), "more than 2⁵³ bytes", 20],
    ["65 axes", withHeader(of("<f4", `(${"1, ".repeat(65)})`), 4), "more than 64 axes", 253],
  ];
  test.each(cases)("%s", (_what, file, says, offset) => {
    const error = thrownBy(file);
    expect(error.message).toContain(says);
    expect(error.offset).toBe(offset);
  });

  test("a file says how many numbers it has, and no room is made before they are there", () => {
    // Eight terabytes in a hundred bytes.
    expect(thrownBy(withHeader(of("<f8", "(1000000, 1000000)"))).message).toContain(
      "ends at byte 8000000000",
    );
  });

  test("bytes of another realm are bytes", () => {
    const foreign = runInNewContext("(bytes) => Uint8Array.from(bytes)") as (bytes: Uint8Array) => Uint8Array;
    expect([...readNpy(foreign(writeNpy(tensor([1, 2])))).data]).toEqual([1, 2]);
    expect(readNpz(foreign(writeNpz({ x: tensor(3) })))["x"]!.item()).toBe(3);
    const model = fromOnnx(foreign(toOnnx(record((x: Tensor) => x.tanh(), tensor([1])))));
    expect(model.forward(tensor([0])).item()).toBe(0);
    const weights = toSafetensors({ x: tensor(4) });
    expect(fromSafetensors(foreign(weights)).tensors["x"]!.item()).toBe(4);
  });

  test("what is no file at all", () => {
    expect(() => readNpy("x.npy" as never)).toThrow("got a string where the bytes of a file belong");
  });
});
