import { type Mutation, mutationsOf } from "./mutation.ts";

const folder = "interop/onnx-import";
const operators = `${folder}/operators.test.ts`;
const known = `${folder}/known-numbers.test.ts`;
const model = `${folder}/model.test.ts`;
const hostile = `${folder}/hostile.test.ts`;
const damaged = `${folder}/damaged.test.ts`;
const source = "interop/src/onnx/import";

export const onnxImport: readonly Mutation[] = [
  ...mutationsOf(
    `${source}/wire.ts`,
    [hostile, damaged],
    [
      ["if (path.length >= DEEPEST)", "if (path.length >= Infinity)"],
      ["    if (length > end - at)\n      damaged(", "    if (length > Infinity)\n      damaged("],
    ],
  ),
  ...mutationsOf(
    `${source}/read-tensor.ts`,
    [hostile, known],
    [
      ["raw.length * 8 !== count * bits", "raw.length * 8 < count * bits && count < 4"],
      ["sign * (1024 + fraction)", "sign * fraction"],
    ],
  ),
  ...mutationsOf(
    `${source}/read-graph.ts`,
    [hostile, model, known],
    [
      ["    this.#known.add(name);\n", ""],
      ["trainable: datum.rank > 0 && ", "trainable: "],
      ['roles.size > 0 && [...roles].every((role) => role === "setting")', "false"],
    ],
  ),
  ...mutationsOf(
    `${source}/node-reader.ts`,
    [hostile],
    [["if (!this.#read.has(name))", "if (name === null)"]],
  ),
  ...mutationsOf(
    `${source}/operators/whole.ts`,
    [known],
    [
      ["  if (isWide(type))\n", "  if (type === null)\n"],
      ["if (range === undefined || bits >= 32) return x;", "return x;"],
    ],
  ),
  ...mutationsOf(
    `${source}/operators/recurrent.ts`,
    [operators],
    [
      [
        "const kept = next.map((each, i) => where(isWithin, each, state[i]!) as Tensor);",
        "const kept = [...next];",
      ],
      ["const [i, o, forget, c] = gatesOf(all, 4);", "const [i, forget, o, c] = gatesOf(all, 4);"],
    ],
  ),
  ...mutationsOf(
    `${source}/operators/windows.ts`,
    [operators],
    [["return isUpper ? [less, more] : [more, less];", "return [more, less];"]],
  ),
  ...mutationsOf(
    `${source}/operators/activations.ts`,
    [operators],
    [["if (node.opset >= 13) return x.with(f(operand, from));", "return x.with(f(operand, from));"]],
  ),
];
