import { type Mutation, mutationsOf } from "./mutation.ts";

const scalars = ["autograd/scalar/scalar.test.ts", "autograd/scalar/programs.test.ts"];
const pressure = ["autograd/scalar/pressure.test.ts"];
const compiled = ["autograd/scalar/compiled.test.ts", "autograd/scalar/compiled-programs.test.ts"];

export const scalar: readonly Mutation[] = [
  ...mutationsOf(
    "autograd/src/scalar/segment.ts",
    [...scalars, "autograd/scalar/memory.test.ts"],
    [
      ["this.grad = 0;\n    this.serial = -1;", "this.grad = 0;"],
      ["this.grad = 0;\n    this.serial = -1;", "this.serial = -1;"],
      [
        "this.size - leaf.index < REACH",
        "true",
        "it costs time alone: a backward pass scans what lies between",
      ],
      ["for (const crossing of smaller.#crossings) larger.#crossings.push(crossing);", ""],
      ["operands.reduce((low, operand) => Math.min(low, this.low[operand]!), index)", "index"],
      [
        "if (size(larger) < size(smaller))",
        "if (size(larger) > size(smaller))",
        "either may take the other in; it costs time alone",
      ],
    ],
  ),
  ...mutationsOf("autograd/src/scalar/segment.ts", compiled, [
    ["this.low[operand]! < this.low[index]!)", "this.low[operand]! > this.low[index]!)"],
    ["for (const externalCall of smaller.#externalCalls) larger.#externalCalls.push(externalCall);", ""],
  ]),
  ...mutationsOf(
    "autograd/src/scalar/backward.ts",
    [...scalars, "autograd/scalar/without-code.test.ts"],
    [
      ["if (g === 0) continue;", "", "it saves time; zero wins in the rules, too"],
      ["if (g === 0) return;", "", "it saves time; zero wins in the rules, too"],
      ["segment.serial > found.serial", "segment.serial < found.serial"],
      [
        "if (kind === Kind.leaf) leaves[a[i]!]!.grad += g;",
        "if (kind === Kind.leaf) leaves[a[i]!]!.grad = g;",
      ],
    ],
  ),
  ...mutationsOf("autograd/src/scalar/backward.ts", compiled, [
    [
      "const terms = externalCall.pull();\n  externalCall.cotangents.fill(0);",
      "const terms = externalCall.pull();",
    ],
    ["} else operand.grad += terms[k]!;", "} else operand.grad = terms[k]!;"],
  ]),
  ...mutationsOf("autograd/src/scalar/gradient.ts", scalars, [
    ["if (wanted.has(key)) sums.set(key, add(sums.get(key), g));", "if (wanted.has(key)) sums.set(key, g);"],
    [" && !wanted.has(placeKey(segment, operand))", ""],
    ["segment.serial * CAPACITY + index", "index"],
  ]),
  ...mutationsOf("autograd/src/scalar/replay.ts", compiled, [["call(segment, i); break;", "break;"]]),
  ...mutationsOf("autograd/src/scalar/engine.ts", compiled, [
    ["operand.grad += cotangents[k]!;", "operand.grad = cotangents[k]!;"],
    ["for (const seed of seeds) adjoint[seed]! += 1;", "for (const seed of seeds) adjoint[seed] = 1;"],
    ["adjoint[results[k]!]! += cotangents[k]!;", "adjoint[results[k]!] = cotangents[k]!;"],
  ]),
  ...mutationsOf("autograd/src/scalar/backward.ts", pressure, [
    [
      "for (const { externalCall } of dependencies?.externalCalls ?? []) externalCall.cotangents.fill(0);",
      "",
    ],
  ]),
  ...mutationsOf("autograd/src/scalar/compile/program.ts", pressure, [
    ["lease.pins++;", "lease.pins += 0;"],
    ["this.#present = null;", ""],
    ["adjoint.fill(0);", ""],
    [
      "const hasGrown = (memory: Float64Array) => memory.length === 0;",
      "const hasGrown = (_: Float64Array) => false;",
    ],
    ["this.#frames.lease?.start !== this.#backFor", "this.#backFor === null"],
    ["this.#frames.lease?.start !== this.#forthFor", "this.#forthFor === null"],
  ]),
];
