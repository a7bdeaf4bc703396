// Which operators programs become, for the tests and for the table in docs/onnx-operators.md.

import {
  checkpoint,
  cond,
  Expression,
  type Program,
  record,
  scan,
  type Tensor,
  whileLoop,
} from "@adjoint/autograd";
import fc from "fast-check";
import { statedFunction } from "../../../packages/autograd/src/expression/elementwise-function.ts";
import * as table from "../../../packages/autograd/src/primitives/table.ts";
import { atoms, primitives } from "../../../packages/autograd/src/program/names.ts";
import { apply } from "../../../packages/autograd/src/tape/apply.ts";
import type { Primitive } from "../../../packages/autograd/src/tape/value.ts";
import type { Graph } from "../../../packages/interop/src/onnx/export/encode.ts";
import { graphOf, type OnnxOptions } from "../../../packages/interop/src/onnx/export/to-onnx.ts";
import { caseOf } from "../../autograd/primitives/cases.ts";
import { count, tensorOf } from "../../support/tensors.ts";

export type FloatType = "float32" | "float64";

const zerosOf = (shape: readonly number[], dtype: FloatType | "int32" | "bool"): Tensor =>
  tensorOf(new Array<number>(count(shape)).fill(0), shape, dtype);

/** The operators of a graph in the order of its nodes, those of graphs within nodes among them. */
export function operatorsOf({ nodes }: Graph): readonly string[] {
  return nodes.flatMap(({ operator, attributes }) => [
    operator,
    ...Object.values(attributes).flatMap((value) => ("graph" in value ? operatorsOf(value.graph) : [])),
  ]);
}

/** The operators that a program becomes. */
export const operatorsIn = (
  program: Parameters<typeof graphOf>[0],
  options: OnnxOptions = {},
): readonly string[] => operatorsOf(graphOf(program, options));

/** A function that is one atom. The order of polygamma is a number. */
export function programOfAtom(name: string, dtype: FloatType): Program {
  const atom = atoms.get(name)!;
  const kinds = Array.from({ length: name === "polygamma" ? 1 : atom.arity }, (_, i) =>
    typeof atom.operands === "string" ? atom.operands : atom.operands[i]!,
  );
  const fn = statedFunction(name, kinds.length, (...x) =>
    Expression.apply(atom, name === "polygamma" ? [x[0]!, Expression.constant(2)] : x),
  );
  const operands = kinds.map((kind) => zerosOf([2], kind === "bool" ? "bool" : dtype));
  return record(
    (x: Tensor, ...others: Tensor[]) => x.elementwise(fn, ...others),
    ...(operands as [Tensor, ...Tensor[]]),
  );
}

/** Programs of the primitives that are not in the table of the engine, where programs have them. */
const others: Readonly<Record<string, (x: Tensor) => unknown>> = {
  stopGradient: (x) => x.detach(),
  region: (x) => checkpoint((y: Tensor) => y.tanh())(x),
  scan: (x) => scan((carry: Tensor, y: Tensor) => [carry.add(y), carry], x.slice(0), x),
  cond: (x) =>
    cond(
      x.sum().greater(0) as Tensor,
      (y: Tensor) => y.tanh(),
      (y: Tensor) => y.exp(),
      x,
    ),
  whileLoop: (x) =>
    whileLoop(
      (y: Tensor) => y.sum().less(9) as Tensor,
      (y: Tensor) => y.exp(),
      x,
    ),
};

/** Programs with one primitive each, of several shapes and attributes. */
export function programsOfPrimitive(name: string, dtype: FloatType): readonly Program[] {
  const f = others[name];
  if (f !== undefined) return [record(f, zerosOf([2, 3], dtype))];
  const primitive = (table as unknown as Readonly<Record<string, Primitive>>)[name]!;
  const { instances } = caseOf(name, primitive);
  return fc
    .sample(instances, { numRuns: 12, seed: 2 })
    .map(({ operands, attributes }) =>
      record(
        (...x: readonly Tensor[]) => apply(primitive, x, attributes),
        ...operands.map(({ shape, kind }) => zerosOf(shape, kind ?? dtype)),
      ),
    );
}

const different = (list: readonly string[]) => [...new Set(list)];
/** `Identity` names an output that is an input, which may happen to any step. */
function listed(operators: readonly string[]): string {
  const own = different(operators).filter((name) => name !== "Identity");
  return own.length === 0 ? "none" : own.map((name) => `\`${name}\``).join(" ");
}

/** Rows with cells of one width, as the formatter has them. */
function tableOf(what: string, rows: readonly (readonly [string, string, string])[]): readonly string[] {
  const cells = [
    [what, "in float32", "in float64, where that differs"],
    ...rows.map(([name, single, double]) => [`\`${name}\``, single, double === single ? "" : double]),
  ];
  const widths = cells[0]!.map((_, k) => Math.max(...cells.map((row) => row[k]!.length)));
  const [head, ...others] = cells.map(
    (row) => `| ${row.map((cell, k) => cell.padEnd(widths[k]!)).join(" | ")} |`,
  );
  return [head!, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...others];
}

/** The table of docs/onnx-operators.md. */
export function operatorsTable(): string {
  const atomRows = [...atoms.keys()].sort().map((name) => {
    const of = (dtype: FloatType) => listed(operatorsIn(programOfAtom(name, dtype)));
    return [name, of("float32"), of("float64")] as const;
  });
  const primitiveRows = [...primitives.keys()]
    .sort()
    .filter((name) => name !== "map")
    .map((name) => {
      const of = (dtype: FloatType) =>
        listed(programsOfPrimitive(name, dtype).flatMap((program) => operatorsIn(program)));
      return [name, of("float32"), of("float64")] as const;
    });
  const single = atomRows.filter(([, of]) => !of.includes(" ")).length;
  return `${[
    "# Operators of exported ONNX models",
    "",
    `What \`toOnnx\` of [@adjoint/interop](../packages/interop/README.md) makes of each primitive and each atom of the engine, in opset 20. All ${primitiveRows.length + 1} primitives and all ${atomRows.length} atoms are exported; ${single} atoms are one operator in float32, and the others are made of several. What several steps are together (\`Softmax\`, \`LayerNormalization\`, \`Conv\`, \`MaxPool\`, \`AveragePool\`) is not listed. \`Identity\` names an output that is an input.`,
    "",
    "onnxruntime has no float64 kernel for `Softplus`, `Erf`, `Tan`, `Sinh`, `Cosh`, `Asin`, `Acos`, `Atan`, `Asinh`, `Acosh`, `Atanh`, `Conv`, `ConvTranspose` and `AveragePool`; in float64 they are made of operators for which it has one. Functions with `Cast` among their operators in float32 are computed in float64 and rounded once.",
    "",
    "## Primitives",
    "",
    "`map` becomes its function's atoms.",
    "",
    ...tableOf("primitive", primitiveRows),
    "",
    "## Atoms",
    "",
    ...tableOf("atom", atomRows),
  ].join("\n")}\n`;
}
