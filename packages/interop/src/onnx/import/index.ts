// Models from ONNX files.

export type { ElementType } from "./element-types.ts";
export type { ValueInfo } from "./graph.ts";
export { type FromOnnxOptions, fromOnnx, type OnnxInputs, OnnxModel } from "./model.ts";
export { OnnxError } from "./onnx-error.ts";
