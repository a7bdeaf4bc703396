// The public names of @adjoint/interop.

/**
 * Programs and weights for other engines, and from them: StableHLO for XLA, ONNX, and files of numbers.
 *
 * @packageDocumentation
 */

export {
  type FromKeras,
  type FromKerasOptions,
  fromKeras,
  type KerasOptions,
  toKeras,
} from "./files/keras.ts";
export { readNpy, writeNpy } from "./files/npy.ts";
export { readNpz, writeNpz } from "./files/npz.ts";
export {
  BatchError,
  type BatchedPrograms,
  type BatchesOptions,
  type OnnxOptions,
  recordBatches,
  toOnnx,
} from "./onnx/export/index.ts";
export {
  type FromOnnxOptions,
  fromOnnx,
  type OnnxElementType,
  OnnxError,
  type OnnxInputs,
  OnnxModel,
  type OnnxValueInfo,
} from "./onnx/import/index.ts";
export type { Elements, NumberType } from "./stablehlo/atoms/elements.ts";
export type { Loops, OwnAtom, OwnStep } from "./stablehlo/context.ts";
export type { Emitter } from "./stablehlo/emitter.ts";
export type { Binary, Combining, Direction, Operand, Special, Unary } from "./stablehlo/operand.ts";
export type { NamedPlace } from "./stablehlo/places.ts";
export type { Mesh, Sharding } from "./stablehlo/sharding.ts";
export type { MeshOptions, Said, Shardings } from "./stablehlo/shardings.ts";
export { type StableHLOOptions, toStableHLO } from "./stablehlo/to-stablehlo.ts";
export type { ElementType } from "./stablehlo/types.ts";
export { type XLABundle, xlaBundle } from "./xla/bundle.ts";
