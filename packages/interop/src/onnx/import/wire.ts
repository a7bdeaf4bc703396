// The bytes of an ONNX file, looked at before anything is made of them: that every field lies within the message around it, has
// the form that the schema gives it, and that messages don't lie in each other without end. So decoding them can't run out of
// the file or of the stack, and an error says where. https://protobuf.dev/programming-guides/encoding

import { OnnxError } from "./onnx-error.ts";

/** How a field is encoded: a number of varying length, or many, 4 or 8 bytes, or many, bytes, or a message. */
type Form =
  | "varint"
  | "varints"
  | "four"
  | "fours"
  | "eight"
  | "eights"
  | "bytes"
  | `${Uppercase<string>}${string}`;

/** The fields of onnx.proto by message and number; others are passed over, as newer files may have them. */
const schema: Record<string, Record<number, readonly [name: string, form: string]>> = {
  Model: {
    1: ["ir_version", "varint"],
    2: ["producer_name", "bytes"],
    3: ["producer_version", "bytes"],
    4: ["domain", "bytes"],
    5: ["model_version", "varint"],
    6: ["doc_string", "bytes"],
    7: ["graph", "Graph"],
    8: ["opset_import", "OperatorSet"],
    14: ["metadata_props", "Entry"],
    20: ["training_info", "Training"],
    25: ["functions", "Function"],
  },
  OperatorSet: { 1: ["domain", "bytes"], 2: ["version", "varint"] },
  Entry: { 1: ["key", "bytes"], 2: ["value", "bytes"] },
  Training: {
    1: ["initialization", "Graph"],
    2: ["algorithm", "Graph"],
    3: ["initialization_binding", "Entry"],
    4: ["update_binding", "Entry"],
  },
  Function: {
    1: ["name", "bytes"],
    4: ["input", "bytes"],
    5: ["output", "bytes"],
    6: ["attribute", "bytes"],
    7: ["node", "Node"],
    8: ["doc_string", "bytes"],
    9: ["opset_import", "OperatorSet"],
    10: ["domain", "bytes"],
  },
  Graph: {
    1: ["node", "Node"],
    2: ["name", "bytes"],
    5: ["initializer", "Tensor"],
    10: ["doc_string", "bytes"],
    11: ["input", "ValueInfo"],
    12: ["output", "ValueInfo"],
    13: ["value_info", "ValueInfo"],
    14: ["quantization_annotation", "Annotation"],
    15: ["sparse_initializer", "Sparse"],
  },
  Annotation: { 1: ["tensor_name", "bytes"], 2: ["quant_parameter_tensor_names", "Entry"] },
  Node: {
    1: ["input", "bytes"],
    2: ["output", "bytes"],
    3: ["name", "bytes"],
    4: ["op_type", "bytes"],
    5: ["attribute", "Attribute"],
    6: ["doc_string", "bytes"],
    7: ["domain", "bytes"],
  },
  Attribute: {
    1: ["name", "bytes"],
    2: ["f", "four"],
    3: ["i", "varint"],
    4: ["s", "bytes"],
    5: ["t", "Tensor"],
    6: ["g", "Graph"],
    7: ["floats", "fours"],
    8: ["ints", "varints"],
    9: ["strings", "bytes"],
    10: ["tensors", "Tensor"],
    11: ["graphs", "Graph"],
    13: ["doc_string", "bytes"],
    14: ["tp", "Type"],
    15: ["type_protos", "Type"],
    20: ["type", "varint"],
    21: ["ref_attr_name", "bytes"],
    22: ["sparse_tensor", "Sparse"],
    23: ["sparse_tensors", "Sparse"],
  },
  Tensor: {
    1: ["dims", "varints"],
    2: ["data_type", "varint"],
    3: ["segment", "Segment"],
    4: ["float_data", "fours"],
    5: ["int32_data", "varints"],
    6: ["string_data", "bytes"],
    7: ["int64_data", "varints"],
    8: ["name", "bytes"],
    9: ["raw_data", "bytes"],
    10: ["double_data", "eights"],
    11: ["uint64_data", "varints"],
    12: ["doc_string", "bytes"],
    13: ["external_data", "Entry"],
    14: ["data_location", "varint"],
  },
  Segment: { 1: ["begin", "varint"], 2: ["end", "varint"] },
  Sparse: { 1: ["values", "Tensor"], 2: ["indices", "Tensor"], 3: ["dims", "varints"] },
  ValueInfo: { 1: ["name", "bytes"], 2: ["type", "Type"], 3: ["doc_string", "bytes"] },
  Type: {
    1: ["tensor_type", "TensorType"],
    4: ["sequence_type", "Inner"],
    5: ["map_type", "MapType"],
    6: ["denotation", "bytes"],
    8: ["sparse_tensor_type", "TensorType"],
    9: ["optional_type", "Inner"],
  },
  Inner: { 1: ["elem_type", "Type"] },
  MapType: { 1: ["key_type", "varint"], 2: ["value_type", "Type"] },
  TensorType: { 1: ["elem_type", "varint"], 2: ["shape", "ShapeType"] },
  ShapeType: { 1: ["dim", "Dimension"] },
  Dimension: { 1: ["dim_value", "varint"], 2: ["dim_param", "bytes"], 3: ["denotation", "bytes"] },
};

/** Messages that say nothing where they are empty, and take much more memory than the two bytes of an empty one. */
const neverEmpty = new Set(["Node", "Attribute", "Tensor", "ValueInfo", "Function", "Graph"]);

/** How deep messages may lie in each other: thirty graphs within graphs. */
const DEEPEST = 100;

/** The wire types of each form: 0 a varint, 1 eight bytes, 2 a length and bytes, 5 four bytes. */
const wireTypes: Readonly<Record<string, readonly number[]>> = {
  varint: [0],
  varints: [0, 2],
  four: [5],
  fours: [5, 2],
  eight: [1],
  eights: [1, 2],
  bytes: [2],
} satisfies Partial<Record<Form, readonly number[]>>;

/** Throws OnnxError, with the byte and the field, unless the bytes have the form of a message of onnx.proto, a model by default. */
export function checkWire(bytes: Uint8Array, message = "Model"): void {
  const path: string[] = [];
  let at = 0;

  const damaged = (what: string, place: number): never => {
    const field = path.length === 0 ? "" : `, in ${path.join(".")}`;
    throw new OnnxError(
      `fromOnnx: at byte ${place}${field}: ${what}; the file is damaged, cut short, or no ONNX file`,
    );
  };
  /** A varint's low bits, as far as they are a safe number; null where it is larger. */
  const varint = (end: number): number | null => {
    const start = at;
    let value = 0;
    let factor = 1;
    for (let count = 0; count < 10; count++) {
      if (at >= end) damaged("a number is cut off", start);
      const byte = bytes[at++]!;
      value += (byte & 127) * factor;
      factor *= 128;
      if (byte < 128) return Number.isSafeInteger(value) ? value : null;
    }
    return damaged("a number has more than ten bytes", start);
  };
  const skip = (length: number, end: number, start: number): void => {
    if (length > end - at)
      damaged(
        `a field of ${length} bytes goes ${length - (end - at)} beyond the message that it lies in`,
        start,
      );
    at += length;
  };

  const walk = (name: string, end: number): void => {
    const fields = schema[name]!;
    const counts: Record<string, number> = {};
    while (at < end) {
      const start = at;
      const key = varint(end) ?? damaged("a field's number is too large", start);
      const [number, wire] = [Math.floor(key / 8), key % 8];
      if (number === 0) damaged("a field has the number 0", start);
      const [field, form] = fields[number] ?? [`field ${number}`, null];
      if (form !== null && !(wireTypes[form] ?? [2]).includes(wire))
        damaged(`${field} of a ${name} has wire type ${wire}, which it can't have`, start);
      if (wire === 0) varint(end);
      else if (wire === 1) skip(8, end, start);
      else if (wire === 5) skip(4, end, start);
      else if (wire !== 2)
        damaged(`${field} of a ${name} has wire type ${wire}, which ONNX does not use`, start);
      else {
        const length = varint(end) ?? damaged(`${field} is too long`, start);
        const inner = form !== null && schema[form] !== undefined ? form : null;
        if (inner === null) {
          const from = at;
          skip(length, end, start);
          checkPacked(form, from, start);
          continue;
        }
        if (length > end - at) skip(length, end, start);
        if (length === 0 && neverEmpty.has(inner)) damaged(`${field} of a ${name} is empty`, start);
        if (path.length >= DEEPEST) damaged(`messages lie more than ${DEEPEST} deep in each other`, start);
        const place = counts[field] ?? 0;
        counts[field] = place + 1;
        path.push(`${field}[${place}]`);
        walk(inner, at + length);
        path.pop();
      }
    }
  };
  /** That the bytes of many numbers end with a number. */
  const checkPacked = (form: string | null, from: number, start: number): void => {
    const end = at;
    if (form === "fours" && (end - from) % 4 !== 0) damaged("numbers of four bytes are cut off", start);
    if (form === "eights" && (end - from) % 8 !== 0) damaged("numbers of eight bytes are cut off", start);
    if (form !== "varints") return;
    at = from;
    while (at < end) varint(end);
  };
  walk(message, bytes.length);
}
