// The public names of @adjoint/nn.

/**
 * Neural networks: layers, losses, optimizers, training, and files.
 *
 * What holds for every function is not repeated in its entry: it throws TypeError for an argument of another kind than its
 * type says, and for an option of another name.
 *
 * @packageDocumentation
 */

export {
  celuOf,
  elu,
  gelu,
  hardSwish,
  hardTanh,
  type LayerActivation,
  leakyRelu,
  leakyReluOf,
  linear,
  logistic,
  logSoftmax,
  mish,
  relu,
  selu,
  sigmoid,
  sign,
  silu,
  softmax,
  softplus,
  softsign,
  step,
  tanh,
  thresholdOf,
} from "./activations.ts";
export { minMaxScaling, type Scaling, standardScaling } from "./data/scale.ts";
export { kFold, split } from "./data/split.ts";
export {
  type Architecture,
  type ArchitectureOptions,
  architectureOf,
  modelFrom,
} from "./files/architecture.ts";
export { FileError } from "./files/file-error.ts";
export { fromSafetensors, type SafetensorsContent, toSafetensors } from "./files/safetensors.ts";
export { LoadError, type LoadReport, load, save } from "./files/save.ts";
export { type Misfit, type StoredType, storedTypes } from "./files/stored-types.ts";
export type { Callbacks, Moment } from "./fit/callbacks.ts";
export type { Batches, Data, Samples } from "./fit/data.ts";
export { type EvaluateOptions, evaluate } from "./fit/evaluate.ts";
export { type Ending, type FitResult, fit } from "./fit/fit.ts";
export { FitError } from "./fit/fit-error.ts";
export type { History } from "./fit/history.ts";
export type { FitOptions, StopSignal } from "./fit/options.ts";
export type { Stepping, TrainingLoss } from "./fit/programs.ts";
export { lineOf, progressLines } from "./fit/report.ts";
export type { TrainingState, Words } from "./fit/state.ts";
export type { EarlyStoppingOptions, StopOptions, StoppingState } from "./fit/stopping.ts";
export { gainOf } from "./gain.ts";
export {
  allOnes,
  allZeros,
  type Fans,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  type Initializer,
  leCunNormal,
  leCunUniform,
  normalOf,
  scaled,
  truncatedNormalOf,
  uniformRange,
} from "./initializers.ts";
export { type Backpropagation, backpropagation, type LayerTrace } from "./inspect/backpropagation.ts";
export { type LayerSummary, type Summary, summary } from "./inspect/summary.ts";
export {
  type ForwardOptions,
  type Keys,
  keys,
  type Layer,
  type LayerOrFunction,
  parameter,
  parameters,
  type RoleOptions,
  type ShapeKeepingLayer,
  state,
  variables,
} from "./layer.ts";
export * from "./layers/table.ts";
export { absoluteError } from "./losses/absolute-error.ts";
export { type ContrastiveOptions, contrastive } from "./losses/contrastive.ts";
export { cosineDistance } from "./losses/cosine-distance.ts";
export { type CrossEntropyOptions, crossEntropy } from "./losses/cross-entropy.ts";
export { crossEntropyOfProbabilities } from "./losses/cross-entropy-of-probabilities.ts";
export { type FocalOptions, focal } from "./losses/focal.ts";
export { hinge } from "./losses/hinge.ts";
export { type HuberOptions, huber } from "./losses/huber.ts";
export { klDivergence } from "./losses/kl-divergence.ts";
export type { Loss, LossOptions, Reduction } from "./losses/loss.ts";
export { negLogLoss, negLogLossWithLogits } from "./losses/neg-log-loss.ts";
export { type PerplexityOptions, perplexity } from "./losses/perplexity.ts";
export { type PinballOptions, pinball } from "./losses/pinball.ts";
export { meanSquaredError, sumSquaredError } from "./losses/squared-error.ts";
export { type TripletMarginOptions, tripletMargin } from "./losses/triplet-margin.ts";
export { type Making, made, makingOf } from "./made.ts";
export { accuracy } from "./metrics/accuracy.ts";
export { averageOf } from "./metrics/average-of.ts";
export { confusionMatrix } from "./metrics/confusion-matrix.ts";
export type { AverageOptions } from "./metrics/counts.ts";
export { f1 } from "./metrics/f1.ts";
export type { Joined, Measured } from "./metrics/measure.ts";
export { type Metric, metric, type ThresholdOptions } from "./metrics/metric.ts";
export { precision } from "./metrics/precision.ts";
export { r2 } from "./metrics/r2.ts";
export { recall } from "./metrics/recall.ts";
export { rocAuc } from "./metrics/roc-auc.ts";
export { deadUnits } from "./monitors/dead-units.ts";
export { gradientNorm, gradientNorms } from "./monitors/gradient-norms.ts";
export { type HistogramsOptions, histograms } from "./monitors/histograms.ts";
export type { Monitor, Seen, SeenActivation } from "./monitors/monitor.ts";
export { saturation } from "./monitors/saturation.ts";
export { updateRatios } from "./monitors/update-ratios.ts";
export { type AdadeltaOptions, adadelta } from "./optimizers/adadelta.ts";
export { type AdagradOptions, adagrad } from "./optimizers/adagrad.ts";
export { type AdamOptions, adam } from "./optimizers/adam.ts";
export { type AdamWOptions, adamw } from "./optimizers/adamw.ts";
export { type AverageOfWeights, averageOfWeights } from "./optimizers/average-of-weights.ts";
export { accumulate, chain, only, type Part } from "./optimizers/chain.ts";
export { clipByGlobalNorm, clipByValue } from "./optimizers/clip.ts";
export { type LambOptions, lamb } from "./optimizers/lamb.ts";
export { type Lbfgs, type LbfgsOptions, lbfgs } from "./optimizers/lbfgs.ts";
export {
  type Link,
  link,
  type Memory,
  type StepContext,
  type TensorsByPath,
  type Update,
} from "./optimizers/link.ts";
export { type LionOptions, lion } from "./optimizers/lion.ts";
export { type NadamOptions, nadam } from "./optimizers/nadam.ts";
export { type GradientSet, type Optimizer, optimizer, type VariableSet } from "./optimizers/optimizer.ts";
export type { Schedule } from "./optimizers/rate.ts";
export { type RmsPropOptions, rmsProp } from "./optimizers/rms-prop.ts";
export { scaleBy } from "./optimizers/scale-by.ts";
export { type SgdOptions, sgd } from "./optimizers/sgd.ts";
export { weightDecay } from "./optimizers/weight-decay.ts";
export { orthogonal } from "./orthogonal.ts";
export {
  type FromPyTorch,
  type FromPyTorchOptions,
  fromPyTorch,
  type PyTorchNames,
  type PyTorchPlace,
  toPyTorch,
} from "./pytorch.ts";
export { type CosineDecayOptions, cosineDecay } from "./schedules/cosine-decay.ts";
export { type ExponentialDecayOptions, exponentialDecay } from "./schedules/exponential-decay.ts";
export { joined, type Stage } from "./schedules/joined.ts";
export { type OneCycleOptions, oneCycle } from "./schedules/one-cycle.ts";
export { type Plateau, type PlateauOptions, reduceOnPlateau } from "./schedules/reduce-on-plateau.ts";
export { type StepDecayOptions, stepDecay } from "./schedules/step-decay.ts";
export { type WarmUpOptions, warmUp } from "./schedules/warm-up.ts";
export { gridSearch } from "./search/grid.ts";
export { type HalvingOptions, successiveHalving } from "./search/halving.ts";
export { type RandomSearchOptions, randomSearch } from "./search/random.ts";
export type { Plain, Range, Settings, Space } from "./search/space.ts";
export type {
  Objective,
  SearchOptions,
  SearchResult,
  SearchState,
  Trial,
  TrialContext,
} from "./search/trials.ts";
