// Damaged safetensors files, drawn at random, and what an undamaged one says, read in another way than the library does.

/** Draws whole numbers below n. A linear congruential generator, as Numerical Recipes has it, and its upper bits. */
export function dice(seed: number): (n: number) => number {
  let state = seed >>> 0;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

const numbers = [
  ..."-1 1.5 1e3 NaN null 00 01 0 1 2 3 4 7 8 12 16 24 255 4294967295 4294967296 9007199254740991 9007199254740993".split(
    " ",
  ),
  ...'18446744073709551615 1e999 -0 Infinity true "4" [] {} 99999999999999999999999999'.split(" "),
];
const texts = [
  ..."__proto__ constructor toString __metadata__ dtype shape data_offsets a b F32 F64 I32 BOOL F16 I64 U8 C64 F4".split(
    " ",
  ),
  ...["", "\\ud800", "\\u0000", "\\x", "😀", "x".repeat(300)],
];

/** The file with a change in its header's text, and its length set right. */
function withHeader(file: Uint8Array, change: (text: string) => string): Uint8Array {
  const length = new DataView(file.buffer, file.byteOffset).getUint32(0, true);
  const before = Buffer.from(file.subarray(8, 8 + length)).toString("utf8");
  const header = Buffer.from(change(before), "utf8");
  const start = Buffer.alloc(8);
  start.writeUInt32LE(header.length);
  return Buffer.concat([start, header, file.subarray(8 + length)]);
}

/** One of several matches of a pattern, replaced. */
function replaceOne(text: string, pattern: RegExp, draw: (n: number) => number, by: string): string {
  const found = [...text.matchAll(pattern)];
  if (found.length === 0) return text;
  const match = found[draw(found.length)]!;
  return text.slice(0, match.index) + by + text.slice(match.index + match[0].length);
}

/** A file with one to three damages. */
export function damaged(file: Uint8Array, draw: (n: number) => number): Uint8Array {
  let result = file;
  for (let k = draw(3); k >= 0; k--) result = damagedOnce(result, draw);
  return result;
}

function damagedOnce(file: Uint8Array, draw: (n: number) => number): Uint8Array {
  if (file.length < 16) return file;
  const copy = new Uint8Array(file);
  const length = new DataView(copy.buffer).getUint32(0, true);
  const isWhole = length <= copy.length - 8;
  const place = () => draw(copy.length);
  switch (draw(isWhole ? 13 : 5)) {
    case 0:
      copy[place()]! ^= 1 << draw(8);
      return copy;
    case 1:
      return copy.subarray(0, place());
    case 2:
      return Buffer.concat([copy, new Uint8Array(1 + draw(64)).fill(draw(256))]);
    case 3:
      copy.fill(draw(256), place(), place());
      return copy;
    case 4:
      copy[draw(8)] = draw(256);
      return copy;
    case 5:
      copy[8 + draw(length)] = draw(256);
      return copy;
    case 6:
      return withHeader(copy, (text) => replaceOne(text, /\d+/g, draw, numbers[draw(numbers.length)]!));
    case 7:
      return withHeader(copy, (text) => replaceOne(text, /\d+/g, draw, String(draw(100))));
    case 8:
      return withHeader(copy, (text) =>
        replaceOne(text, /"[^"]*"/g, draw, `"${texts[draw(texts.length)]!}"`),
      );
    case 9:
      // An entry once more, under its own name.
      return withHeader(copy, (text) => {
        const entries = [...text.matchAll(/"[^"]*":\{"dtype[^}]*\}/g)];
        return entries.length === 0 ? text : `{${entries[draw(entries.length)]![0]},${text.slice(1)}`;
      });
    case 10:
      return withHeader(copy, (text) =>
        replaceOne(text, /[[\]{},:"]/g, draw, '[]{},:"'[draw(7)]!.repeat(draw(3))),
      );
    case 11:
      return withHeader(copy, (text) =>
        replaceOne(text, /[[{]/g, draw, "[{"[draw(2)]!.repeat(1 + draw(100_000))),
      );
    default:
      return withHeader(copy, (text) =>
        replaceOne(text, /\}/g, draw, `${" ".repeat(draw(4))},"more":${draw(9)}}`),
      );
  }
}

const readers: Readonly<
  Record<string, readonly [bytes: number, read: (view: DataView, at: number) => number]>
> = {
  F64: [8, (view, at) => view.getFloat64(at, true)],
  F32: [4, (view, at) => view.getFloat32(at, true)],
  I32: [4, (view, at) => view.getInt32(at, true)],
  I64: [8, (view, at) => Number(view.getBigInt64(at, true))],
  BOOL: [1, (view, at) => view.getUint8(at)],
  U8: [1, (view, at) => view.getUint8(at)],
  F16: [
    2,
    (view, at) => {
      const code = view.getUint16(at, true);
      const [e, m] = [(code >> 10) & 31, code & 1023];
      const size =
        e === 31 ? (m === 0 ? Infinity : NaN) : e === 0 ? m * 2 ** -24 : (1024 + m) * 2 ** (e - 25);
      return code >= 0x8000 ? -size : size;
    },
  ],
};

/** What a file says, where it is valid: read by JSON.parse and one element after another. */
export function saidBy(file: Uint8Array): Map<string, { shape: number[]; data: number[] }> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const length = view.getUint32(0, true);
  const header = JSON.parse(Buffer.from(file.subarray(8, 8 + length)).toString("utf8")) as object;
  return new Map(
    Object.entries(header)
      .filter(([name]) => name !== "__metadata__")
      .map(([name, { dtype, shape, data_offsets: offsets }]) => {
        const [bytes, read] = readers[dtype as string]!;
        const [start, end] = offsets as [number, number];
        const data: number[] = [];
        for (let at = start; at < end; at += bytes) data.push(read(view, 8 + length + at));
        return [name, { shape: shape as number[], data }];
      }),
  );
}
