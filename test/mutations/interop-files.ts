import { type Mutation, mutationsOf } from "./mutation.ts";

export const interopFiles: readonly Mutation[] = [
  ...mutationsOf(
    "interop/src/files/npy-header.ts",
    ["interop/files/npy.test.ts"],
    [
      ["if (met.has(name)) refuse(", "if (met.size < 0) refuse("],
      ["if (!Number.isSafeInteger(size)) refuse(", "if (size < 0) refuse("],
      ["> MOST_AXES) refuse(", "> MOST_AXES + 1) refuse("],
      ["shape.length === 1 && commas === 0", "shape.length < 0"],
      ["(?![0-9_.xXeE])L?", "(?![0-9_.xXeE])"],
      ["if (length > LONGEST)", "if (length > 2 ** 32)"],
      ["(10 + text.length + 1) % 64", "(10 + text.length) % 64"],
      ["const start = major === 1 ? 10 : 12;", "const start = 10;"],
    ],
  ),
  ...mutationsOf(
    "interop/src/files/npy.ts",
    ["interop/files/npy.test.ts"],
    [
      ['isReversed: size > 1 && order === ">"', "isReversed: false"],
      ["if (isFortran) own = inRowOrder(own, size, shape);", ""],
      ["header.shape.includes(0) ? 0 : most", "most"],
      ["Math.max(n, 1), size)", "n, size)"],
      ["if (bytes.length !== length)", "if (bytes.length < length)"],
      ["new Uint8Array(buffer, byteOffset, byteLength)", "new Uint8Array(buffer, 0, byteLength)"],
      ["end + inFile * size", "end + elements.index * size"],
    ],
  ),
  ...mutationsOf(
    "interop/src/files/byte-layout.ts",
    ["interop/files/npy.test.ts"],
    [
      ["source -= strides[axis]! * sizes[axis]!;", "source = 0;"],
      ["shape[axis] !== 1", "shape[axis]! >= 1"],
    ],
  ),
  ...mutationsOf(
    "interop/src/files/npz.ts",
    ["interop/files/npz.test.ts"],
    [
      ["if (length !== member.size)", "if (length < 0)"],
      ["if (length > MOST_PER_BYTE * stored.length)", "if (length < 0)"],
      ["new Uint8Array(length + 1)", "new Uint8Array(length)"],
      ["if (byName.has(name)) refuse(", "if (byName.size < 0) refuse("],
      ["if (crc32(content) !== member.check)", "if (crc32(content) < 0)"],
      ["length < LONGEST_HEADER; at += STEP", "length < 10; at += STEP"],
    ],
  ),
  ...mutationsOf(
    "interop/src/files/zip-directory.ts",
    ["interop/files/npz.test.ts"],
    [
      ["if (each.at < before)", "if (each.at < 0)"],
      ["if (members.length !== ending.count)", "if (members.length < ending.count)"],
      ["method === STORED && size !== stored", "method === STORED && size > stored"],
      ["if (start + stored > ending.start)", "if (start + stored > bytes.length)"],
      ["if (start + size !== end)", "if (start + size > end)"],
      ["if (value !== TOO_LARGE) continue;", "continue;"],
      ["!isUtf8 && name.length !== bytes.length", "name.length < 0"],
      ["strFromU8(behind).slice(1)", "strFromU8(bytes)"],
    ],
  ),
  ...mutationsOf(
    "interop/src/files/zip-writer.ts",
    ["interop/files/npz.test.ts"],
    [
      ["own.length === name.length ? 0 : UTF8", "0"],
      ["Math.floor(value / 2 ** (8 * k)) % 256", "Math.floor(value / 2 ** k) % 256"],
    ],
  ),
  ...mutationsOf(
    "interop/src/files/keras-layers.ts",
    ["interop/files/keras.test.ts"],
    [
      ["(_, i) => i + 2), 1, 0]", "(_, i) => i + 2), 0, 1]"],
      ["const GRU_ORDER = [1, 0, 2];", "const GRU_ORDER = [0, 1, 2];"],
      ["to: (input, hidden) => input!.add(hidden!)", "to: (input) => input!"],
      ["from: (tensor) => [tensor, zeros(", "from: (tensor) => [tensor, tensor, zeros("],
      ["groups === 1 ? weightAndBias", "groups > 0 ? weightAndBias"],
    ],
  ),
  ...mutationsOf(
    "interop/src/files/keras-flattened.ts",
    ["interop/files/keras.test.ts"],
    [
      ['making.by === "dense" ? FEATURES : before', "before"],
      ["{ ...before, flattened: before.channels }", "before"],
      ["images.size > 0 && own.some(", "images.size < 0 && own.some("],
      ["[a, b] = isTo ? ", "[a, b] = !isTo ? "],
      ["for (const each of this.#first) this.seen.set(each, 1);", ""],
      ["sizes.every((size) => images.has(size))", "sizes.length > 0"],
    ],
  ),
  ...mutationsOf(
    "interop/src/files/keras.ts",
    ["interop/files/keras.test.ts"],
    [
      ["return count === 0 ? layer : ", "return count >= 0 ? layer : "],
      ['making.by !== "dense" || place.name === "kernel"', "true"],
      ["own.every((each) => this.#claimed.has(each))", "own.every((each) => !this.#claimed.has(each))"],
      ["if (unused.size > 0)", "if (unused.size < 0)"],
      ["value.cast(own[i]!.dtype)", "value"],
    ],
  ),
  ...mutationsOf(
    "nn/src/pytorch.ts",
    ["nn/pytorch.test.ts"],
    [
      ["sort((a, b) => a.part[0] - b.part[0])", "sort((a, b) => b.part[0] - a.part[0])"],
      ["index === i && of === parts.length", "of > i"],
      ["transposed ? variable.value.transpose() : variable.value", "variable.value"],
    ],
  ),
];
