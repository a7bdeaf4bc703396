import { type Mutation, mutationsOf } from "./mutation.ts";

export const sequences: readonly Mutation[] = [
  ...mutationsOf(
    "nn/src/layers/recurrent/recurrent.ts",
    ["nn/recurrent.test.ts", "nn/sequences.test.ts"],
    [
      ["here(after).select(after, carry[i]!)", "after"],
      ["here(output).select(output, 0)", "output"],
      ["reverse: direction === 1", "reverse: false"],
      ["if (layer > 0) {", "if (layer >= 0) {"],
      [
        "keys[layer - 1]",
        "keys[0]",
        "Two layers have one place between them, and a key is as good as another.",
      ],
      ["{ from: 0, to: time, message }", "{ from: 0, to: time + 1, message }"],
      [".less(known", ".lessEqual(known"],
    ],
  ),
  ...mutationsOf(
    "nn/src/layers/recurrent/weighted-cell.ts",
    ["nn/recurrent.test.ts", "nn/sequences.test.ts"],
    [
      ["1 / Math.sqrt(hidden)", "1 / hidden"],
      ["directions * hidden", "hidden"],
    ],
  ),
  ...mutationsOf(
    "nn/src/layers/recurrent/lstm.ts",
    ["nn/recurrent.test.ts", "nn/sequences.test.ts"],
    [
      ["const [input, forget, content, output] =", "const [forget, input, content, output] ="],
      ["withForgetPart(this.hiddenBias.value, 0)", "withForgetPart(this.hiddenBias.value, forgetBias)"],
    ],
  ),
  ...mutationsOf(
    "nn/src/layers/recurrent/gru.ts",
    ["nn/sequences.test.ts"],
    [["update.mul(hidden.sub(content))", "update.mul(content.sub(hidden))"]],
  ),
  ...mutationsOf(
    "nn/src/layers/attention.ts",
    ["nn/attention.test.ts", "nn/sequences.test.ts"],
    [
      [
        "mask.select(mask.select(scores, -Infinity).softmax(), 0)",
        "mask.select(scores, -Infinity).softmax()",
      ],
      ["mask.select(scores, -Infinity)", "mask.select(scores, -1e9)"],
      ["places(keys).lessEqual(", "places(keys).less("],
      ["mask.shape.toSpliced(-2, 0, 1)", "mask.shape.toSpliced(-3, 0, 1)"],
      ["this.dropout.forward(weights, own)", "weights"],
      ["turned(q), turned(k)", "turned(q), k"],
    ],
  ),
  ...mutationsOf(
    "nn/src/layers/transformer.ts",
    ["nn/attention.test.ts", "nn/sequences.test.ts"],
    [
      ["part(norm.forward(x))", "part(x)"],
      ["{ causal: true, ...options, ...own }", "{ ...options, ...own }"],
      ["dropout, ...other }", "dropout, ...own }"],
      ["2 * n)", "n)"],
    ],
  ),
  ...mutationsOf(
    "nn/src/layers/positions.ts",
    ["nn/attention.test.ts", "nn/sequences.test.ts"],
    [
      ["-Math.log(base) / half", "-Math.log(base) / width"],
      ["time > places!", "time > places! + 1"],
    ],
  ),
  ...mutationsOf(
    "nn/src/pytorch.ts",
    ["nn/pytorch.test.ts"],
    [
      ["tensor.split(of)[index]!", "tensor.split(of)[0]!"],
      ["for (let n = parts.length; n > 0; n--) {", "for (let n = parts.length; n > 1; n--) {"],
      [" && !isCounter(name)", ""],
      ["if (strict && missing", "if (missing"],
      ["name: rename(source.name)", "name: source.name"],
    ],
  ),
];
