// Models for tests, written down briefly.

import { ModelProto, type onnx } from "../../../packages/interop/src/onnx/import/proto.ts";

export const FLOAT = 1;
export const INT64 = 7;
export const BOOL = 9;

/** A stored tensor; numbers become bytes of the type. */
export function stored(
  name: string,
  dims: readonly number[],
  values: readonly number[],
  dataType: number = FLOAT,
): onnx.ITensorProto {
  const bytes =
    dataType === FLOAT
      ? new Uint8Array(Float32Array.from(values).buffer)
      : dataType === INT64
        ? new Uint8Array(BigInt64Array.from(values, BigInt).buffer)
        : Uint8Array.from(values);
  return { name, dims: [...dims], dataType, rawData: bytes };
}

/** An attribute, by what its value is: a text, a number (whole, or a float where it is given in { float }), or several, a tensor or a graph. */
export type Value =
  | string
  | number
  | readonly number[]
  | readonly string[]
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly tensor: onnx.ITensorProto }
  | { readonly graph: onnx.IGraphProto };

const utf8 = new TextEncoder();

export function attribute(name: string, value: Value): onnx.IAttributeProto {
  if (typeof value === "string") return { name, type: 3, s: utf8.encode(value) };
  if (typeof value === "number") return { name, type: 2, i: value };
  if ("float" in value) return { name, type: 1, f: value.float };
  if ("floats" in value) return { name, type: 6, floats: [...value.floats] };
  if ("tensor" in value) return { name, type: 4, t: value.tensor };
  if ("graph" in value) return { name, type: 5, g: value.graph };
  const list = value as readonly (number | string)[];
  return typeof list[0] === "string"
    ? { name, type: 8, strings: list.map((each) => utf8.encode(String(each))) }
    : { name, type: 7, ints: list.map(Number) };
}

/** A node: operator, inputs, outputs, attributes. */
export function node(
  opType: string,
  input: readonly string[],
  output: readonly string[],
  attributes: Readonly<Record<string, Value>> = {},
  name = "",
): onnx.INodeProto {
  const all = Object.entries(attributes).map(([key, value]) => attribute(key, value));
  return { opType, input: [...input], output: [...output], attribute: all, name };
}

/** The type of an input or output: floats of any shape by default. */
export function value(
  name: string,
  dims: readonly (number | string)[] | null = null,
  elemType: number = FLOAT,
): onnx.IValueInfoProto {
  const dim = dims?.map((n) => (typeof n === "number" ? { dimValue: n } : { dimParam: n }));
  return { name, type: { tensorType: { elemType, ...(dim === undefined ? {} : { shape: { dim } }) } } };
}

/** A graph; inputs and outputs by name are floats of any shape. */
export function graph(parts: {
  readonly inputs: readonly (string | onnx.IValueInfoProto)[];
  readonly outputs: readonly (string | onnx.IValueInfoProto)[];
  readonly nodes: readonly onnx.INodeProto[];
  readonly stored?: readonly onnx.ITensorProto[];
}): onnx.IGraphProto {
  const info = (each: string | onnx.IValueInfoProto) => (typeof each === "string" ? value(each) : each);
  return {
    name: "test",
    input: parts.inputs.map(info),
    output: parts.outputs.map(info),
    node: [...parts.nodes],
    initializer: [...(parts.stored ?? [])],
  };
}

/** The bytes of a model. */
export const modelBytes = (of: onnx.IGraphProto, opset = 21, more: onnx.IModelProto = {}): Uint8Array =>
  Uint8Array.from(
    ModelProto.encode({
      irVersion: 8,
      opsetImport: [{ domain: "", version: opset }],
      graph: of,
      ...more,
    }).finish(),
  );
