// Models from ONNX files.

export type { ElementType as OnnxElementType } from "./element-types.ts";
export type { ValueInfo as OnnxValueInfo } from "./graph.ts";
export { type FromOnnxOptions, fromOnnx, type OnnxInputs, OnnxModel } from "./model.ts";
export { OnnxError } from "./onnx-error.ts";
