import { type Mutation, mutationsOf } from "./mutation.ts";

const gradients = "autograd/check/check-gradients.test.ts";
const primitive = "autograd/check/check-primitive.test.ts";
const laboratory = "autograd/check/laboratory.test.ts";
const fine = "autograd/check/fine-structure.test.ts";
const compiled = "autograd/check/compiled.test.ts";
const numerical = "autograd/check/numerical.test.ts";
const noise = "autograd/check/noise.test.ts";
const programs = "autograd/check/programs.test.ts";
const ties = "autograd/check/ties.test.ts";

export const check: readonly Mutation[] = [
  ...mutationsOf(
    "autograd/src/check/surrogates.ts",
    ["autograd/check/surrogates.test.ts"],
    [
      ["add(value, sub(surrogate.outputs[i]!, anchor.surrogates[i]!))", "surrogate.outputs[i]!"],
      ["    calls = 0;\n", ""],
      ["if (!isRunning) return bound.get(attributes);", ""],
    ],
  ),
  ...mutationsOf(
    "autograd/src/check/numerical.ts",
    [numerical, gradients, fine],
    [
      ["difference(line(h), line(-h), 2 * h, noise)", "difference(line(h), line(-h), h, noise)"],
      ["difference(left, here, -h, most)", "difference(left, here, h, most)"],
      [
        "(power * left.value[i]! - above.value[i]!) / (power - 1)",
        "(power * left.value[i]! - above.value[i]!) / power",
      ],
      ["const error = 2 * apart + rounding[i]!;", "const error = 2 * apart;"],
      ["most = most.map((each, i) => Math.max(each, noiseRight[i]!, noiseLeft[i]!));", ""],
      ["const agreeing = 4;", "const agreeing = 0;"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/check/examine.ts",
    [ties],
    [
      ["<= asRounding * largest", "<= 0 * largest"],
      ["bars < Infinity || isStraight()", "true"],
      [
        "noiseOf(repeated, joined(exact), stream, { nanHides: true })",
        "noiseOf(repeated, joined(exact), stream)",
      ],
      [
        "noiseWithoutTies(repeated, joined(exact), stream, { nanHides: true })",
        "noiseWithoutTies(repeated, joined(exact), stream)",
      ],
      ["> doubt * error;", "> error;"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/check/noise.ts",
    [noise, gradients, fine, ties],
    [
      [
        "if (value === 0 || !Number.isFinite(value)) return value;",
        "if (!Number.isFinite(value)) return value;",
        "the result has the sign of the number as a factor, which is 0 or −0 for these; it saves time",
      ],
      ["return Math.sign(value) * (place / 8) * step;", "return (place / 8) * step;"],
      ["const begin = eighth(hash(-1, salt));", "const begin = 0;"],
      ["if (isLast || isFirst) return", "if (false) return"],
      ["(isFloat(operand.dtype) ? shake(operand) : operand)", "shake(operand)"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/check/check-gradients.ts",
    [compiled, gradients, laboratory],
    [
      ["findings.length > 0 && findings.length === stated.inputs.length", "findings.length > 0"],
      ['compiled && judged.verdict !== "wrong"', 'judged.verdict !== "wrong"'],
      ['return found || results.some(({ dtype }) => dtype === "float32");', "return found;"],
      ["Object.is(actual[i]!, exact[i]!) || !(bars[i]! < Infinity)", "!(bars[i]! <= Infinity)"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/check/guilty-step.ts",
    [ties, gradients, laboratory],
    [
      ["step.inputs.filter(isMoving)", "step.inputs"],
      ['test === "tied" || (test', "(test"],
      ['mismatches.find(({ test }) => test === "tied")', "mismatches[0]"],
      ["if (found.kinks > 0) onKink.add(each);", ""],
      ["jump === undefined ? null", "true ? null"],
      ["own[i] === 1 && taken[i] === 0", "taken[i] === 0"],
      ["own[i] === 1 && taken[i] === 0", "false"],
      ["if (isSteep(local, new Stream(seed + 59))) steep.add(each);", ""],
      [
        "[...steps.filter((each) => each.isSuspect), ...steps.filter((each) => !each.isSuspect)]",
        "steps.filter((each) => each.isSuspect)",
      ],
    ],
  ),
  ...mutationsOf(
    "autograd/src/check/ties.ts",
    [ties],
    [["each || groups.length === 1", "groups.length === 1"]],
  ),
  ...mutationsOf(
    "autograd/src/check/snippet.ts",
    ["autograd/check/gradient-property.test.ts"],
    [
      ["code) => withoutRemarks(code).match", "code) => code.match"],
      ['freeName("inputs", codes)]', '"inputs"]'],
    ],
  ),
  ...mutationsOf(
    "autograd/src/check/literal.ts",
    ["autograd/check/literal.test.ts", programs],
    [
      ['Object.is(x, -0) ? "-0" : String(x)', "String(x)"],
      ["if (uses.get(node)! > 1) {", "if (uses.get(node)! > 2) {"],
      ["shape.length > 2) {", "shape.length > 3) {"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/check/explain-non-finite.ts",
    ["autograd/check/explain-non-finite.test.ts"],
    [
      ["index.unshift(rest % shape[axis]!);", "index.push(rest % shape[axis]!);"],
      ["inputs.every((input) => brokenAt(input) < 0)", "inputs.some((input) => brokenAt(input) < 0)"],
      [
        "nan >= 0 ? nan : data.findIndex",
        "nan > 0 ? nan : data.findIndex",
        "a NaN in the first place is the first element that is not finite, too",
      ],
      ["hasNaN(output) && !inputs.some(hasNaN)", "hasNaN(output)"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/check/jumps.ts",
    [gradients, primitive],
    [["(isNear || !isFloat(tensor.dtype)) && hasJumped", "isNear && hasJumped"]],
  ),
  ...mutationsOf("autograd/src/check/descent.ts", [gradients], [["if (isNext) operands = [];", ""]]),
];
