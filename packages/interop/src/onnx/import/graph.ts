// A graph of the file, made ready to run: its nodes in order, each with what runs it. Names are checked here: that each is made
// once, before it is read. Graphs within nodes see the names around them.

import { type Variable, variable } from "@adjoint/autograd";
import { Datum } from "./datum.ts";
import { type ElementType, isFloatType, nameOfCode, typeOfCode } from "./element-types.ts";
import { NodeReader } from "./node-reader.ts";
import { at, quoted, refuse } from "./onnx-error.ts";
import type { Run } from "./operators/operator.ts";
import { operatorOf } from "./operators/table.ts";
import type { onnx } from "./proto.ts";
import { integer, readTensor } from "./read-tensor.ts";
import type { Context, InnerGraph } from "./running.ts";

/** An input or an output of a graph. */
export interface ValueInfo {
  /** Its name in the file. */
  readonly name: string;
  /** Its element type in the file. */
  readonly type: ElementType;
  /** Its sizes: numbers, names of sizes that may differ from call to call, null for sizes that are not said; null for any shape. */
  readonly shape: readonly (number | string | null)[] | null;
}

/** What reading a graph collects and needs, for it and the graphs within. */
export interface Reading {
  /** Whether the float tensors of Constant nodes are weights, too. */
  readonly trainsConstants: boolean;
  readonly opset: (domain: string, place: string) => number;
  /** The variables that were made, by name. */
  readonly variables: Map<string, Variable>;
}

interface ReadyNode {
  readonly place: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly run: Run;
  /** Names that nobody reads after this node. */
  readonly last: readonly string[];
}

/** A graph that can be run. */
export class Graph implements InnerGraph {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly captured: ReadonlySet<string>;
  readonly #constants: ReadonlyMap<string, () => Datum>;
  readonly #nodes: readonly ReadyNode[];

  constructor(parts: {
    readonly inputs: readonly string[];
    readonly outputs: readonly string[];
    readonly captured: ReadonlySet<string>;
    readonly constants: ReadonlyMap<string, () => Datum>;
    readonly nodes: readonly ReadyNode[];
  }) {
    this.inputs = parts.inputs;
    this.outputs = parts.outputs;
    this.captured = parts.captured;
    this.#constants = parts.constants;
    this.#nodes = parts.nodes;
  }

  /** The outputs for inputs, both in order. */
  run(inputs: readonly Datum[], context: Context): Datum[] {
    const values = new Map<string, Datum>();
    this.inputs.forEach((name, i) => {
      values.set(name, inputs[i]!);
    });
    const constants = this.#constants;
    const lookup = (name: string): Datum | undefined =>
      values.get(name) ?? constants.get(name)?.() ?? context.lookup(name);
    const inner: Context = { ...context, lookup };
    const needed = (name: string): Datum =>
      lookup(name) ??
      refuse(`${quoted(name)} has no value: it is an optional output that its node does not give here`);
    for (const node of this.#nodes) {
      at(node.place, () => {
        const given = node.inputs.map((name) => (name === "" ? undefined : needed(name)));
        const made = node.run(given, inner);
        const results = made instanceof Datum ? [made] : made;
        node.outputs.forEach((name, i) => {
          const result = results[i];
          if (name !== "" && result !== undefined) values.set(name, result);
        });
      });
      for (const name of node.last) values.delete(name);
    }
    return this.outputs.map(needed);
  }
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
function placeOf(node: onnx.INodeProto, i: number, opset: number, around: string): string {
  const name = node.name ? quoted(node.name) : `${i}, which makes ${quoted(node.output?.[0] ?? "")}`;
  const domain = node.domain ? `${node.domain}.` : "";
  return `${around}node ${name} (${domain}${node.opType ?? ""}, opset ${opset})`;
}

/** A name that no variable has: two branches may use one name each. */
function freeName(name: string, variables: ReadonlyMap<string, Variable>): string {
  if (!variables.has(name)) return name;
  let n = 2;
  while (variables.has(`${name} (${n})`)) n++;
  return `${name} (${n})`;
}

/** The tensor of a Constant node, if it is one of floats with axes, and so may be a weight. */
function constantOf(node: onnx.INodeProto, place: string): Datum | null {
  const [attribute] = node.attribute ?? [];
  const isTensor =
    node.opType === "Constant" && !node.domain && node.attribute?.length === 1 && attribute?.name === "value";
  if (!isTensor || attribute.t == null || (node.output ?? []).length !== 1) return null;
  const value = readTensor(attribute.t, `${place}: the attribute "value"`);
  return isFloatType(value.type) && value.rank > 0 ? value : null;
}

const countText = (least: number, most: number): string =>
  most === least ? `${least}` : most === Infinity ? `${least} or more` : `${least} to ${most}`;

/** What the uses of a stored tensor say it is. */
type Role = "weight" | "state" | "setting";

/** Makes a graph ready to run. `outer` says whether a name is known around it. Throws OnnxError where it can't be right. */
export function readGraph(
  proto: onnx.IGraphProto,
  reading: Reading,
  outer: (name: string) => boolean,
  around = "",
): Graph {
  const constants = new Map<string, () => Datum>();
  const stored = new Map<string, Datum>();
  const known = new Set<string>();
  const captured = new Set<string>();
  const define = (name: string, by: string): void => {
    if (name === "") refuse(`${by} has no name`);
    if (known.has(name)) refuse(`${by}: the name ${quoted(name)} is taken already; names must be made once`);
    known.add(name);
  };
  if ((proto.sparseInitializer ?? []).length > 0)
    refuse(
      `${around}sparse_initializer ${quoted(proto.sparseInitializer![0]!.values?.name ?? "")} is not read; store it as an initializer`,
    );
  for (const initializer of proto.initializer ?? []) {
    const name = initializer.name ?? "";
    define(name, `${around}initializer ${quoted(name)}`);
    stored.set(name, readTensor(initializer, `${around}initializer ${quoted(name)}`));
  }
  const inputs: string[] = [];
  for (const input of proto.input ?? []) {
    const name = input.name ?? "";
    // Before version 4 of the format initializers are listed among the inputs, as their default values.
    if (stored.has(name)) continue;
    define(name, `${around}input ${quoted(name)}`);
    inputs.push(name);
  }

  const made = new Map(
    (proto.node ?? []).flatMap((node) => (node.output ?? []).map((name) => [name, node] as const)),
  );
  const roles = new Map<string, Set<Role>>();
  const nodes: (Omit<ReadyNode, "last"> & { readonly reads: readonly string[] })[] = [];
  (proto.node ?? []).forEach((node, i) => {
    const domain = node.domain === "ai.onnx" ? "" : (node.domain ?? "");
    const asPlace = placeOf(node, i, 0, around).replace(/, opset 0\)$/, ")");
    const opset = reading.opset(domain, asPlace);
    const place = placeOf(node, i, opset, around);
    const operator = operatorOf(node.opType ?? "", domain, opset, place);
    const names = node.input ?? [];
    const [least, most] = operator.inputs;
    const isLacking = names.slice(0, least).some((name, k) => name === "" && !operator.mayLack?.includes(k));
    if (names.length < least || names.length > most || isLacking)
      refuse(
        `${place}: it has ${names.length} inputs${isLacking ? ", and one that it needs is left out" : ""}; ${node.opType} takes ${countText(least, most)}`,
      );
    const outputs = node.output ?? [];
    if (outputs.length > (operator.outputs ?? 1))
      refuse(
        `${place}: it has ${outputs.length} outputs; ${node.opType} gives at most ${operator.outputs ?? 1}`,
      );
    const weight = reading.trainsConstants ? constantOf(node, place) : null;
    if (weight !== null) {
      define(outputs[0]!, place);
      stored.set(outputs[0]!, weight);
      return;
    }
    const reads: string[] = [];
    const see = (name: string): void => {
      reads.push(name);
      if (known.has(name)) return;
      if (outer(name)) {
        captured.add(name);
        return;
      }
      const later = made.get(name);
      refuse(
        later === undefined
          ? `${place}: it reads ${quoted(name)}, which nothing makes`
          : `${place}: it reads ${quoted(name)}, which ${later === node ? "it makes itself" : "a later node makes"}; nodes must stand in the order in which they run, without cycles`,
      );
    };
    names.forEach((name, k) => {
      if (name === "") return;
      see(name);
      const role = operator.settings?.includes(k)
        ? "setting"
        : operator.state?.includes(k)
          ? "state"
          : "weight";
      roles.set(name, (roles.get(name) ?? new Set()).add(role));
    });
    const reader = new NodeReader(node, opset, place, (graph, inside) => {
      const inner = readGraph(graph, reading, (name) => known.has(name) || outer(name), `${inside}: `);
      for (const name of inner.captured) {
        see(name);
        roles.set(name, (roles.get(name) ?? new Set()).add("weight"));
      }
      return inner;
    });
    const run = operator.prepare(reader);
    reader.checkAllRead();
    for (const name of outputs) if (name !== "") define(name, place);
    nodes.push({ place, inputs: names, outputs, run, reads });
  });

  const outputs = (proto.output ?? []).map(({ name }) => name ?? "");
  for (const name of outputs)
    if (!known.has(name)) {
      if (!outer(name)) refuse(`${around}output ${quoted(name)}: nothing makes it`);
      captured.add(name);
    }
  for (const [name, datum] of stored) {
    const uses = roles.get(name) ?? new Set();
    const isSetting = uses.size > 0 && [...uses].every((role) => role === "setting");
    if (!isFloatType(datum.type) || isSetting) {
      constants.set(name, () => datum);
      continue;
    }
    const own = freeName(name, reading.variables);
    const held = variable(datum.tensor, { name: own, trainable: datum.rank > 0 && !uses.has("state") });
    reading.variables.set(own, held);
    constants.set(name, () => Datum.of(held, datum.type));
  }
  const kept = new Set(outputs);
  const lastReader = new Map(nodes.flatMap(({ reads }, i) => reads.map((name) => [name, i] as const)));
  return new Graph({
    inputs,
    outputs,
    captured,
    constants,
    nodes: nodes.map(({ reads, ...node }, i) => ({
      ...node,
      last: [...new Set(reads)].filter((name) => lastReader.get(name) === i && !kept.has(name)),
    })),
  });
}
