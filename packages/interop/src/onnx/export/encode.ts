// A graph as the bytes of an ONNX file. The only file of the export that knows the protobuf library.

import proto from "onnx-proto";

/** The element types that exported models have; int64 is for sizes and for indices. */
export type ElementType = "float32" | "float64" | "int32" | "int64" | "bool";

/** A tensor of numbers that the file holds. */
export interface Constant {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** Row-major. Truth values are 0 and 1. */
  readonly data: ArrayLike<number>;
}

/** A size, or the name of a size that is known when the model runs. */
export type Dimension = number | string;

/** An input or an output of a graph. */
export interface Port {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly Dimension[];
}

/** A setting of a node. */
export type Attribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly ints: readonly number[] }
  /** ASCII. */
  | { readonly text: string }
  | { readonly type: ElementType }
  | { readonly constant: Constant }
  | { readonly graph: Graph };

/** One operator on named values. */
export interface Node {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** Nodes in the order in which they run, and what goes in and out. */
export interface Graph {
  readonly name: string;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly constants: readonly Constant[];
  readonly nodes: readonly Node[];
}

const { onnx } = proto;
const { AttributeType } = onnx.AttributeProto;
const { DataType } = onnx.TensorProto;

const TYPES = {
  float32: DataType.FLOAT,
  float64: DataType.DOUBLE,
  int32: DataType.INT32,
  int64: DataType.INT64,
  bool: DataType.BOOL,
} as const;

/** The version of the file format, by the version of the operators: the oldest that may name it. */
const FORMATS = { 20: 9, 23: 11 } as const;

/** The bytes of a model of this graph, with the standard's operators of version `opset`. */
export function encodeModel(graph: Graph, opset: keyof typeof FORMATS): Uint8Array {
  const model = onnx.ModelProto.create({
    irVersion: FORMATS[opset],
    producerName: "@adjoint/interop",
    opsetImport: [{ domain: "", version: opset }],
    graph: graphOf(graph),
  });
  // The writer's buffer may be larger, and belongs to a pool.
  return new Uint8Array(onnx.ModelProto.encode(model).finish());
}

type Graphs = InstanceType<typeof onnx.GraphProto>;

function graphOf({ name, nodes, inputs, outputs, constants }: Graph): Graphs {
  return onnx.GraphProto.create({
    name,
    node: nodes.map(nodeOf),
    initializer: constants.map(tensorOf),
    input: inputs.map(portOf),
    output: outputs.map(portOf),
  });
}

const nodeOf = ({ operator, inputs, outputs, attributes }: Node) => ({
  opType: operator,
  input: [...inputs],
  output: [...outputs],
  attribute: Object.entries(attributes).map(([name, value]) => ({ name, ...attributeOf(value) })),
});

function attributeOf(value: Attribute) {
  if ("int" in value) return { type: AttributeType.INT, i: value.int };
  if ("float" in value) return { type: AttributeType.FLOAT, f: value.float };
  if ("ints" in value) return { type: AttributeType.INTS, ints: [...value.ints] };
  if ("text" in value)
    return { type: AttributeType.STRING, s: Uint8Array.from(value.text, (letter) => letter.charCodeAt(0)) };
  if ("type" in value) return { type: AttributeType.INT, i: TYPES[value.type] };
  if ("constant" in value) return { type: AttributeType.TENSOR, t: tensorOf(value.constant) };
  return { type: AttributeType.GRAPH, g: graphOf(value.graph) };
}

const portOf = ({ name, type, shape }: Port) => ({
  name,
  type: {
    tensorType: {
      elemType: TYPES[type],
      shape: {
        dim: shape.map((size) => (typeof size === "number" ? { dimValue: size } : { dimParam: size })),
      },
    },
  },
});

const tensorOf = ({ name, type, shape, data }: Constant) => ({
  name,
  dataType: TYPES[type],
  dims: [...shape],
  rawData: bytesOf(type, data),
});

/** Numbers as the format has them, little-endian on every machine. */
function bytesOf(type: ElementType, data: ArrayLike<number>): Uint8Array {
  const width = { float32: 4, float64: 8, int32: 4, int64: 8, bool: 1 }[type];
  const view = new DataView(new ArrayBuffer(width * data.length));
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    const at = width * i;
    if (type === "float32") view.setFloat32(at, value, true);
    else if (type === "float64") view.setFloat64(at, value, true);
    else if (type === "int32") view.setInt32(at, value, true);
    else if (type === "int64") view.setBigInt64(at, BigInt(value), true);
    else view.setUint8(at, value);
  }
  return new Uint8Array(view.buffer);
}
