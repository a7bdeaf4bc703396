// A file in ONNX's format as a model: its initializers are variables that train, and its graph runs on tensors of the engine.

import { type Key, splitKey, Tensor, type Variable } from "@adjoint/autograd";
import type { ForwardOptions } from "@adjoint/nn";
import { fileBytes } from "../../files/checks.ts";
import { type Datum, given } from "./datum.ts";
import type { Graph, ValueInfo } from "./graph.ts";
import { at, OnnxError, quoted, refuse } from "./onnx-error.ts";
import { NEWEST, OLDEST } from "./operators/table.ts";
import { ModelProto, type onnx } from "./proto.ts";
import { readGraph, valueInfo } from "./read-graph.ts";
import { integer } from "./read-tensor.ts";
import type { Context } from "./running.ts";
import { checkWire } from "./wire.ts";

/** How an ONNX file is read. */
export interface FromOnnxOptions {
  /**
   * Which stored tensors are not trained: all, none (false, the default), or those for whose name the function says true. A frozen
   * one is a variable all the same, whose `trainable` is false.
   */
  readonly frozen?: boolean | ((name: string) => boolean);
  /**
   * Whether the float tensors of Constant nodes that have axes are variables too, under the names of the nodes' outputs, for
   * programs that write weights so; false by default.
   */
  readonly constants?: boolean;
}

/** What a model is given: its only input, all inputs in order, or inputs by name. */
export type OnnxInputs = Tensor | readonly Tensor[] | Readonly<Record<string, Tensor>>;

/** Names that an initializer can't have as a field of the model, since the model has them. */
const TAKEN = new Set([
  "forward",
  "run",
  "inputs",
  "outputs",
  "toString",
  "constructor",
  "then",
  "__proto__",
]);

interface Branch {
  [name: string]: Variable | Branch;
}

const isBranch = (value: Variable | Branch | undefined): value is Branch =>
  value !== undefined && !(value instanceof Tensor);

/**
 * Puts a variable where `variables(model)` finds it under its name: "fc1.weight" is the field weight of the field fc1. A name that
 * can't be divided so lies whole in a field.
 */
function place(model: object, name: string, held: Variable): void {
  const parts = name.split(".");
  const isPath = parts.every((part) => part !== "" && !/[[\]"]/.test(part) && !TAKEN.has(part));
  const root = (TAKEN.has(parts[0]!) ? ((model as Branch)["initializers"] ??= {}) : model) as Branch;
  let branch = root;
  if (isPath)
    for (const part of parts.slice(0, -1)) {
      const next = Object.hasOwn(branch, part) ? branch[part] : (branch[part] = {});
      if (!isBranch(next)) {
        branch = root;
        break;
      }
      branch = next;
    }
  const field = isPath && branch !== root ? parts.at(-1)! : name;
  const free = isPath && !Object.hasOwn(branch, field);
  Object.defineProperty(free ? branch : root, free ? field : name, {
    value: held,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}

/** A model that was read from an ONNX file. `variables(model)` finds its initializers under their names in the file. */
export class OnnxModel {
  readonly #graph: Graph;
  readonly #inputs: readonly ValueInfo[];
  readonly #outputs: readonly string[];

  /** @internal */
  constructor(graph: Graph, inputs: readonly ValueInfo[], variables: ReadonlyMap<string, Variable>) {
    this.#graph = graph;
    this.#inputs = inputs;
    this.#outputs = graph.outputs;
    // Longer names first, so that no variable lies where another's path goes through.
    for (const [name, held] of variables) place(this, name, held);
  }

  /** The inputs, in order: their names, element types and sizes in the file. */
  get inputs(): readonly ValueInfo[] {
    return this.#inputs;
  }

  /** The names of the outputs, in order. */
  get outputs(): readonly string[] {
    return this.#outputs;
  }

  /**
   * The only output for the inputs, so that the model is a layer like any other. With `training`, dropout drops, which takes a
   * `key`, and batch normalisation uses the batch and moves its running statistics. Differentiable in every order; can be
   * compiled where no shape depends on the numbers that are given. Throws OnnxError for a model with several outputs (use
   * `run`), for inputs that don't fit, and where a node can't run on what it gets, with the node's name.
   */
  forward(x: OnnxInputs, options: ForwardOptions = {}): Tensor {
    if (this.#outputs.length !== 1)
      throw new OnnxError(
        `forward: the model has ${this.#outputs.length} outputs, ${this.#outputs.map(quoted).join(", ")}; use run(…), which gives all by name`,
      );
    return this.#run(x, options, "forward")[0]!;
  }

  /**
   * All outputs by name, in the shapes that the graph gives them, for inputs in those that it asks for; else as `forward`. Throws
   * OnnxError for inputs that don't fit, and where a node can't run on what it gets; TypeError for what is no tensor.
   */
  run(x: OnnxInputs, options: ForwardOptions = {}): Record<string, Tensor> {
    const results = this.#run(x, options, "run");
    return Object.fromEntries(this.#outputs.map((name, i) => [name, results[i]!]));
  }

  #run(x: OnnxInputs, options: ForwardOptions, caller: string): Tensor[] {
    for (const name in options)
      if (name !== "training" && name !== "key")
        throw new TypeError(`${caller}: there is no option "${name}"; the options are training, key`);
    let rest: Key | null = options.key ?? null;
    const context: Context = {
      training: options.training === true,
      key() {
        if (rest === null) return null;
        const [own, next] = splitKey(rest);
        rest = next;
        return own;
      },
      lookup: () => undefined,
    };
    const results = this.#graph.run(this.#given(x, caller), context);
    return results.map((each, i) => at(`output ${quoted(this.#outputs[i]!)}`, () => each.tensor));
  }

  #given(x: OnnxInputs, caller: string): Datum[] {
    const names = this.#inputs.map(({ name }) => name);
    const expected = `the model takes ${names.length === 1 ? "" : `${names.length} inputs, `}${names.map(quoted).join(", ")}`;
    const list =
      x instanceof Tensor
        ? [x]
        : Array.isArray(x)
          ? (x as readonly unknown[])
          : byName(x, names, expected, caller);
    if (list.length !== names.length)
      throw new OnnxError(`${caller}: got ${list.length} inputs; ${expected}`);
    return this.#inputs.map((info, i) => {
      const value = list[i];
      if (!(value instanceof Tensor))
        throw new TypeError(`${caller}: input ${quoted(info.name)} is no tensor; wrap numbers: tensor(…)`);
      checkShape(value, info, caller);
      return given(value, info.type, info.name);
    });
  }

  /** The inputs and the outputs, as text. */
  toString(): string {
    const inputs = this.#inputs.map(
      ({ name, type, shape }) =>
        `${name}: ${type} ${shape === null ? "" : `[${shape.map((n) => n ?? "?").join(", ")}]`}`,
    );
    return `OnnxModel(${inputs.join(", ")}) → ${this.#outputs.join(", ")}`;
  }
}

function byName(x: unknown, names: readonly string[], expected: string, caller: string): readonly unknown[] {
  if (typeof x !== "object" || x === null)
    throw new TypeError(`${caller}: got ${typeof x} where tensors belong; ${expected}`);
  const other = Object.keys(x).find((name) => !names.includes(name));
  if (other !== undefined) throw new OnnxError(`${caller}: there is no input ${quoted(other)}; ${expected}`);
  const missing = names.find((name) => !Object.hasOwn(x, name));
  if (missing !== undefined)
    throw new OnnxError(`${caller}: input ${quoted(missing)} is missing; ${expected}`);
  return names.map((name) => (x as Record<string, unknown>)[name]);
}

function checkShape(value: Tensor, { name, shape }: ValueInfo, caller: string): void {
  if (shape === null) return;
  if (
    shape.length === value.rank &&
    shape.every((n, axis) => typeof n !== "number" || n === value.shape[axis])
  )
    return;
  throw new OnnxError(
    `${caller}: input ${quoted(name)} is [${shape.map((n) => n ?? "?").join(", ")}] in the file, and [${value.shape.join(", ")}] was given`,
  );
}

/** The versions of operator sets that a file names. */
function opsetsOf(imports: readonly onnx.IOperatorSetIdProto[]): (domain: string, place: string) => number {
  const versions = new Map<string, number>();
  for (const { domain, version } of imports) {
    const name = domain === "ai.onnx" ? "" : (domain ?? "");
    const number = integer(version ?? 0, `fromOnnx: the version of the operator set ${quoted(name)}`);
    if (name === "" && (number < OLDEST || number > NEWEST))
      refuse(
        `fromOnnx: the file uses version ${number} of the operator set, and ${OLDEST} to ${NEWEST} are read; convert it: onnx.version_converter.convert_version(model, 17)`,
      );
    versions.set(name, number);
  }
  return (domain, place) =>
    versions.get(domain) ??
    refuse(
      `${place}: the file names no version of the operator set ${quoted(domain === "" ? "ai.onnx" : domain)}`,
    );
}

/** Bytes as the message of a model, once their form has been looked at. */
function decoded(bytes: Uint8Array): onnx.IModelProto {
  checkWire(bytes);
  try {
    return ModelProto.decode(bytes);
  } catch (error) {
    return refuse(`fromOnnx: the file can't be decoded: ${(error as Error).message}`);
  }
}

/**
 * The model in the bytes of an ONNX file: its graph as a layer, and its stored tensors as variables, which `variables(model)` finds
 * under their names in the file. Floats of one axis or more train, unless `frozen` says otherwise; single numbers, which are
 * epsilons and exponents as a rule, and running statistics are variables that don't; whole numbers are constants, and so is
 * what only sets sizes or scales. float16 and bfloat16 become float32, exactly; whole numbers of all types become int32 where
 * they fit, and those of 64 bits stay exact while they are known, as all shapes are.
 *
 * The file is not trusted: every length and size is checked before it is used, and nothing is evaluated. Throws OnnxError, with
 * the node, the name or the byte, where something is damaged, an operator, a version or an element type is not read, or
 * numbers lie in another file. The table in the README lists the operators. The format is ONNX's (ONNX contributors, 2017 to 2026),
 * https://onnx.ai/onnx/repo-docs/IR.html
 */
export function fromOnnx(bytes: Uint8Array, options: FromOnnxOptions = {}): OnnxModel {
  const file = fileBytes("fromOnnx", bytes);
  for (const name in options)
    if (name !== "frozen" && name !== "constants")
      throw new TypeError(`fromOnnx: there is no option "${name}"; the options are frozen, constants`);
  const { frozen = false, constants = false } = options;
  if (typeof constants !== "boolean") throw new TypeError("fromOnnx: constants must be true or false");
  if (typeof frozen !== "boolean" && typeof frozen !== "function")
    throw new TypeError(
      'fromOnnx: frozen must be true, false or a function, e.g. (name) => name.startsWith("encoder.")',
    );
  const model = decoded(file);
  if (model.graph == null) refuse("fromOnnx: the file holds no graph; is it an ONNX model?");
  if ((model.functions ?? []).length > 0)
    refuse(
      `fromOnnx: the file defines the function ${quoted(model.functions![0]!.name ?? "")}, and functions are not read; write them out: onnx.inliner.inline_local_functions(model)`,
    );
  const variables = new Map<string, Variable>();
  const reading = { opset: opsetsOf(model.opsetImport ?? []), variables, trainsConstants: constants };
  const graph = inFromOnnx(() => readGraph(model.graph!, reading, () => false));
  const stored = new Set((model.graph.initializer ?? []).map(({ name }) => name ?? ""));
  const infos = (model.graph.input ?? []).filter(({ name }) => !stored.has(name ?? ""));
  const inputs = inFromOnnx(() => infos.map((info) => valueInfo(info, "input")));
  if (graph.outputs.length === 0) refuse("fromOnnx: the graph has no outputs");
  for (const [name, held] of variables)
    if (frozen === true || (typeof frozen === "function" && frozen(name))) held.trainable = false;
  return new OnnxModel(graph, inputs, variables);
}

function inFromOnnx<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof OnnxError) error.message = `fromOnnx: ${error.message}`;
    throw error;
  }
}
