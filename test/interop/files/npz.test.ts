// Several arrays in a file: against files that NumPy wrote, and what is refused.

import { arange, ones, type Tensor, tensor, zeros } from "@adjoint/autograd";
import { readNpz, writeNpy, writeNpz } from "@adjoint/interop";
import { FileError } from "@adjoint/nn";
import { describe, expect, test } from "vitest";
import { crc32 } from "../../../packages/interop/src/files/crc32.ts";
import { zipParts } from "../../../packages/interop/src/files/zip-writer.ts";
import { dice } from "../../nn/files/damage.ts";
import { bytesOf, kept, seenIn } from "./numpy.ts";

const x = arange(6).reshape([2, 3]);
const file = () => Buffer.from(writeNpz({ x }));
/** Where a record of the file begins, by the third and fourth byte of its signature. */
const recordIn = (bytes: Buffer, third: number) => bytes.indexOf(Buffer.from([80, 75, third, third + 1]));

function thrownBy(bytes: Uint8Array): FileError {
  try {
    readNpz(bytes);
  } catch (error) {
    if (error instanceof FileError) return error;
    throw error;
  }
  throw new Error("the file was read");
}

describe("files of NumPy", () => {
  test.each(kept.npz)("are read bit by bit: $what", ({ file, arrays }) => {
    expect(seenIn(readNpz(bytesOf(file)))).toEqual(arrays);
  });
});

describe("what is written", () => {
  const tensors: Readonly<Record<string, Tensor>> = Object.fromEntries([
    ["x", x],
    ["steps", tensor(7, { dtype: "int32" })],
    ["layers/0.größe β😀", tensor([Math.PI, -0], { dtype: "float64" })],
    ["__proto__", tensor([true, false])],
    // A mark of the order of bytes.
    ["\ufeffx", tensor([1.5])],
    ["", zeros([0, 2])],
    ["2", ones([1, 1])],
  ]);

  test("is read as it was, compressed or not, with every name", () => {
    for (const compressed of [false, true]) {
      const again = readNpz(writeNpz(tensors, { compressed }));
      expect(seenIn(again)).toEqual(seenIn(tensors));
      expect(Object.getPrototypeOf(again)).toBe(Object.prototype);
    }
  });

  test("is smaller where it is compressed, and has equal bytes for equal content", () => {
    const large = { x: zeros([1000]) };
    expect(writeNpz(large, { compressed: true }).length).toBeLessThan(writeNpz(large).length / 10);
    expect(writeNpz(tensors)).toEqual(writeNpz({ ...tensors }));
  });

  test("may hold nothing", () => {
    expect(readNpz(writeNpz({}))).toEqual({});
  });

  test("refuses names that the format has no form for, and what is no tensor", () => {
    const named = (name: string) => () => writeNpz({ [name]: x });
    expect(named("a\0b")).toThrow("has a character of code 0");
    expect(named("\ud800")).toThrow("half of a surrogate pair");
    expect(named("é".repeat(33_000))).toThrow("has more than 65531 bytes; shorten it");
    expect(Object.keys(readNpz(writeNpz({ ["é".repeat(32_765)]: x })))).toHaveLength(1);
    expect(() => writeNpz({ a: x, "a.npy": x })).toThrow("and the same without .npy are one for NumPy");
    expect(() => writeNpz({ a: 3 as never })).toThrow('what is called "a" is a number and must be a tensor');
    expect(() => writeNpz(new Map([["a", x]]) as never)).toThrow("got a Map where tensors by name belong");
    expect(() => writeNpz({ x }, { compress: true } as never)).toThrow('there is no option "compress"');
    expect(() => writeNpz({ x }, { compressed: 9 } as never)).toThrow("compressed is a number");
  });
});

describe("of a file", () => {
  test("only what is asked for is read, whatever the rest is", () => {
    const bytes = Buffer.concat(
      zipParts(
        [
          { name: "notes.txt", bytes: Buffer.from("not an array") },
          { name: "x.npy", bytes: writeNpy(x) },
        ],
        { compressed: true },
      ),
    );
    expect(thrownBy(bytes).message).toContain(
      '"notes.txt", at byte 0 of its 12: this is no npy file, which begins with the byte 147 and NUMPY; to leave it out, { only: (name) => name !== "notes.txt" }',
    );
    expect(seenIn(readNpz(bytes, { only: (name) => name !== "notes.txt" }))).toEqual(seenIn({ x }));
    expect(() => readNpz(bytes, { only: "x" as never })).toThrow("only is a string and must be a function");
  });

  test("that begins anywhere in a buffer, its arrays are read", () => {
    const large = Buffer.concat([Buffer.alloc(5), file()]);
    expect(seenIn(readNpz(large.subarray(5)))).toEqual(seenIn({ x }));
  });
});

test("a header that doesn't compress well is found, however far it reaches", () => {
  // Spaces, tabs and new lines without an order, as Python allows them.
  const draw = dice(1);
  const spaces = Array.from({ length: 9000 }, () => " \t\n"[draw(3)]).join("");
  const text = `{'descr': '<f4',${spaces}'fortran_order': False, 'shape': (2,)}`;
  const beginning = Buffer.from("\x93NUMPY\x01\x00\x00\x00", "latin1");
  beginning.writeUInt16LE(text.length, 8);
  const bytes = Buffer.concat([beginning, Buffer.from(text), Buffer.alloc(8)]);
  const packed = Buffer.concat(zipParts([{ name: "x.npy", bytes }], { compressed: true }));
  expect(packed.length).toBeGreaterThan(1500);
  expect(readNpz(packed)["x"]!.toArray()).toEqual([0, 0]);
});

describe("a small file can't fill the memory:", () => {
  const header = (shape: string) => {
    const bytes = Buffer.from(writeNpy(zeros([1])).subarray(0, 128));
    bytes.write(`(${shape}), }`.padEnd(40), bytes.indexOf("("), "latin1");
    return bytes;
  };
  const compressed = (bytes: Uint8Array) =>
    Buffer.concat(zipParts([{ name: "x.npy", bytes }], { compressed: true }));

  test("an array is as large as its header says, whatever its bytes expand to", () => {
    // Four megabytes of zeros behind a header that says four bytes.
    const bomb = compressed(Buffer.concat([header("1,"), Buffer.alloc(4_000_000)]));
    expect(bomb.length).toBeLessThan(5_000);
    expect(thrownBy(bomb).message).toContain(
      '"x", at byte 0 of its 4000128: its array has 132 bytes, and the directory says 4000128',
    );
    bomb.writeUInt32LE(132, recordIn(bomb, 1) + 24);
    expect(thrownBy(bomb).message).toContain("its array has 132 bytes, and its compressed bytes hold more");
  });

  test("a header that says more than the compressed bytes can hold is refused before room is made", () => {
    const bomb = compressed(header("1000000000000,"));
    bomb.writeUInt32LE(0xffffffff, recordIn(bomb, 1) + 24);
    expect(thrownBy(bomb).message).toContain("its array has 4000000000128 bytes, and the directory says");
    const size = 128 + 4 * 500_000_000;
    const other = compressed(header("500000000,"));
    other.writeUInt32LE(size, recordIn(other, 1) + 24);
    expect(thrownBy(other).message).toMatch(
      /its array has 2000000128 bytes, and \d+ compressed bytes can't hold as many/,
    );
  });

  test("members can't share bytes", () => {
    // Two entries of the directory for one member.
    const bytes = file();
    const entry = recordIn(bytes, 1);
    const end = recordIn(bytes, 5);
    const twice = Buffer.concat([bytes.subarray(0, end), bytes.subarray(entry, end), bytes.subarray(end)]);
    const at = end + end - entry;
    twice.writeUInt16LE(2, at + 8);
    twice.writeUInt16LE(2, at + 10);
    twice.writeUInt32LE(2 * (end - entry), at + 12);
    expect(thrownBy(twice).message).toContain('"x.npy" begins within the bytes of another');
  });
});

describe("a damaged file is refused:", () => {
  /** A file with one number of a record changed. */
  const changed = (third: number, at: number, value: number, bytes = 2) => {
    const copy = file();
    copy.writeUIntLE(value, recordIn(copy, third) + at, bytes);
    return copy;
  };
  const cases: readonly (readonly [what: string, file: () => Uint8Array, says: string])[] = [
    ["nothing at all", () => new Uint8Array(), "there is no end of a directory"],
    ["one array alone", () => writeNpy(x), "there is no end of a directory"],
    ["an end cut off", () => file().subarray(0, -1), "there is no end of a directory"],
    ["a beginning cut off", () => file().subarray(1), "and its end is at byte"],
    ["a byte of the array", () => changed(3, 30 + 5 + 100, 7), "the checksum is another"],
    ["another checksum", () => changed(1, 16, 0, 4), "the checksum is another than the directory's"],
    ["another size", () => changed(1, 24, 7, 4), "is stored in 152 bytes and says that it has 7"],
    ["another place", () => changed(1, 42, 9, 4), "says that it begins at byte 9, and there is none"],
    ["a size that takes in the directory", () => changed(1, 20, 152 + 30, 4), "goes on in the directory"],
    ["a size beyond the file", () => changed(1, 20, 999_999, 4), "goes on in the directory"],
    ["a password", () => changed(1, 8, 1), "is encrypted; write the file without a password"],
    ["another kind of reader", () => changed(1, 8, 32), "needs more of a reader"],
    ["a later version", () => changed(1, 6, 64), "needs more of a reader"],
    ["another method", () => changed(1, 10, 12), "is compressed by method 12"],
    ["another method at its place", () => changed(3, 8, 8), "has another method at its own place"],
    ["another name at its place", () => changed(3, 30, 0x7979), "has another name at its own place"],
    ["a longer name", () => changed(1, 28, 999), "goes on after the directory"],
    ["two disks", () => changed(5, 4, 1), "one of several parts"],
    [
      "another count",
      () => {
        const copy = changed(5, 8, 2);
        copy.writeUInt16LE(2, recordIn(copy, 5) + 10);
        return copy;
      },
      "the directory has 1 entries, and its end says 2",
    ],
    [
      "a smaller count",
      () => {
        const copy = changed(5, 8, 0);
        copy.writeUInt16LE(0, recordIn(copy, 5) + 10);
        return copy;
      },
      "the directory has 1 entries, and its end says 0",
    ],
    ["a comment that is not there", () => changed(5, 20, 3), "the comment has another length"],
    [
      "a name twice",
      () => {
        const member = { name: "x.npy", bytes: writeNpy(x) };
        return Buffer.concat(zipParts([member, member], { compressed: false }));
      },
      'the name "x" occurs a second time',
    ],
    [
      "a name with .npy and without",
      () => {
        const bytes = writeNpy(x);
        return Buffer.concat(
          zipParts(
            [
              { name: "x.npy", bytes },
              { name: "x", bytes },
            ],
            { compressed: true },
          ),
        );
      },
      'the name "x" occurs a second time',
    ],
    ["a name in another encoding", () => changed(1, 46, 0xfc, 1), "in another encoding than UTF-8"],
    ["a name with a byte of 0", () => changed(1, 46, 0, 1), "a byte of 0, at which other readers end it"],
  ];
  test.each(cases)("%s", (_what, make, says) => {
    const bytes = make();
    const error = thrownBy(bytes);
    expect(error.message).toContain(says);
    expect(error.offset).toBeLessThanOrEqual(bytes.length);
  });

  test("a name in UTF-8 that doesn't say so", () => {
    const bytes = Buffer.from(writeNpz({ größe: x }));
    bytes.writeUInt16LE(0, recordIn(bytes, 3) + 6);
    bytes.writeUInt16LE(0, recordIn(bytes, 1) + 8);
    expect(thrownBy(bytes).message).toContain("in another encoding than UTF-8");
  });

  test("bytes between the directory and its end", () => {
    const bytes = file();
    const end = recordIn(bytes, 5);
    const apart = Buffer.concat([bytes.subarray(0, end), Buffer.alloc(5), bytes.subarray(end)]);
    expect(thrownBy(apart).message).toContain(`and its end is at byte ${end + 5}`);
  });

  test("compressed bytes", () => {
    const bytes = Buffer.from(writeNpz({ x: zeros([100]) }, { compressed: true }));
    const start = 30 + "x.npy".length;
    const message = (change: (copy: Buffer) => void) => {
      const copy = Buffer.from(bytes);
      change(copy);
      return thrownBy(copy).message;
    };
    expect(message((copy) => copy.fill(255, start, start + 8))).toContain("its compressed bytes are damaged");
    expect(message((copy) => copy.writeUInt32LE(20, recordIn(copy, 1) + 20))).toContain("damaged");
  });

  test("an array in it, with its name and its byte in the file", () => {
    const array = Buffer.from(writeNpy(x));
    array[6] = 9;
    const bytes = Buffer.concat(zipParts([{ name: "layer.npy", bytes: array }], { compressed: false }));
    const error = thrownBy(bytes);
    expect(error.message).toContain('readNpz: "layer", at byte 45: the format has version 9.0');
    expect(error.offset).toBe(45);
  });
});

test("the checksum is that of the standard", () => {
  expect(crc32(Buffer.from("123456789"))).toBe(0xcbf43926);
});
