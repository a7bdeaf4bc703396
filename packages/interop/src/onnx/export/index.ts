// Programs as ONNX models.

export { type BatchedPrograms, type BatchesOptions, recordBatches } from "./batches.ts";
export { type OnnxOptions, toOnnx } from "./to-onnx.ts";
export { BatchError } from "./twins.ts";
