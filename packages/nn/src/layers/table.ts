// The layers: what the package exports of them, and what a saved architecture is read with.

export {
  adaptiveAveragePool1d,
  adaptiveAveragePool2d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
} from "./adaptive-pooling.ts";
export {
  type Attended,
  type AttentionForward,
  type AttentionMasks,
  type AttentionOptions,
  attentionWeights,
  causalMask,
  type MultiHeadAttention,
  multiHeadAttention,
} from "./attention.ts";
export { type BatchNorm, type BatchNormOptions, batchNorm } from "./batch-norm.ts";
export {
  type Convolution,
  type ConvolutionLayerOptions,
  conv1d,
  conv2d,
  type Padding,
  type TwoAxes,
} from "./convolution.ts";
export { Dense, type DenseOptions, dense } from "./dense.ts";
export { dropout } from "./dropout.ts";
export { type EmbeddingOptions, embedding } from "./embedding.ts";
export { flatten } from "./flatten.ts";
export { groupNorm } from "./group-norm.ts";
export { layerNorm } from "./layer-norm.ts";
export { type LearnedActivationOptions, prelu, snake, swish } from "./learned-activations.ts";
export { type MaxoutOptions, maxout } from "./maxout.ts";
export type { NormalizationOptions } from "./normalized.ts";
export {
  averagePool1d,
  averagePool2d,
  maxPool1d,
  maxPool2d,
  type Pooling,
  type PoolingOptions,
} from "./pooling.ts";
export {
  type LearnedPositions,
  type LearnedPositionsOptions,
  learnedPositions,
  rotary,
  sinusoidalPositions,
  sinusoids,
} from "./positions.ts";
export { gru, gruCell } from "./recurrent/gru.ts";
export { type LstmCarry, type LstmCellOptions, lstm, lstmCell } from "./recurrent/lstm.ts";
export { type PlainCellOptions, plainCell, plainRecurrent } from "./recurrent/plain.ts";
export {
  type Cell,
  type Directions,
  type Recurrent,
  type RecurrentOptions,
  recurrent,
  type SequenceOptions,
  type Unrolled,
} from "./recurrent/recurrent.ts";
export type { CellOptions, StackOptions } from "./recurrent/weighted-cell.ts";
export { residual } from "./residual.ts";
export { rmsNorm } from "./rms-norm.ts";
export { type MlpOptions, mlp, type Sequential, sequential } from "./sequential.ts";
export {
  type BlockOptions,
  type DecoderBlock,
  type DecoderForward,
  decoderBlock,
  type EncoderBlock,
  encoderBlock,
} from "./transformer.ts";
export {
  convTranspose1d,
  convTranspose2d,
  type TransposedConvolutionOptions,
} from "./transposed-convolution.ts";
export type { WeightedLayer, WindowedOptions } from "./windowed.ts";
