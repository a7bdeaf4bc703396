import { type Mutation, mutationsOf } from "./mutation.ts";

export const array: readonly Mutation[] = [
  ...mutationsOf(
    "autograd/src/array/shape.ts",
    ["autograd/array"],
    [
      ["normal < 0 || normal >= rank", "normal < 0 || normal > rank"],
      ["if (n === present || n === 1) continue;", "if (n === present || n <= 1) continue;"],
      ["return normal.sort((a, b) => a - b);", "return normal;"],
      ["!Number.isInteger(n) || n < 0", "!Number.isInteger(n) || n < 1"],
      ["if (a.length !== b.length) return false;", ""],
    ],
  ),
  ...mutationsOf(
    "autograd/src/array/print.ts",
    ["autograd/array/print.test.ts", "misuse/printing.test.ts"],
    [
      ["if (size < smallest || size >= largest) return value", "if (size < smallest) return value"],
      ["value.toFixed(4)", "value.toFixed(5)"],
      ["const cut = shorten && n > 2 * edge;", "const cut = shorten && n >= 2 * edge;"],
      ["array.shape.map((n) => Math.max(1, n))", "array.shape.map((n) => n)"],
      ['value > 0 ? "∞" : "-∞"', '"∞"'],
      ['(texts[next++] ?? "").padStart(width)', 'texts[next++] ?? ""'],
    ],
  ),
  ...mutationsOf(
    "autograd/src/array/ndarray.ts",
    ["autograd/array", "autograd/primitives/conventions.test.ts"],
    [
      ["offset === 0 && buffer.length === size ? buffer", "offset === 0 ? buffer"],
      ["last >= 0 && arrays.every(", "last >= 0 && arrays.some("],
      [
        "positions[k]! -= strides[k]![axis]! * sizes[axis]!",
        "positions[k]! -= strides[k]![axis]! * (sizes[axis]! - 1)",
      ],
    ],
  ),
  ...mutationsOf(
    "autograd/src/array/dtype.ts",
    ["autograd/array", "misuse/misuse.test.ts"],
    [
      ['dtype === "int32" && value !== (value | 0)', 'dtype === "int32" && !Number.isInteger(value)'],
      ["Number(value !== 0)", "Number(value > 0)"],
      ["Object.hasOwn(constructors, dtype)", "dtype in constructors"],
    ],
  ),
];
