import { type Mutation, mutationsOf } from "./mutation.ts";

const vmap = "autograd/batch/vmap.test.ts";
const programs = "autograd/batch/programs.test.ts";
const primitives = "autograd/primitives/primitives.test.ts";
const ownRule = "autograd/differentiate/own-rule.test.ts";

export const batch: readonly Mutation[] = [
  ...mutationsOf(
    "autograd/src/batch/batching.ts",
    [vmap],
    [
      ["openTraces(whole.traces));", "null);"],
      ["(holder as Cell).madeAt > this.#begun", "true"],
      ["spread(own, [this.size, ...own.shape])", "own"],
      ["if (!isBatched.includes(true)) return", "if (isBatched.includes(false)) return"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/batch/for-many.ts",
    [vmap, primitives],
    [
      ["(isBatched[i] ? input : spread(input", "(i >= 0 ? input : spread(input"],
      ["if (size === 0) return nothing", "if (size < 0) return nothing"],
      ["rangeAlong(whole, 0, at, 1)", "rangeAlong(whole, 0, 0, 1)"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/primitives/contraction.ts",
    [primitives, programs],
    [
      [
        "if (!areMany && right.rank === 2) {",
        "if (right.rank === 2) {",
        "many matrices have three axes at least",
      ],
      ["[true, false], size));", "[false, true], size));"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/differentiate/vmap.ts",
    [vmap],
    [
      ["return withAxisMoved(heldBy(tensor), axis, 0);", "return heldBy(tensor);"],
      ["withAxisMoved(whole, 0, normalizeAxis(", "withAxisMoved(whole, 1, normalizeAxis("],
      ["if (batching.isShared(tensor)) return", "return"],
      ["(isVariable[i] ? tensor : parts[i]!)", "parts[i]!"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/differentiate/own-rule.ts",
    [ownRule],
    [
      ["if (each === null || isBatched[i]) return each;", "if (each !== null) return each;"],
      ["isPullback ? () => true : isWhole", "isWhole"],
      [
        "batched: (inputs, rule, isBatched, size) =>",
        "batched: (inputs, rule, isBatched, size) => size > 0 ? null :",
        "it saves time: part by part the rule gives the same",
      ],
      ["openTraces(operand.traces) !== null", "false"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/differentiate/jacobian.ts",
    ["autograd/differentiate/transforms.test.ts", "autograd/differentiate/jacobian.test.ts"],
    [
      ["start += most", "start += most + 1"],
      ["i * like.size + start + i", "i * like.size + i"],
      [
        "transposed(reshaped(columns[i]![o]!, [input.size, output.size]))",
        "reshaped(columns[i]![o]!, [output.size, input.size])",
      ],
    ],
  ),
  ...mutationsOf(
    "autograd/src/tape/leaf.ts",
    [vmap],
    [["if (innermost(Multiplying) !== null)", "if (innermost(Multiplying) === undefined)"]],
  ),
];
