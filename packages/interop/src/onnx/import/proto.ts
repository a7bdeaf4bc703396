// The messages of ONNX's files, by onnx-proto, a CommonJS module: everything of it is its default export.

import onnxProto from "onnx-proto";

export type { onnx } from "onnx-proto";

type Messages = typeof onnxProto.onnx;

export const ModelProto: Messages["ModelProto"] = onnxProto.onnx.ModelProto;
export const TensorProto: Messages["TensorProto"] = onnxProto.onnx.TensorProto;
