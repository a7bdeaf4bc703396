import { type Mutation, mutationsOf } from "./mutation.ts";

const manners = "autograd/compile/manners.test.ts";
const edges = "autograd/compile/edges.test.ts";
const exact = "autograd/compile/exact.test.ts";

export const compile: readonly Mutation[] = [
  ...mutationsOf(
    "autograd/src/compile/signature.ts",
    [manners, edges],
    [
      ["return Object.is(form.value, value);", "return form.value === value;"],
      [
        "!Array.isArray(value) || value.length !== form.items.length",
        "!Array.isArray(value) || value.length < form.items.length",
      ],
      ["key !== keys[count++]", "!keys.includes((count++, key))"],
      ["if (count !== keys.length) return false;", ""],
      ["array.dtype !== dtype || (", "("],
      [
        "(array.shape !== shape && !sameShape(array.shape, shape))",
        "array.size !== shape.reduce((a, b) => a * b, 1)",
      ],
      ["value.traces === null ? value : null;", "value;"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/compile/compile.ts",
    [manners, edges],
    [
      ["signatures.splice(i, 1);\n        signatures.unshift(signature);", ""],
      ["signatures.pop();", "signatures.shift();"],
      ["isWarned = true;", "isWarned = false;"],
      ["if (without[i]!.hasGrad) return false;", ""],
      ["if (!having[i]!.hasGrad) return false;", ""],
      [
        "return f(...args);\n      signature = made(args);",
        "throw new Error();\n      signature = made(args);",
      ],
    ],
  ),
  ...mutationsOf(
    "autograd/src/compile/plan-memory.ts",
    [manners, edges, exact, "autograd/compile/memory.test.ts"],
    [
      ["for (const buffer of kept) touch(buffer, last);", ""],
      ["to: isOutside ? last : to,", "to,"],
      ["room.to < from || room.from > to", "room.to <= from || room.from > to"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/compile/schedule.ts",
    [manners, edges, exact],
    [
      [
        "!resultBuffers.has(value) &&",
        "",
        "a result is copied out before anything else runs, from wherever its buffer lies",
      ],
      ["maker.waitForAll([...others, ...inside]);", ""],
    ],
  ),
  ...mutationsOf(
    "autograd/src/tape/trace.ts",
    ["autograd/tape/trace.test.ts", "autograd/differentiate/nesting.test.ts"],
    [
      ["a.trace.id > b.trace.id ? [a, b] : [b, a]", "[a, b]"],
      ["this.open = before;", "this.open = true;"],
      ["Trace.#running--;\n      this.open = false;", "Trace.#running--;"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/tape/reverse.ts",
    [
      "autograd/differentiate/transforms.test.ts",
      "autograd/differentiate/recording.test.ts",
      "autograd/differentiate/nesting.test.ts",
    ],
    [
      ["present === undefined ? cotangent : present.accumulate(cotangent)", "cotangent"],
      ["if (share !== null && wanted[k]) add(", "if (share !== null) add("],
      ["reached.delete(output);", "", "it frees memory; what is asked for are leaves"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/inspect/tape.ts",
    ["autograd/inspect/tape.test.ts"],
    [
      ["this.outputs.includes(index) ? ", "index === 0 ? "],
      ["tensor.traces === null && tensor.size === 1 ?", "tensor.size === 1 ?"],
      ["JSON.stringify(caption)", "caption"],
    ],
  ),
];
