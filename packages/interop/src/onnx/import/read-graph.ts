// A graph of the file, made ready to run. Names are checked here: that each is made once, before it is read.

import { type Variable, variable } from "@adjoint/autograd";
import { Datum } from "./datum.ts";
import { isFloatType, nameOfCode, typeOfCode } from "./element-types.ts";
import { Graph, type ReadyNode, type ValueInfo } from "./graph.ts";
import { NodeReader } from "./node-reader.ts";
import { quoted, refuse } from "./onnx-error.ts";
import type { Operator } from "./operators/operator.ts";
import { operatorOf } from "./operators/table.ts";
import type { onnx } from "./proto.ts";
import { integer, readTensor } from "./read-tensor.ts";
import type { Role } from "./running.ts";

/** What reading a graph collects and needs, for it and the graphs within. */
export interface Reading {
  /** Whether the float tensors of Constant nodes are weights, too. */
  readonly trainsConstants: boolean;
  readonly opset: (domain: string, place: string) => number;
  /** The variables that were made, by name. */
  readonly variables: Map<string, Variable>;
}

/** The type and the sizes that the file gives an input or an output. */
export function valueInfo(proto: onnx.IValueInfoProto, place: string): ValueInfo {
  const name = proto.name ?? "";
  const here = `${place} ${quoted(name)}`;
  const type = proto.type?.tensorType;
  if (type == null) return refuse(`${here} is no tensor; sequences, maps and optional values are not read`);
  const code = type.elemType ?? 0;
  const element = typeOfCode(code);
  if (element === null) return refuse(`${here} is ${nameOfCode(code)}, for which there is no type here`);
  const shape =
    type.shape?.dim?.map((dim) => {
      if (Object.hasOwn(dim, "dimValue") && dim.dimValue != null)
        return integer(dim.dimValue, `${here}: a size`);
      return dim.dimParam ? dim.dimParam : null;
    }) ?? null;
  return { name, type: element, shape };
}

/** How a node is called in messages. */
function placeOf(node: onnx.INodeProto, i: number, around: string, opset?: number): string {
  const name = node.name ? quoted(node.name) : `${i}, which makes ${quoted(node.output?.[0] ?? "")}`;
  const operator = `${node.domain ? `${node.domain}.` : ""}${node.opType ?? ""}`;
  return `${around}node ${name} (${operator}${opset === undefined ? "" : `, opset ${opset}`})`;
}

/** A name that no variable has: two branches may use one name each. */
function freeName(name: string, variables: ReadonlyMap<string, Variable>): string {
  if (!variables.has(name)) return name;
  let n = 2;
  while (variables.has(`${name} (${n})`)) n++;
  return `${name} (${n})`;
}

/** The tensor of a Constant node, if it is one of floats with axes, and so may be a weight. */
function weightOf(node: onnx.INodeProto, place: string): Datum | null {
  const [attribute] = node.attribute ?? [];
  const isTensor =
    node.opType === "Constant" && !node.domain && node.attribute?.length === 1 && attribute?.name === "value";
  if (!isTensor || attribute.t == null || (node.output ?? []).length !== 1) return null;
  const value = readTensor(attribute.t, `${place}: the attribute "value"`);
  return isFloatType(value.type) && value.rank > 0 ? value : null;
}

const countText = (least: number, most: number): string =>
  most === least ? `${least}` : most === Infinity ? `${least} or more` : `${least} to ${most}`;

/** Throws OnnxError unless a node has as many inputs and outputs as its operator takes and gives. */
function checkCounts(node: onnx.INodeProto, operator: Operator, place: string): void {
  const [inputs, outputs] = [node.input ?? [], node.output ?? []];
  const [least, most] = operator.inputs;
  const isLacking = inputs.slice(0, least).some((name, k) => name === "" && !operator.mayLack?.includes(k));
  if (inputs.length < least || inputs.length > most || isLacking)
    refuse(
      `${place}: it has ${inputs.length} inputs${isLacking ? ", and one that it needs is left out" : ""}; ${node.opType} takes ${countText(least, most)}`,
    );
  const given = operator.outputs ?? 1;
  if (outputs.length > given)
    refuse(`${place}: it has ${outputs.length} outputs; ${node.opType} gives at most ${given}`);
}

/** A graph that is being read. */
class GraphReader {
  readonly #proto: onnx.IGraphProto;
  readonly #reading: Reading;
  readonly #outer: (name: string) => boolean;
  /** What stands before the places in messages: the node around the graph. */
  readonly #around: string;
  readonly #known = new Set<string>();
  readonly #captured = new Set<string>();
  readonly #stored = new Map<string, Datum>();
  readonly #roles = new Map<string, Set<Role>>();
  readonly #nodes: (Omit<ReadyNode, "last"> & { readonly reads: readonly string[] })[] = [];
  /** The node that makes each name, for messages. */
  readonly #makers: ReadonlyMap<string, onnx.INodeProto>;

  constructor(proto: onnx.IGraphProto, reading: Reading, outer: (name: string) => boolean, around: string) {
    this.#proto = proto;
    this.#reading = reading;
    this.#outer = outer;
    this.#around = around;
    const nodes = proto.node ?? [];
    this.#makers = new Map(nodes.flatMap((node) => (node.output ?? []).map((name) => [name, node] as const)));
  }

  #define(name: string, by: string): void {
    if (name === "") refuse(`${by} has no name`);
    if (this.#known.has(name))
      refuse(`${by}: the name ${quoted(name)} is taken already; names must be made once`);
    this.#known.add(name);
  }

  #use(name: string, role: Role): void {
    const roles = this.#roles.get(name);
    if (roles === undefined) this.#roles.set(name, new Set([role]));
    else roles.add(role);
  }

  /** A name that a node reads must have been made, here or around. */
  #see(name: string, node: onnx.INodeProto, place: string): void {
    if (this.#known.has(name)) return;
    if (this.#outer(name)) {
      this.#captured.add(name);
      return;
    }
    const maker = this.#makers.get(name);
    if (maker === undefined) refuse(`${place}: it reads ${quoted(name)}, which nothing makes`);
    refuse(
      `${place}: it reads ${quoted(name)}, which ${maker === node ? "it makes itself" : "a later node makes"}; nodes must stand in the order in which they run, without cycles`,
    );
  }

  #readStored(): void {
    const sparse = this.#proto.sparseInitializer?.[0];
    if (sparse !== undefined)
      refuse(
        `${this.#around}sparse_initializer ${quoted(sparse.values?.name ?? "")} is not read; store it as an initializer`,
      );
    for (const initializer of this.#proto.initializer ?? []) {
      const name = initializer.name ?? "";
      const place = `${this.#around}initializer ${quoted(name)}`;
      this.#define(name, place);
      this.#stored.set(name, readTensor(initializer, place));
    }
  }

  #readInputs(): string[] {
    // Before version 4 of the format initializers are listed among the inputs, as their default values.
    const names = (this.#proto.input ?? [])
      .map(({ name }) => name ?? "")
      .filter((name) => !this.#stored.has(name));
    for (const name of names) this.#define(name, `${this.#around}input ${quoted(name)}`);
    return names;
  }

  #readNode(node: onnx.INodeProto, i: number): void {
    const domain = node.domain === "ai.onnx" ? "" : (node.domain ?? "");
    const opset = this.#reading.opset(domain, placeOf(node, i, this.#around));
    const place = placeOf(node, i, this.#around, opset);
    const operator = operatorOf(node.opType ?? "", domain, opset, place);
    checkCounts(node, operator, place);
    const [inputs, outputs] = [node.input ?? [], node.output ?? []];
    const weight = this.#reading.trainsConstants ? weightOf(node, place) : null;
    if (weight !== null) {
      this.#define(outputs[0]!, place);
      this.#stored.set(outputs[0]!, weight);
      return;
    }
    const reads = new Set<string>();
    const read = (name: string, role: Role): void => {
      this.#see(name, node, place);
      this.#use(name, role);
      reads.add(name);
    };
    inputs.forEach((name, k) => {
      const role = operator.settings?.includes(k)
        ? "setting"
        : operator.state?.includes(k)
          ? "state"
          : "weight";
      if (name !== "") read(name, role);
    });
    const reader = new NodeReader(node, opset, place, (graph, inside) => {
      const sees = (name: string) => this.#known.has(name) || this.#outer(name);
      const inner = readGraph(graph, this.#reading, sees, `${inside}: `);
      for (const [name, roles] of inner.captured) for (const role of roles) read(name, role);
      return inner;
    });
    const run = operator.prepare(reader);
    reader.checkAllRead();
    for (const name of outputs) if (name !== "") this.#define(name, place);
    this.#nodes.push({ place, inputs, outputs, run, reads: [...reads] });
  }

  #readOutputs(): string[] {
    const names = (this.#proto.output ?? []).map(({ name }) => name ?? "");
    for (const name of names) {
      this.#use(name, "weight");
      if (this.#known.has(name)) continue;
      if (!this.#outer(name)) refuse(`${this.#around}output ${quoted(name)}: nothing makes it`);
      this.#captured.add(name);
    }
    return names;
  }

  /** Stored tensors by name: variables, and constants, which are whole numbers and settings. */
  #held(): Map<string, () => Datum> {
    const { variables } = this.#reading;
    return new Map(
      [...this.#stored].map(([name, datum]) => {
        const roles = this.#roles.get(name) ?? new Set();
        const isSetting = roles.size > 0 && [...roles].every((role) => role === "setting");
        if (!isFloatType(datum.type) || isSetting) return [name, () => datum] as const;
        const own = freeName(name, variables);
        const held = variable(datum.tensor, { name: own, trainable: datum.rank > 0 && !roles.has("state") });
        variables.set(own, held);
        return [name, () => Datum.of(held, datum.type)] as const;
      }),
    );
  }

  read(): Graph {
    this.#readStored();
    const inputs = this.#readInputs();
    for (const [i, node] of (this.#proto.node ?? []).entries()) this.#readNode(node, i);
    const outputs = this.#readOutputs();
    const kept = new Set(outputs);
    const lastReader = new Map(
      this.#nodes.flatMap(({ reads }, i) => reads.map((name) => [name, i] as const)),
    );
    return new Graph({
      inputs,
      outputs,
      captured: new Map([...this.#captured].map((name) => [name, this.#roles.get(name)!])),
      constants: this.#held(),
      nodes: this.#nodes.map(({ reads, ...node }, i) => ({
        ...node,
        last: reads.filter((name) => lastReader.get(name) === i && !kept.has(name)),
      })),
    });
  }
}

/** Makes a graph ready to run. `outer` says whether a name is known around it. Throws OnnxError where it can't be right. */
export function readGraph(
  proto: onnx.IGraphProto,
  reading: Reading,
  outer: (name: string) => boolean,
  around = "",
): Graph {
  return new GraphReader(proto, reading, outer, around).read();
}
