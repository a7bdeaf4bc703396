import { type Mutation, mutationsOf } from "./mutation.ts";

const recorded = "autograd/program/program.test.ts";
const several = "autograd/tape/several-outputs.test.ts";
const guards = "autograd/compile/guards.test.ts";
const stateful = "autograd/compile/stateful.test.ts";
const edges = "autograd/compile/edges.test.ts";
const manners = "autograd/compile/manners.test.ts";
const derivatives = "autograd/compile/derivatives.test.ts";

export const program: readonly Mutation[] = [
  ...mutationsOf(
    "autograd/src/program/build.ts",
    ["autograd/program/same.test.ts", guards, several, recorded, edges, stateful, manners],
    [
      ["keyOf(attributes)}", "typeof attributes}"],
      ["nameOf(primitive)}", "typeof primitive}"],
      ["left === before.grad && (value === undefined || left === null)", "left === before.grad"],
      ["left === before.grad && (value === undefined || left === null)", "false"],
      ["values: [value, ...held]", "values: held"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/program/run.ts",
    [recorded, several, edges],
    [
      ["grad: grad == null ? grad : valueAt(grad),", "grad: grad == null ? undefined : valueAt(grad),"],
      ["if (value.dtype !== input.dtype)", "if (value.dtype < input.dtype)"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/program/run-steps.ts",
    [several, recorded],
    [
      ["known.set(output, made[i]!);", "known.set(output, made[0]!);"],
      ["if (one === undefined) known.set(value, (one = outside(value)));", "one ??= outside(value);"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/program/same.ts",
    ["autograd/program/same.test.ts"],
    [
      ['Object.is(attributes, -0) ? "-0" :', 'false ? "-0" :'],
      ["return JSON.stringify(attributes);", "return attributes;"],
      ["if (around.includes(attributes))", "if (false)"],
      ["if (prototype !== Object.prototype && prototype !== null)", "if (false)"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/program/recording.ts",
    [derivatives, edges, stateful, manners, recorded],
    [
      [
        "size > SMALL && inputs.every(({ array }) => size > array.stored)",
        "inputs.every(({ array }) => size > array.stored)",
        "what is small is computed in either case, once or in each run; it costs time alone",
      ],
      ["if (!isInner && isLost && around === holder.own) throw keptVariable(variable);", ""],
      ["filter(({ isInner }) => !isInner)", "filter(() => true)"],
      [
        "known !== undefined) return known.state;",
        "known !== undefined && known.isInner) return known.state;",
      ],
    ],
  ),
  ...mutationsOf(
    "autograd/src/program/json.ts",
    [recorded, several],
    [
      ["(input, k) => earlier(input,", "(input, k) => earlier((input as number) + 1,"],
      ['if (of["from"] !== "step" || of["of"] !== steps.length - 1)', 'if (of["from"] !== "step")'],
      ["places.some((place, k) => place !== values.length + k)", "places.includes(values.length - 1)"],
      ["if (seen.size !== count) read.refuse(", "if (seen.size > count) read.refuse("],
      [
        'if (root["format"] !== "adjoint program" || root["version"] !== 1)',
        'if (root["format"] !== "adjoint program")',
      ],
    ],
  ),
  ...mutationsOf(
    "autograd/src/program/attributes.ts",
    [recorded],
    [
      ['key.startsWith("$") ? `$${key}` : key', "key"],
      ["Number.isFinite(value) && !Object.is(value, -0)", "Number.isFinite(value)"],
      ["(value as number) < 0 || (value as number) >= count", "(value as number) >= count"],
      ["(value as number) >= count)", "(value as number) > count)"],
      ["if (operands.length !== atom.arity)", "if (operands.length < atom.arity)"],
      ["if (arityOf(root) > arity)", "if (arityOf(root) > arity + 1)"],
      ["Object.hasOwn(given, name))", "(name in given))"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/program/drawing.ts",
    [recorded, several],
    [
      ["Math.max(deepest, rowOf.get(input)! + 1)", "rowOf.get(input)! + 1"],
      ["const which = outputs.length > 1 ?", "const which = outputs.length > 2 ?"],
      ['/[&<>"]/g', '/[&>"]/g'],
      ["text.length > 24", "text.length > 240"],
      ["...(value === undefined ? [] :", "...(value !== undefined ? [] :"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/array/tree.ts",
    ["autograd/array/tree.test.ts"],
    [
      ["    around.delete(at);\n", ""],
      ["if (isInner && back !== undefined) walk.cyclic", "if (back !== undefined) walk.cyclic"],
      ['isInstance(at) ? { kind: "fixed", value: at } : form', "form"],
      ["leafless.set(at, settled);", ""],
      ['if ("value" in descriptor) {', "if (true) {"],
      ['if (tag === "Map" || tag === "Set") return false;', 'if (tag === "Map") return false;'],
      ["path + inCode(parts, i), isField", "path + inCode(parts, i), false"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/program/guards.ts",
    [guards, several, recorded, edges, stateful, manners],
    [
      ["  guardOf(step) !== undefined ||\n", ""],
      ["  step.primitive.mayThrow === true ||\n", ""],
    ],
  ),
  ...mutationsOf(
    "autograd/src/program/guards.ts",
    ["autograd/compile/rows.test.ts"],
    [
      ["<= allowed", "<= allowed + 1"],
      ['family === "view" || family === "regroup"', 'family === "view"'],
      ["if (!isMoved(primitive, origin.step)) return Infinity;", ""],
    ],
  ),
];
