// The format's reader and writer: against files of the reference implementation, against another reader, and against damage.

import { type Tensor, tensor, zeros } from "@adjoint/autograd";
import { FileError, fromSafetensors, load, parameter, save, state, toSafetensors } from "@adjoint/nn";
import { describe, expect, test } from "vitest";
import { files, values } from "../data/safetensors.ts";
import { damaged, dice, saidBy } from "./damage.ts";

const fileOf = (base64: string) => new Uint8Array(Buffer.from(base64, "base64"));

/** A file with this text as its header. */
function withHeader(header: string | Uint8Array, data = 0): Uint8Array {
  const start = Buffer.alloc(8);
  const text = Buffer.from(header);
  start.writeUInt32LE(text.length);
  return Buffer.concat([start, text, Buffer.alloc(data)]);
}

const entry = (shape: string, offsets: string, type = "F32") =>
  `{"dtype":"${type}","shape":[${shape}],"data_offsets":[${offsets}]}`;

describe("files of the reference implementation", () => {
  test("are read with every element type of tensors, empty and scalar, under names with dots and beyond Latin", () => {
    const { tensors, metadata } = fromSafetensors(fileOf(files.ours));
    expect(Object.keys(tensors).sort()).toEqual(
      ["10", "9", "a", "b.weight", "empty", "größe.β😀", "mask", "steps"].sort(),
    );
    expect(tensors["b.weight"]!.toArray()).toEqual([
      [1.5, -2, NaN],
      [Infinity, -0, Math.fround(1e-40)],
    ]);
    expect([tensors["a"]!.dtype, tensors["a"]!.toArray()]).toEqual(["float64", [1 / 3, 5e-324]]);
    expect([tensors["steps"]!.dtype, tensors["steps"]!.shape, tensors["steps"]!.item()]).toEqual([
      "int32",
      [],
      -7,
    ]);
    expect([tensors["mask"]!.dtype, tensors["mask"]!.toArray()]).toEqual(["bool", [1, 0, 1]]);
    expect([tensors["empty"]!.dtype, tensors["empty"]!.shape]).toEqual(["float32", [0, 3]]);
    expect(tensors["größe.β😀"]!.item()).toBe(2.5);
    expect(metadata).toEqual({});
  });

  test("are what is written of their content, byte for byte", () => {
    for (const file of [files.ours, files.none].map(fileOf))
      expect(toSafetensors(fromSafetensors(file).tensors)).toEqual(file);
    const texts = fileOf(files.texts);
    const { tensors, metadata } = fromSafetensors(texts);
    expect(metadata).toEqual({ format: 'pt ü\n"q"' });
    expect(toSafetensors(tensors, { metadata })).toEqual(texts);
  });

  test("with types that tensors don't have are converted exactly", () => {
    const { tensors } = fromSafetensors(fileOf(files.others));
    for (const [name, each] of Object.entries(tensors)) {
      expect([name, each.toArray()]).toEqual([name, values[name]]);
      expect(each.dtype).toBe(/^[iu]/.test(name) ? "int32" : "float32");
    }
    expect(Object.keys(tensors)).toHaveLength(8);
  });

  test("with numbers that have no exact form say the way out, which works", () => {
    const large = fileOf(files.large);
    expect(() => fromSafetensors(large)).toThrow(
      'tensor "i64", I64 at byte 128: 2147483648 is no int32; leave it out, { only: (name) => name !== "i64" }, or have the program that wrote it save it as F32, F64 or I32',
    );
    expect(Object.keys(fromSafetensors(large, { only: (name) => name !== "i64" }).tensors)).toEqual(["x"]);
    expect(() => fromSafetensors(fileOf(files.complex))).toThrow("C64 at byte 64: tensors have no such type");
  });

  test("with scales, which are powers of two, are converted exactly", () => {
    // The Open Compute Project's specification of microscaling formats, section 5.4.1: 2⁻¹²⁷ … 2¹²⁷, and NaN.
    const file = Buffer.concat([
      withHeader(`{"x":${entry("4", "0,4", "F8_E8M0")}}`),
      Buffer.from([0, 127, 254, 255]),
    ]);
    expect(fromSafetensors(file).tensors["x"]!.toArray()).toEqual([2 ** -127, 1, 2 ** 127, NaN]);
  });

  test("with unsigned numbers of 32 and 64 bits are converted where they fit", () => {
    const file = (type: string, bytes: number, last: number) => {
      const made = withHeader(`{"x":${entry("1", `0,${bytes}`, type)}}`, bytes);
      made[made.length - bytes + 3] = last;
      return made;
    };
    for (const [type, bytes] of [
      ["U32", 4],
      ["U64", 8],
    ] as const) {
      expect(fromSafetensors(file(type, bytes, 127)).tensors["x"]!.toArray()).toEqual([127 * 2 ** 24]);
      expect(() => fromSafetensors(file(type, bytes, 128))).toThrow("2147483648 is no int32");
    }
  });
});

describe("what is written", () => {
  test("begins its data at a multiple of 8 bytes, whatever the names", () => {
    for (let n = 0; n < 20; n++) {
      const file = toSafetensors({ ["x".repeat(n)]: tensor([1]) });
      expect(new DataView(file.buffer).getUint32(0, true) % 8).toBe(0);
      expect(fromSafetensors(file).tensors["x".repeat(n)]!.toArray()).toEqual([1]);
    }
  });

  test("has equal bytes for equal content, in whatever order it is given", () => {
    const [a, b, c] = [tensor([1]), tensor([2, 3]), tensor([true])];
    expect(toSafetensors({ a, b, c })).toEqual(toSafetensors({ c, b, a }));
  });

  test("keeps names that objects treat in their own way", () => {
    const given = Object.fromEntries(
      ["__proto__", "constructor", "2", "1", ""].map((name, i) => [name, tensor(i)]),
    );
    const { tensors } = fromSafetensors(toSafetensors(given));
    for (const [name, each] of Object.entries(given))
      expect(Object.getOwnPropertyDescriptor(tensors, name)!.value.item()).toBe(each.item());
    expect(Object.getPrototypeOf(tensors)).toBe(Object.prototype);
  });

  test("keeps every bit, of NaNs too", () => {
    const file = toSafetensors({ x: tensor([0, 0]), y: tensor([0], { dtype: "float64" }) });
    // A NaN with a payload, one that signals, and −NaN.
    file.set(
      [...Buffer.from("563412f0ffffffff", "hex"), ...Buffer.from("452381ff4523c17f", "hex")],
      file.length - 16,
    );
    expect(toSafetensors(fromSafetensors(file).tensors)).toEqual(file);
  });

  test("reads tensors in any order, an empty one after one that begins at the same byte", () => {
    const file = withHeader(
      `{"b":${entry("1", "4,8")},"a":${entry("1", "0,4")},"none":${entry("0", "0,0")}}`,
      8,
    );
    file[file.length - 1] = 64;
    const { tensors } = fromSafetensors(file);
    expect([tensors["a"]!.toArray(), tensors["b"]!.toArray(), tensors["none"]!.shape]).toEqual([
      [0],
      [2],
      [0],
    ]);
  });

  test("reads a file that begins anywhere in a buffer", () => {
    const file = toSafetensors({ x: tensor([1, 2], { dtype: "float64" }) });
    const large = new Uint8Array(file.length + 3);
    large.set(file, 3);
    expect(fromSafetensors(large.subarray(3)).tensors["x"]!.toArray()).toEqual([1, 2]);
  });

  test("refuses names and texts that have no form", () => {
    const x = tensor([1]);
    const text = (value: unknown) => () => toSafetensors({ x }, { metadata: { note: value as string } });
    expect(() => toSafetensors({ __metadata__: x })).toThrow("the name __metadata__ is taken for texts");
    expect(() => toSafetensors({ "\ud800": x })).toThrow("half of a surrogate pair");
    expect(text("\udc00")).toThrow('the metadata\'s "note" has half of a surrogate pair');
    expect(text(3)).toThrow('the metadata\'s "note" is a number and must be a text; write JSON.stringify(…)');
    expect(() => toSafetensors({ x: 3 as unknown as typeof x })).toThrow(
      '"x" is a number and must be a tensor',
    );
    expect(() => toSafetensors([x] as never)).toThrow("got an array where tensors by name belong");
    expect(() => toSafetensors({ x: x.reshape(new Array<number>(65).fill(1)) })).toThrow(
      "has 65 axes, and at most 64",
    );
    expect(() => fromSafetensors("file" as never)).toThrow(/got a string where the bytes of a file belong/);
  });
});

describe("a damaged file", () => {
  const one = entry("1", "0,4");
  const cases: readonly (readonly [what: string, file: Uint8Array, says: string, offset: number])[] = [
    ["too short for a length", new Uint8Array(7), "the file has 7 bytes, and its first 8 are the length", 0],
    [
      "with a header longer than itself",
      withHeader("{}").subarray(0, 9),
      "says that its header has 2; it is cut short",
      0,
    ],
    [
      "with a header of 2⁶³ bytes",
      new Uint8Array([0, 0, 0, 0, 0, 0, 0, 128, 123, 125]),
      "says that its header has 9223372036854776000",
      0,
    ],
    ["with no object as its header", withHeader("[]"), 'the header, at byte 8, has "[" where { belongs', 8],
    [
      "that goes on after its header's object",
      withHeader("{} x"),
      "at byte 11, goes on after its last brace",
      11,
    ],
    ["with a name twice", withHeader(`{"a":${one},"a":${one}}`, 4), 'has the name "a" a second time', 62],
    [
      "with a name twice, once with an escape",
      withHeader(`{"a":${one},"\\u0061":${one}}`, 4),
      'has the name "a" a second time',
      62,
    ],
    ["with a text without an end", withHeader('{"a'), "has a text without an end", 9],
    ["with a text that ends in a backslash", withHeader('{"a\\'), "has a text without an end", 9],
    [
      "with a text of other bytes than UTF-8",
      withHeader(Buffer.from([123, 34, 255, 34, 58])),
      "no JSON text in UTF-8",
      9,
    ],
    [
      "with half of a surrogate pair in a text",
      withHeader(`{"\\ud800":${one}}`, 4),
      "half of a surrogate pair, which has no form in UTF-8",
      9,
    ],
    ["with a line's end in a text", withHeader('{"a\n":1}'), "no JSON text in UTF-8", 9],
    [
      "with a size that is negative",
      withHeader(`{"a":${entry("-1", "0,4")}}`, 4),
      "has a size that is no whole number",
      37,
    ],
    [
      "with a size that is a fraction",
      withHeader(`{"a":${entry("1.5", "0,4")}}`, 4),
      'has "." where ] belongs',
      38,
    ],
    [
      "with a size in powers of ten",
      withHeader(`{"a":${entry("1e0", "0,4")}}`, 4),
      'has "e" where ] belongs',
      38,
    ],
    [
      "with a size of NaN",
      withHeader(`{"a":${entry("NaN", "0,4")}}`, 4),
      "has a size that is no whole number",
      37,
    ],
    [
      "with a leading zero",
      withHeader(`{"a":${entry("01", "0,4")}}`, 4),
      "has a size that is no whole number",
      37,
    ],
    [
      "with a size above 2⁵³",
      withHeader(`{"a":${entry("9007199254740992", "0,4")}}`, 4),
      "has a size above 2⁵³",
      37,
    ],
    [
      "whose sizes multiply to more than 2⁵³",
      withHeader(`{"a":${entry("4294967296,4294967296", "0,0")}}`),
      "takes no whole number of bytes",
      9,
    ],
    [
      "whose sizes multiply to 2⁶⁴, which is 0 in 64 bits",
      withHeader(`{"a":${entry("4294967296,4294967296", "0,0", "BOOL")}}`),
      "takes no whole number of bytes",
      9,
    ],
    [
      "with too few bytes for its shape",
      withHeader(`{"a":${entry("2", "0,4")}}`, 4),
      "F32 [2] takes 8 bytes",
      9,
    ],
    ["with offsets that go back", withHeader(`{"a":${entry("1", "4,0")}}`, 4), "lies from 4 to 0", 9],
    ["with half a byte", withHeader(`{"a":${entry("1", "0,0", "F4")}}`), "takes no whole number of bytes", 9],
    [
      "with a gap before a tensor",
      withHeader(`{"a":${entry("1", "4,8")}}`, 8),
      "lies from 4, and what lies before it ends at 0",
      9,
    ],
    [
      "with two tensors in one place",
      withHeader(`{"a":${one},"b":${one}}`, 4),
      'tensor "b", at byte 62, lies from 0, and what lies before it ends at 4',
      62,
    ],
    ["that is cut short", withHeader(`{"a":${one}}`, 3), "has 65 bytes, and its tensors end at byte 66", 65],
    [
      "with bytes after its tensors",
      withHeader(`{"a":${one}}`, 5),
      "has 67 bytes, and its tensors end at byte 66",
      66,
    ],
    [
      "with an unknown type",
      withHeader(`{"a":${entry("1", "0,4", "F99")}}`, 4),
      'has the type "F99", which is none of',
      9,
    ],
    [
      "with an entry without a type",
      withHeader('{"a":{"shape":[],"data_offsets":[0,4]}}', 4),
      '"a", at byte 9, has no dtype',
      9,
    ],
    [
      "with an entry without a shape",
      withHeader('{"a":{"dtype":"F32","data_offsets":[0,4]}}', 4),
      "has no shape",
      9,
    ],
    [
      "with an entry without a place",
      withHeader('{"a":{"dtype":"F32","shape":[1]}}', 4),
      "has no data_offsets",
      9,
    ],
    ["with three offsets", withHeader(`{"a":${entry("1", "0,4,8")}}`, 4), "has more than two offsets", 61],
    [
      "with a field more",
      withHeader('{"a":{"dtype":"F32","size":3}}', 4),
      'has a field "size"; it may have',
      28,
    ],
    ["with a text that is a number", withHeader('{"__metadata__":{"a":3}}'), 'has "3" where " belongs', 29],
    [
      "with 65 axes",
      withHeader(`{"a":${entry(new Array(65).fill(1).join(), "0,4")}}`, 4),
      "has more than 64 axes",
      166,
    ],
    ["nested without an end", withHeader("[{".repeat(1_000_000)), "where { belongs", 8],
    [
      "with a truth value of 2",
      Buffer.concat([withHeader(`{"a":${entry("2", "0,2", "BOOL")}}`), Buffer.from([1, 2])]),
      "2 is no truth value",
      64,
    ],
  ];

  test.each(cases)("%s is refused, with the byte", (_what, file, says, offset) => {
    let thrown: unknown;
    try {
      fromSafetensors(file);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(FileError);
    expect((thrown as FileError).message).toContain(says);
    expect((thrown as FileError).offset).toBe(offset);
  });

  test("gives an error and changes nothing, or is valid and reads as another reader does", () => {
    const x: Readonly<Record<string, Tensor>> = {
      "0.weight": tensor([
        [1.5, -2],
        [0.25, 1e-40],
      ]),
      "0.bias": tensor([1, 2]),
      steps: tensor(7, { dtype: "int32" }),
      mask: tensor([true, false, true]),
      double: tensor([Math.PI], { dtype: "float64" }),
      empty: zeros([0, 2]),
    };
    const sources = [
      toSafetensors(x),
      toSafetensors(x, { metadata: { note: "a text" } }),
      fileOf(files.ours),
    ];
    const model = {
      0: {
        weight: parameter([
          [9, 9],
          [9, 9],
        ]),
        bias: parameter([9, 9]),
      },
      steps: state(tensor(9, { dtype: "int32" })),
    };
    const before = save(model);
    const count = process.env["ADJOINT_DEEP"] === "1" ? 10_000 : 1_000;
    const outcomes = { refused: 0, valid: 0 };
    for (let seed = 0; seed < count; seed++) {
      const draw = dice(seed);
      const file = damaged(sources[draw(sources.length)]!, draw);
      let read: ReturnType<typeof fromSafetensors>;
      try {
        read = fromSafetensors(file);
      } catch (error) {
        if (!(error instanceof FileError)) throw new Error(`file of seed ${seed}`, { cause: error });
        outcomes.refused++;
        expect(() => load(model, file)).toThrow(FileError);
        continue;
      }
      outcomes.valid++;
      const said = saidBy(file);
      expect([seed, Object.keys(read.tensors).sort()]).toEqual([seed, [...said.keys()].sort()]);
      for (const [name, { shape, data }] of said) {
        const each = read.tensors[name]!;
        expect([seed, name, each.shape, Array.from(each.data)]).toEqual([seed, name, shape, data]);
      }
      expect(() => load(model, file)).toThrow(/the file is of another model|must be a list of names/);
    }
    expect(save(model)).toEqual(before);
    // Most are refused, and some are not: else the damages, or the checks, would not be worth much.
    expect(outcomes.refused).toBeGreaterThan(count / 2);
    expect(outcomes.valid).toBeGreaterThan(count / 50);
  });
});
