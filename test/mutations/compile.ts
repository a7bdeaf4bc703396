import { type Mutation, mutationsOf } from "./mutation.ts";

const signatures = "autograd/compile/signatures.test.ts";
const manners = "autograd/compile/manners.test.ts";
const edges = "autograd/compile/edges.test.ts";
const derivatives = "autograd/compile/derivatives.test.ts";
const stateful = "autograd/compile/stateful.test.ts";
const exact = "autograd/compile/exact.test.ts";
const siblings = "autograd/compile/siblings.test.ts";
const mirrors = "autograd/compile/mirrors.test.ts";

export const compile: readonly Mutation[] = [
  ...mutationsOf(
    "autograd/src/compile/joinable-clusters.ts",
    ["autograd/compile/indexing.test.ts"],
    [
      ["cluster.sizes[k]! <= (producer.sizes[axis] ?? 0)", "true"],
      ["isComputed && offset === 0 && FEW", "isComputed && FEW"],
      ["reads.some((view) => view.by !== undefined)", "false"],
      ["by.size > producer.sizes[found]! || ", ""],
      ["const step = view.strides[found]!;", "const step = by.stride;"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/compile/siblings.ts",
    [siblings],
    [
      ["waitsFor(cluster, home) || ", ""],
      [
        "buffer.size === size && walksInOrder(sizes, strides, offset)",
        "buffer.size === size",
        "an order shared by chance costs nothing but time",
      ],
      ["<= LIGHT;", "< 0;"],
      ["joinsTiny && cluster.size <= TINY", "false"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/compile/plan-memory.ts",
    [siblings],
    [
      ["isFree(old) && spans.get(old)!.to === at", "isFree(old)"],
      [" && !inPlace.has(old);", ";"],
      [" || !canReplace(cluster, buffer, old)", ""],
      ["bytesIn(old) !== bytesIn(buffer) || ", ""],
      ["        ending.delete(old);\n", ""],
      ["for (const [buffer, first] of replaced) touch(first, spans.get(buffer)!.to);", ""],
      ["replaced.get(old) ?? old", "old"],
      ["bytesIn(buffer) < LARGE || ", "true || "],
    ],
  ),
  ...mutationsOf(
    "autograd/src/compile/mirror.ts",
    [mirrors, "autograd/compile/pressure.test.ts"],
    [
      ["changes++;\n    return taken;", "return taken;"],
      [
        "if (this.#isNewer) this.#saved = this.#copy();\n    this.#isOlder = true;\n    changes++;",
        "if (this.#isNewer) this.#saved = this.#copy();\n    this.#isOlder = true;",
      ],
      [
        "this.#isOlder = true;\n    this.#isNewer = false;\n    changes++;",
        "this.#isOlder = true;\n    this.#isNewer = false;",
      ],
      ["this.#saved = null;\n    changes++;", "this.#saved = null;"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/compile/runner.ts",
    [mirrors],
    [
      ["isUntouched ? mirrorChanges() : -1", "mirrorChanges()"],
      ["if (!isAsLeft || !isUntouched)", "if (!isAsLeft)"],
      ["if (this.#written.length > 0) this.#clock.time = nextSerial();", ""],
    ],
  ),
  ...mutationsOf(
    "autograd/src/array/tree.ts",
    ["autograd/array/tree.test.ts", signatures, manners, edges],
    [
      [
        'case "fixed":\n      return Object.is(form.value, value);',
        'case "fixed":\n      return form.value === value;',
      ],
      [
        "!Array.isArray(value) || value.length !== form.items.length",
        "!Array.isArray(value) || value.length < form.items.length",
      ],
      ["key !== keys[count++]", "!keys.includes((count++, key))"],
      ["return count === keys.length;", "return true;"],
      ["value.size !== form.keys.length", "value.size < form.keys.length"],
      ["!Object.is(key, form.keys[next]) || ", ""],
    ],
  ),
  ...mutationsOf(
    "autograd/src/compile/taken.ts",
    [signatures, manners, edges, derivatives],
    [
      ["array.dtype !== dtype || (", "("],
      ["if (this.#isHandedOut) this.#tensors = this.#tensors.slice();", ""],
      [
        "(array.shape !== shape && !sameShape(array.shape, shape))",
        "array.size !== shape.reduce((a, b) => a * b, 1)",
      ],
      ["value === this.#tensors[place] || ", "", "it saves time: what was taken last fits still"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/compile/link.ts",
    [stateful, derivatives, "autograd/compile/memory.test.ts"],
    [
      ["results.filter((_, place) => constants[place] === null)", "results"],
      ["includes(argument.traces, variableTrace)", "false"],
      ["(captured.get(origin.array) ?? [])", "[]"],
      ["variable.changedAt <= this.#calledAt", "true"],
      ["this.traces, output.serial, null", "this.traces, Infinity, null"],
      ["this.#last = taken.isWatched ? null : late", "this.#last = late"],
      ["(last.tensors === null || last.tensors === taken.tensors)", "true"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/program/recording.ts",
    [derivatives],
    [["new Set([...(this.captured.get(input.array) ?? []), input])", "new Set([input])"]],
  ),
  ...mutationsOf(
    "autograd/src/compile/recorded-tensors.ts",
    [stateful],
    [["else for (const input of each.step?.inputs ?? []) seen.add(heldBy(input));", ""]],
  ),
  ...mutationsOf(
    "autograd/src/compile/compile.ts",
    [signatures, manners, edges],
    [
      ["signatures.splice(i, 1);\n        signatures.unshift(signature);", ""],
      ["signatures.splice(1 + Math.floor(", "signatures.splice(Math.floor("],
      ["isWarned = true;", "isWarned = false;"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/compile/tensor-engine.ts",
    [signatures, manners, edges],
    [
      [
        "touched[i]!.variable.hasGrad !== touched[i]!.hasGrad",
        "touched[i]!.variable.hasGrad && !touched[i]!.hasGrad",
      ],
      [
        "touched[i]!.variable.hasGrad !== touched[i]!.hasGrad",
        "!touched[i]!.variable.hasGrad && touched[i]!.hasGrad",
      ],
    ],
  ),
  ...mutationsOf(
    "autograd/src/compile/plan-memory.ts",
    [manners, edges, exact, "autograd/compile/memory.test.ts"],
    [
      ["for (const buffer of kept) touch(buffer, last);", ""],
      ["to: isOutside ? last : to,", "to,"],
      ["touch(buffer, 0);", "touch(buffer, last);", "it takes memory longer than it is needed"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/compile/occupancy.ts",
    ["autograd/compile/unrolled.test.ts"],
    [
      ["part.bytes === bytes && from <= part.from && part.to <= to", "part.bytes === bytes"],
      ["isWhole ? this.#somewhere : this.#everywhere", "this.#somewhere"],
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
      ["maker.waitForAll([...others, ...before]);", ""],
    ],
  ),
  ...mutationsOf(
    "autograd/src/tape/trace.ts",
    ["autograd/tape/trace.test.ts", "autograd/differentiate/nesting.test.ts"],
    [
      ["a.trace.id > b.trace.id ? [a, b] : [b, a]", "[a, b]"],
      [
        "this.open = false;\n    try {\n      return run();\n    } finally {\n      this.open = before;",
        "this.open = false;\n    try {\n      return run();\n    } finally {\n      this.open = true;",
      ],
      ["running--;\n      this.open = false;", "running--;"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/tape/reverse.ts",
    [
      "autograd/primitives/custom.test.ts",
      "autograd/differentiate/transforms.test.ts",
      "autograd/differentiate/recording.test.ts",
      "autograd/differentiate/nesting.test.ts",
    ],
    [
      ["present === undefined ? cotangent : algebraOf(cotangent).plus(present, cotangent)", "cotangent"],
      ["if (share !== null && depending[k]) add(", "if (share !== null) add("],
      ["if (!wanted.has(each)) reached.delete(each);", ""],
    ],
  ),
  ...mutationsOf(
    "autograd/src/program/drawing.ts",
    ["autograd/inspect/tape.test.ts"],
    [
      ["JSON.stringify(caption)", "caption"],
      ["isOutput: returned.has(value),", "isOutput: value.id === 0,"],
      ["origin.was !== undefined) return", "false) return"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/compile/families/rows.ts",
    ["autograd/compile/rows.test.ts"],
    [
      ["offset + (n - 1) * step", "offset + n * step"],
      ["aligned.axis.filter((each) => each === axis).length <= 1", "aligned.axis.length > 0"],
    ],
  ),
];
