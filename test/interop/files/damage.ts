// Damaged files of arrays, drawn at random: bits, ends, pieces of other files, and numbers and texts that mean harm.

import { zipParts } from "../../../packages/interop/src/files/zip-writer.ts";

type Draw = (n: number) => number;

const hostile = {
  types: [
    "<f4",
    ">f8",
    "|b1",
    "<i8",
    "<f2",
    "|O",
    "<U4",
    "<c8",
    "|V4",
    ">u2",
    "f4",
    "|i1",
    "<f16",
    "",
    "__proto__",
  ],
  shapes: [
    "()",
    "(1,)",
    "(2, 3)",
    "(3, 2)",
    "(6,)",
    "(-1,)",
    "(0,)",
    "(0, 9007199254740992)",
    "(4294967296, 4294967296)",
  ],
  sizes: [
    "0",
    "1",
    "2",
    "3",
    "-1",
    "1e9",
    "99999999999",
    "18446744073709551616",
    "1L",
    "0x6",
    "1_0",
    "None",
    "(",
    ",",
    "6.0",
  ],
  orders: ["True", "False", "None", "1", "true", "Truely"],
  numbers: [0, 1, 7, 8, 20, 21, 45, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0xfffffffe, 0xffffffff],
} as const;

const one = <T>(list: readonly T[], draw: Draw): T => list[draw(list.length)]!;

/** One of several matches of a pattern, replaced. */
function replaceOne(text: string, pattern: RegExp, by: string, draw: Draw): string {
  const found = [...text.matchAll(pattern)];
  if (found.length === 0) return text;
  const match = one(found, draw);
  return text.slice(0, match.index) + by + text.slice(match.index + match[0].length);
}

/** Damages that any file can have. */
function roughly(file: Uint8Array, others: readonly Uint8Array[], draw: Draw): Uint8Array {
  if (file.length === 0) return file;
  const copy = new Uint8Array(file);
  const at = draw(copy.length);
  switch (draw(6)) {
    case 0:
      copy[at]! ^= 1 << draw(8);
      return copy;
    case 1:
      copy[at] = one([0, 1, 0xff, 0x80, draw(256)], draw);
      return copy;
    case 2:
      return copy.slice(0, at);
    case 3:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(Math.min(copy.length, at + draw(40)))]);
    case 4:
      return Buffer.concat([copy.subarray(0, at), Buffer.alloc(draw(40), draw(256)), copy.subarray(at)]);
    default: {
      const other = one(others, draw);
      return Buffer.concat([copy.subarray(0, at), other.subarray(draw(other.length + 1))]);
    }
  }
}

/** An array's file with another header, whose length is right. */
function withOtherHeader(file: Uint8Array, draw: Draw): Uint8Array {
  const version = file[6] === 1 ? 1 : 2;
  const start = version === 1 ? 10 : 12;
  const length = Buffer.from(file).readUInt16LE(8);
  const before = Buffer.from(file.subarray(start, start + length)).toString("latin1");
  const changes: readonly (() => string)[] = [
    () => replaceOne(before, /'[<>|][a-z0-9]+'/g, `'${one(hostile.types, draw)}'`, draw),
    () => replaceOne(before, /\([0-9, ]*\)/g, one(hostile.shapes, draw), draw),
    () => replaceOne(before, /[0-9]+/g, one(hostile.sizes, draw), draw),
    () => replaceOne(before, /True|False/g, one(hostile.orders, draw), draw),
    () => replaceOne(before, /[{}(),:' ]/g, one([..."{}(),:' \t\"", ""], draw).repeat(1 + draw(3)), draw),
    () => replaceOne(before, /descr|shape|fortran_order/g, one(["descr", "shape", "order", ""], draw), draw),
    () => before.trim() + " ".repeat(draw(200)),
    () => "{".repeat(draw(12_000)),
  ];
  const header = Buffer.from(one(changes, draw)(), "latin1");
  const beginning = Buffer.from(file.subarray(0, start));
  if (version === 1) beginning.writeUInt16LE(header.length, 8);
  else beginning.writeUInt32LE(header.length, 8);
  return Buffer.concat([beginning, header, file.subarray(start + length)]);
}

const isArray = (file: Uint8Array): boolean => file.length > 80 && file[0] === 0x93;

/** An array's file with one to three damages. */
export function damagedNpy(files: readonly Uint8Array[], draw: Draw): Uint8Array {
  let file = one(files, draw);
  for (let k = draw(3); k >= 0; k--)
    file = isArray(file) && draw(2) === 0 ? withOtherHeader(file, draw) : roughly(file, files, draw);
  return file;
}

/** A zip file in which one number of a record is another. */
function withOtherNumber(file: Uint8Array, draw: Draw): Uint8Array {
  const copy = Buffer.from(file);
  const records = [];
  for (let at = copy.indexOf("PK"); at >= 0; at = copy.indexOf("PK", at + 1)) records.push(at);
  if (records.length === 0) return copy;
  const at = one(records, draw) + 4 + draw(50);
  const bytes = one([1, 2, 4], draw);
  if (at + bytes > copy.length) return copy;
  const before = copy.readUIntLE(at, bytes);
  const value = draw(2) === 0 ? one(hostile.numbers, draw) : before + one([-1, 1, -22, 46, 64, 1024], draw);
  copy.writeUIntLE((((value % 2 ** 32) + 2 ** 32) % 2 ** 32) % 2 ** (8 * bytes), at, bytes);
  return copy;
}

/** A file of several arrays with damages: of the whole, or of arrays in a whole file with right checksums. */
export function damagedNpz(
  files: readonly Uint8Array[],
  arrays: readonly Uint8Array[],
  draw: Draw,
): Uint8Array {
  if (draw(4) === 0) {
    const names = ["a.npy", "b.npy", "a", "a.npy", "größe.npy", "", "x/../y.npy", "__proto__.npy"];
    const members = Array.from({ length: 1 + draw(3) }, () => ({
      name: one(names, draw),
      bytes: damagedNpy(arrays, draw),
    }));
    const compressed = draw(2) === 0;
    return Buffer.concat(zipParts(members, { compressed }));
  }
  let file = one(files, draw);
  for (let k = draw(3); k >= 0; k--)
    file = draw(3) > 0 ? withOtherNumber(file, draw) : roughly(file, files, draw);
  return file;
}
