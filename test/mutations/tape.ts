import { type Mutation, mutationsOf } from "./mutation.ts";

const variables = "autograd/differentiate/variables.test.ts";
const recording = "autograd/differentiate/recording.test.ts";
const nesting = "autograd/differentiate/nesting.test.ts";
const transforms = "autograd/differentiate/transforms.test.ts";
const custom = "autograd/primitives/custom.test.ts";
const several = "autograd/tape/several-outputs.test.ts";

export const tape: readonly Mutation[] = [
  ...mutationsOf(
    "autograd/src/tape/bind.ts",
    [variables, recording],
    [
      ["    else if (now.grad !== first.grad) holder.setGrad(now.grad);\n", ""],
      ["if (now.value !== first.value) holder.take(now);", "holder.take(first);"],
      ["if (bindings.has(holder)) return;", ""],
      ["if (keeps) {", "if (keeps || true) {"],
      ["    keep(bindings);\n", ""],
      ["grad: stateNow(holder).grad };", "grad: null };"],
      ["for (const { now } of bindings.values()) now.end();", ""],
      ["for (const leaf of assigned) endLeaf(leaf, leaf.step);", ""],
    ],
  ),
  ...mutationsOf(
    "autograd/src/tape/interpreter.ts",
    ["autograd/tape/interpose.test.ts", variables, recording],
    [
      ["(below?.applying ?? null)", "null"],
      ["(below?.holding ?? null)", "null"],
      ["applying.below);", "layer!.below);"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/tape/cell.ts",
    [
      variables,
      "autograd/inspect/tape.test.ts",
      recording,
      "autograd/compile/stateful.test.ts",
      "autograd/compile/mirrors.test.ts",
    ],
    [
      ["if (now === this.#state) this.#changed();", "this.#changed();"],
      ["if (now === this.#state && !isSame) this.#changed();", ""],
      ["this.mirror?.outdate();", ""],
      [
        "this.mirror?.isNewer === true ? this.mirror.writtenAt : this.#heldSince",
        "this.#heldSince",
        "who asks reads the value, which notes the time, and asks again",
      ],
      ["this.#heldSince = this.mirror.writtenAt;", ""],
      ["value.traces, this, this.#heldSince)", "value.traces, this)"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/tape/forward.ts",
    [several, custom, transforms, nesting],
    [
      ["inputs.every((tangent) => tangent === null)", "inputs.some((tangent) => tangent === null)"],
      ["wanted = tangents.map((tangent) => tangent !== null)", "wanted = tangents.map(() => false)"],
      [
        "if (moved[i] != null) moving.set(output, moved[i]);",
        "if (moved[0] != null) moving.set(output, moved[0]);",
      ],
    ],
  ),
  ...mutationsOf(
    "autograd/src/tape/leaf.ts",
    [variables, recording, nesting, transforms],
    [
      ["holder === null ? own.array : own.array.alone()", "own.array"],
      ["own.array.alone()", "own.array.contiguous()"],
      ["const around = without(openTraces(own.traces), trace);", "const around = openTraces(own.traces);"],
      ["openTraces(value.traces) === null ? forgotten(value) : value", "value"],
      ["watchedBy(value, without(value.traces, trace))", "forgotten(value)"],
      ["if (watched.length === 0) return value;", "return value;"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/tape/reverse.ts",
    [several, custom, nesting, recording, variables],
    [
      [
        "entries[i - 1]?.step === step",
        "entries[i + 1]?.step === step",
        "outputs of a step are neighbours, and whoever takes one comes after all: either may hand on",
      ],
      ["if (made.has(value)) found.set(", "found.set("],
      [
        "along ?? (value.holder !== null ? variableTrace : value.traces?.trace)",
        "along ?? value.traces?.trace",
      ],
      ["cotangent: cotangents[k] ?? null }", "cotangent: cotangents[0] ?? null }"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/tape/trace.ts",
    ["autograd/tape/trace.test.ts", nesting, variables],
    [
      ["this.open && this.id > unseen", "this.open"],
      ["unseen = count - 1;", "unseen = count;"],
      ["entry.trace.open && entry.trace !== aside", "entry.trace.open"],
      ["set.trace === trace ? set.rest : {", "set.trace === trace ? null : {"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/tape/interpose.ts",
    [
      "autograd/tape/interpose.test.ts",
      "autograd/check/explain-non-finite.test.ts",
      "autograd/check/where.test.ts",
      "autograd/check/check-gradients.test.ts",
    ],
    [
      ["both(around.interpreter.interposition, interposition), {", "interposition, {"],
      ["below: around.interpreter.beneath(around.below),", "below: around.below,"],
      ["this.#replaced === null ? next : this.#replaced.below", "next"],
      ["results = remember(chosen, inputs, attributes,", "results = remember(chosen, shaken, attributes,"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/tape/tape.ts",
    ["autograd/tape/trace.test.ts"],
    [
      [".sort((a, b) => a.serial - b.serial)", ".reverse()"],
      ["found.has(value) || (counts !== null && !counts(value))", "found.has(value)"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/tape/evaluate.ts",
    [recording, nesting],
    [["traces = union(input.traces, traces);", "traces = union(input.traces, null);"]],
  ),
];
