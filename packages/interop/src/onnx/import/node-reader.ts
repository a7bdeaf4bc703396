// A node of the file as its operator reads it: attributes by name and type. An attribute that nobody reads is an error, since it
// would be ignored in silence.

import type { Datum } from "./datum.ts";
import { type ElementType, nameOfCode, typeOfCode } from "./element-types.ts";
import { OnnxError, quoted } from "./onnx-error.ts";
import type { onnx } from "./proto.ts";
import { exactly, integer, readTensor } from "./read-tensor.ts";
import type { InnerGraph } from "./running.ts";
import { textOf } from "./utf8.ts";

/** The names of attribute types by number. */
const KINDS = [
  "UNDEFINED",
  "FLOAT",
  "INT",
  "STRING",
  "TENSOR",
  "GRAPH",
  "FLOATS",
  "INTS",
  "STRINGS",
  "TENSORS",
  "GRAPHS",
  "SPARSE_TENSOR",
  "SPARSE_TENSORS",
  "TYPE_PROTO",
] as const;
type Kind = (typeof KINDS)[number];

/** A node that is being read. */
export class NodeReader {
  /** The operator. */
  readonly op: string;
  /** The version of the operator set. */
  readonly opset: number;
  /** How it is called in messages: node "conv1" (Conv, opset 22). */
  readonly place: string;
  /** How many inputs it has, those left out at the end not counted. */
  readonly inputs: number;
  readonly #outputs: readonly string[];
  readonly #attributes: Map<string, onnx.IAttributeProto>;
  readonly #read = new Set<string>();
  readonly #readGraph: (graph: onnx.IGraphProto, place: string) => InnerGraph;

  constructor(
    proto: onnx.INodeProto,
    opset: number,
    place: string,
    readGraph: (graph: onnx.IGraphProto, place: string) => InnerGraph,
  ) {
    this.op = proto.opType ?? "";
    this.opset = opset;
    this.place = place;
    this.inputs = (proto.input ?? []).findLastIndex((name) => name !== "") + 1;
    this.#outputs = proto.output ?? [];
    this.#readGraph = readGraph;
    this.#attributes = new Map();
    for (const attribute of proto.attribute ?? []) {
      const name = attribute.name ?? "";
      if (this.#attributes.has(name)) this.refuse(`the attribute ${quoted(name)} is there twice`);
      this.#attributes.set(name, attribute);
    }
  }

  /** Throws OnnxError at this node. */
  refuse(why: string): never {
    throw new OnnxError(`${this.place}: ${why}`);
  }

  /** How many outputs it has. */
  get outputs(): number {
    return this.#outputs.length;
  }

  /** Whether an output is named, so that somebody may ask for it. */
  wants(output: number): boolean {
    return (this.#outputs[output] ?? "") !== "";
  }

  /** Whether an attribute is there. */
  has(name: string): boolean {
    return this.#attributes.has(name);
  }

  #of(name: string, kind: Kind): onnx.IAttributeProto | null {
    const attribute = this.#attributes.get(name);
    this.#read.add(name);
    if (attribute === undefined) return null;
    if (attribute.refAttrName)
      this.refuse(`the attribute ${quoted(name)} refers to one of a function, which is not here`);
    const given: string | undefined = (KINDS as readonly string[])[attribute.type ?? 0];
    if (given !== kind)
      this.refuse(
        `the attribute ${quoted(name)} is ${given ?? `of type ${attribute.type}`} and must be ${kind}`,
      );
    return attribute;
  }

  #needed<T>(name: string, value: T | undefined, standard: T | undefined): T {
    if (value !== undefined) return value;
    if (standard === undefined) this.refuse(`the attribute ${quoted(name)} is missing`);
    return standard;
  }

  /** A whole number; without a standard value it must be there. */
  int(name: string, standard?: number): number {
    const attribute = this.#of(name, "INT");
    return this.#needed(
      name,
      attribute === null
        ? undefined
        : integer(attribute.i ?? 0, `${this.place}: the attribute ${quoted(name)}`),
      standard,
    );
  }

  /** A truth value, which files have as 0 or 1. */
  flag(name: string, standard = false): boolean {
    const value = this.int(name, Number(standard));
    if (value !== 0 && value !== 1)
      this.refuse(`the attribute ${quoted(name)} is ${value} and must be 0 or 1`);
    return value === 1;
  }

  /** A float32. */
  float(name: string, standard?: number): number {
    const attribute = this.#of(name, "FLOAT");
    return this.#needed(name, attribute === null ? undefined : (attribute.f ?? 0), standard);
  }

  /** A text. */
  string(name: string, standard?: string): string {
    const attribute = this.#of(name, "STRING");
    return this.#needed(
      name,
      attribute === null ? undefined : textOf(attribute.s ?? new Uint8Array(0)),
      standard,
    );
  }

  /** A text out of some. */
  oneOf<const T extends string>(name: string, allowed: readonly T[], standard: T): T {
    const value = this.string(name, standard);
    const found = allowed.find((each) => each === value);
    return (
      found ??
      this.refuse(
        `the attribute ${quoted(name)} is ${quoted(value)} and must be one of ${allowed.join(", ")}`,
      )
    );
  }

  /** Whole numbers; null where they are not there. */
  ints(name: string): number[] | null {
    const attribute = this.#of(name, "INTS");
    return attribute === null
      ? null
      : (attribute.ints ?? []).map((n) => integer(n, `${this.place}: the attribute ${quoted(name)}`));
  }

  /** Whole numbers that may lie beyond all axes, such as the greatest int64; null where they are not there. */
  bounds(name: string): number[] | null {
    return this.wholes(name)?.map(Number) ?? null;
  }

  /** Whole numbers, exactly; null where they are not there. */
  wholes(name: string): bigint[] | null {
    const attribute = this.#of(name, "INTS");
    return attribute === null ? null : (attribute.ints ?? []).map(exactly);
  }

  /** Float32 numbers; null where they are not there. */
  floats(name: string): number[] | null {
    const attribute = this.#of(name, "FLOATS");
    return attribute === null ? null : [...(attribute.floats ?? [])];
  }

  /** Texts; null where they are not there. */
  strings(name: string): string[] | null {
    const attribute = this.#of(name, "STRINGS");
    return attribute === null ? null : (attribute.strings ?? []).map((each) => textOf(each));
  }

  /** A tensor; null where it is not there. */
  tensor(name: string): Datum | null {
    const attribute = this.#of(name, "TENSOR");
    return attribute === null
      ? null
      : readTensor(attribute.t ?? {}, `${this.place}: the attribute ${quoted(name)}`);
  }

  /** An element type; null where it is not there. Throws OnnxError for one without a place here. */
  type(name: string): ElementType | null {
    const code = this.int(name, 0);
    if (code === 0) return null;
    return (
      typeOfCode(code) ??
      this.refuse(`there is no type here for ${nameOfCode(code)}, which ${quoted(name)} asks for`)
    );
  }

  /** A graph, which sees the names around the node. */
  graph(name: string): InnerGraph {
    const attribute = this.#of(name, "GRAPH");
    if (attribute === null) this.refuse(`the attribute ${quoted(name)} is missing`);
    return this.#readGraph(attribute.g ?? {}, `${this.place}: ${name}`);
  }

  /** Reads an attribute and takes no notice of it: one that says only how exactly, or how fast, to compute. */
  pass(...names: readonly string[]): void {
    for (const name of names) this.#read.add(name);
  }

  /** Throws OnnxError for an attribute that the operator has not read. */
  checkAllRead(): void {
    for (const name of this.#attributes.keys())
      if (!this.#read.has(name))
        this.refuse(`there is no attribute ${quoted(name)} in this version of ${this.op}`);
  }
}
