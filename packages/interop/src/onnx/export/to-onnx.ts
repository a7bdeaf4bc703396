// toOnnx: a program as an ONNX model.

import { type DType, Program, type ProgramValue, type Variable } from "@adjoint/autograd";
import { atSizes, type BatchedPrograms } from "./batches.ts";
import { emitBody } from "./body.ts";
import type { Setting } from "./emission.ts";
import { type ElementType, encodeModel, type Graph, type Port } from "./encode.ts";
import { BATCH, dimensionOf } from "./sizes.ts";
import { Twins } from "./twins.ts";
import { type Element, Writer } from "./writer.ts";

/** The options of `toOnnx`. */
export interface OnnxOptions {
  /** The version of the standard's operators. 20 by default. */
  readonly opset?: 20 | 23;
  /**
   * What variables become that the program reads and does not assign: `"initializers"`, numbers that the file holds, or
   * `"inputs"`. By default the former in a program that assigns none, and the latter in one that does, such as a step of
   * training.
   */
  readonly variables?: "initializers" | "inputs";
  /** `"float32"`: float64 numbers become float32. By default they keep their type. */
  readonly floats?: "float32";
  /** Names in the model, in the place of `input_0`, `output_0` and variables' own. */
  readonly names?: {
    /** For the program's inputs, in their order. */
    readonly inputs?: readonly string[];
    /** For the program's outputs, in their order. */
    readonly outputs?: readonly string[];
    /** For variables: `variables(model)` of @adjoint/nn names them by their paths. */
    readonly variables?: Readonly<Record<string, Variable>>;
  };
}

const FORMATS: readonly unknown[] = [20, 23];

/**
 * The bytes of an ONNX model that does what the program does. Its inputs are the program's, in their order, and then the
 * variables that are no initializers, in the order of `program.variables`; its outputs are the program's, and then what the
 * variables that are assigned hold in the end, under `<name>_next`. Gradients that the program leaves in variables are not
 * among them. Give what `recordBatches` made for a model that takes every size of batch; the sizes of a program are fixed.
 *
 * All of the engine's primitives and atoms have operators, or are made of several; float64 stays float64, and what
 * onnxruntime has no float64 kernel for is made of operators for which it has one. `guarded` lets every number pass. Throws
 * TypeError for primitives and atoms that are not the engine's and for a program that reads a gradient, and BatchError, a
 * TypeError, where it can't be said how a size follows from the batch. As PyTorch's `torch.onnx.export`.
 */
export function toOnnx(program: Program | BatchedPrograms, options: OnnxOptions = {}): Uint8Array {
  const isBatched = typeof (program as Partial<BatchedPrograms> | null)?.programAt === "function";
  if (!(program instanceof Program) && !isBatched)
    throw new TypeError(
      "toOnnx: got something else where a program belongs; record the function first: toOnnx(record(f, ...examples)), or recordBatches(f, examples) for batches of any size",
    );
  checkOptions(options);
  return encodeModel(graphOf(program, options), options.opset ?? 20);
}

/** The model before it is bytes. */
export function graphOf(program: Program | BatchedPrograms, options: OnnxOptions = {}): Graph {
  if (program instanceof Program) return graphOfTwins(new Twins([program], [0]), program, options);
  return atSizes(program, (programs, batches) =>
    graphOfTwins(new Twins(programs, batches), programs[0]!, options),
  );
}

function graphOfTwins(twins: Twins, whole: Program, options: OnnxOptions): Graph {
  const { floats, names = {} } = options;
  const typeOf = (dtype: DType): ElementType =>
    floats === "float32" && dtype === "float64" ? "float32" : dtype;
  const portOf = (name: string, value: ProgramValue): Port => ({
    name,
    type: typeOf(value.dtype),
    shape: twins.shape(value).map(dimensionOf),
  });

  const assigned = whole.outcomes.flatMap(({ variable, value }) =>
    value === undefined ? [] : [{ variable: variable.face as Variable, value }],
  );
  const changes = new Map(assigned.map(({ variable, value }) => [variable, value]));
  const { variables: held = changes.size > 0 ? "inputs" : "initializers" } = options;
  const { inputNames, outputNames, nameOf } = namesOf(whole, names);
  const isInput = (variable: Variable) => held === "inputs" || changes.has(variable);

  const ports = [
    ...whole.inputs.map((value, i) => portOf(inputNames[i]!, value)),
    ...whole.variables.filter(isInput).map((variable) => ({
      name: nameOf(variable),
      type: typeOf(variable.dtype),
      shape: variable.shape,
    })),
  ];
  const results = [
    ...whole.outputs.map((value, i) => ({ name: outputNames[i]!, value })),
    ...whole.variables.flatMap((variable) => {
      const value = changes.get(variable);
      return value === undefined ? [] : [{ name: `${nameOf(variable)}_next`, value }];
    }),
  ];
  const initializers = whole.variables.filter((variable) => !isInput(variable)).map(nameOf);
  const taken = [...ports.map(({ name }) => name), ...results.map(({ name }) => name), ...initializers];
  checkDifferent(taken);
  const writer = new Writer(taken, batchOf(ports));
  const variables = new Map<Variable, Element>(
    whole.variables.map((variable) => {
      const name = nameOf(variable);
      const type = typeOf(variable.dtype);
      if (isInput(variable)) return [variable, { name, type }];
      return [variable, writer.constant(type, variable.shape, variable.value.data, name)];
    }),
  );
  const setting: Setting = { writer, typeOf, variables, emitBody };
  const inputs = ports.slice(0, whole.inputs.length);
  const made = emitBody(
    setting,
    twins,
    inputs,
    results.map(({ value }) => value),
  );
  made.forEach(({ name }, i) => {
    writer.output(name, results[i]!.name);
  });
  return writer.graph(
    "program",
    ports,
    results.map(({ name, value }) => portOf(name, value)),
  );
}

/** Where the size of the batch is read off. */
function batchOf(ports: readonly Port[]): { readonly input: string; readonly axis: number } | undefined {
  for (const { name, shape } of ports) {
    const axis = shape.indexOf(BATCH);
    if (axis >= 0) return { input: name, axis };
  }
  return undefined;
}

function checkOptions({ opset = 20, variables, floats, names, ...others }: OnnxOptions): void {
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    throw new TypeError(
      `toOnnx: there is no option "${unknown}"; the options are opset, variables, floats and names`,
    );
  if (!FORMATS.includes(opset)) throw new TypeError(`toOnnx: opset is ${String(opset)} and must be 20 or 23`);
  if (![undefined, "initializers", "inputs"].includes(variables))
    throw new TypeError(`toOnnx: variables is ${String(variables)} and must be "initializers" or "inputs"`);
  if (![undefined, "float32"].includes(floats))
    throw new TypeError(`toOnnx: floats is ${String(floats)} and must be "float32" where it is given`);
  if (names !== undefined && (typeof names !== "object" || names === null))
    throw new TypeError("toOnnx: names must be an object of inputs, outputs and variables");
}

function checkDifferent(names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined)
    throw new TypeError(
      `toOnnx: two inputs, outputs or variables have the name "${twice}"; give others: toOnnx(program, { names: { inputs: […], outputs: […], variables: {…} } })`,
    );
}

/** The names that were given, and those that are made of what is there. */
function namesOf(program: Program, names: NonNullable<OnnxOptions["names"]>) {
  const listed = (given: readonly string[] | undefined, count: number, what: string) => {
    const list = given ?? Array.from({ length: count }, (_, i) => `${what}_${i}`);
    if (list.length !== count || list.some((name) => typeof name !== "string" || name === ""))
      throw new TypeError(
        `toOnnx: names.${what}s has ${list.length} names for ${count} ${what}s; give one for each, none of them empty`,
      );
    return list;
  };
  const inputNames = listed(names.inputs, program.inputs.length, "input");
  const outputNames = listed(names.outputs, program.outputs.length, "output");
  const given = new Map(Object.entries(names.variables ?? {}).map(([name, variable]) => [variable, name]));
  const taken = new Set([...inputNames, ...outputNames, ...given.values()]);
  const own = new Map<Variable, string>();
  program.variables.forEach((variable, i) => {
    const stem = variable.name === "" ? `variable_${i}` : variable.name;
    let name = given.get(variable) ?? stem;
    for (let n = 2; !given.has(variable) && (taken.has(name) || taken.has(`${name}_next`)); n++)
      name = `${stem}_${n}`;
    taken.add(name).add(`${name}_next`);
    own.set(variable, name);
  });
  return { inputNames, outputNames, nameOf: (variable: Variable): string => own.get(variable)! };
}
