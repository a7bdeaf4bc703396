import { type Mutation, mutationsOf } from "./mutation.ts";

export const nnFiles: readonly Mutation[] = [
  ...mutationsOf(
    "nn/src/files/header.ts",
    ["nn/files/safetensors.test.ts"],
    [
      ["if (names.has(name)) this.refuse(", "if (names.size < 0) this.refuse("],
      ["=== BACKSLASH ? 2 : 1", "=== BACKSLASH ? 1 : 1"],
      ["if (value > Number.MAX_SAFE_INTEGER)", "if (value > Number.MAX_VALUE)"],
      ["digits === 0 || leadsWithZero", "digits === 0"],
      ["  scanner.close();\n", ""],
      ["+ 2 ** 32 * view.getUint32(4, true)", ""],
      ["length > LONGEST_HEADER || length > bytes.length - 8", "length > LONGEST_HEADER"],
      ["> 2) scanner.refuse(", "> 3) scanner.refuse("],
    ],
  ),
  ...mutationsOf(
    "nn/src/files/safetensors.ts",
    ["nn/files/safetensors.test.ts"],
    [
      ["if (end + next === length) return;", "if (end + next <= length) return;"],
      ["if (start !== next)", "if (start < next)"],
      ["if (start !== next)", "if (start > next)"],
      ["Number.isSafeInteger(total) && total % 8 === 0", "Number.isSafeInteger(total)"],
      ["Math.ceil(header.length / 8) * 8", "header.length"],
      ["a.start - b.start || a.end - b.end", "a.start - b.start"],
    ],
  ),
  ...mutationsOf(
    "nn/src/files/stored-types.ts",
    ["nn/files/safetensors.test.ts"],
    [
      ["Math.max(e, 1)", "e"],
      ["value > 1)", "value > 2)"],
      ["m === 2 ** fraction - 1) return NaN", "m > 0) return NaN"],
      ["if (result[index] !== Number(element))", "if (index < 0)"],
    ],
  ),
  ...mutationsOf(
    "nn/src/files/save.ts",
    ["nn/files/save.test.ts"],
    [
      ["if (strict) refuseUnlessAll(report);", ""],
      [
        "for (const [variable, , name] of fitting) variable.trainable = !fixed.has(name);",
        "for (const [variable, , name] of fitting) if (fixed.has(name)) variable.trainable = false;",
      ],
      ["described(variable) === described(given)", "variable.dtype === given.dtype"],
      ["for (const adopt of adopted) adopt();", ""],
      [".filter((name) => !Object.hasOwn(tensors, name))", ".filter((name) => !(name in tensors))"],
    ],
  ),
  ...mutationsOf(
    "nn/src/files/keeper.ts",
    ["nn/files/save.test.ts"],
    [["start.every((key, i) => key === keys[i]) && ", ""]],
  ),
  ...mutationsOf(
    "nn/src/files/data.ts",
    ["nn/files/checkpoints.test.ts", "nn/files/architecture.test.ts"],
    [
      ['name.startsWith("$") ? `$${name}` : name', "name"],
      ["      around.delete(value);\n", ""],
      ["if (fields.length > 1) throw", "if (fields.length > 9) throw"],
      ["if (depth >= DEEPEST) throw tooDeep(at);\n    depth++;\n    try", "depth++;\n    try"],
      ["Number.isFinite(value) && !Object.is(value, -0)", "Number.isFinite(value)"],
    ],
  ),
  ...mutationsOf(
    "nn/src/files/architecture.ts",
    ["nn/files/architecture.test.ts"],
    [
      ["if (place !== undefined) return { $again: place };", ""],
      ["if (isKey(value, at)) return { $key: true };", ""],
      ["Object.hasOwn(table, name)", "name in table"],
      ["if (options.key !== undefined) key.state.assign(options.key);", ""],
    ],
  ),
  ...mutationsOf(
    "nn/src/made.ts",
    ["nn/files/architecture.test.ts"],
    [["from: from.map(remembered)", "from"]],
  ),
  ...mutationsOf(
    "nn/src/node/checkpoints.ts",
    ["nn/files/checkpoints.test.ts"],
    [
      ["present.slice(keep - 1)", "present.slice(keep)"],
      [".sort((a, b) => b.number - a.number)", ".sort((a, b) => a.number - b.number)"],
      ["bytes.subarray(0, FROM), BLANK", "BLANK"],
      ["if (skipped.length === 0) return null;", "return null;"],
      ["PART.test(name)", "false"],
    ],
  ),
  ...mutationsOf(
    "nn/src/inspect/summary.ts",
    ["nn/summary.test.ts"],
    [
      ["for (const each of undo) each();", ""],
      ["([, part]) => !met.has(part),", "() => true,"],
      ['types.find((each) => each === "float64" || each === "float32")', "undefined"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/program/saved-activation.ts",
    ["nn/files/architecture.test.ts"],
    [
      ["if (arity !== 1)", "if (arity < 1)"],
      [
        "low === undefined || high === undefined || rest.length > 0",
        "low === undefined || high === undefined",
      ],
      ["psi: (y) => y.elementwise({ expression: psi })", "psi: (y) => y"],
    ],
  ),
];
