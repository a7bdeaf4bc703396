// The public names of @adjoint/nn.

export {
  elu,
  gelu,
  type LayerActivation,
  leakyRelu,
  leakyReluOf,
  linear,
  logistic,
  logSoftmax,
  relu,
  sigmoid,
  sign,
  silu,
  softmax,
  softplus,
  step,
  tanh,
} from "./activations.ts";
export {
  allOnes,
  allZeros,
  type Fans,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  type Initializer,
  uniformRange,
} from "./initializers.ts";
export { type Backpropagation, backpropagation, type LayerTrace } from "./inspect/backpropagation.ts";
export {
  type ForwardOptions,
  keys,
  type Layer,
  type LayerOrFunction,
  parameter,
  parameters,
  type RoleOptions,
  state,
  variables,
} from "./layer.ts";
export { Dense, type DenseOptions, dense } from "./layers/dense.ts";
export { type MlpOptions, mlp, type Sequential, sequential } from "./layers/sequential.ts";
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
export { type AdamOptions, adam } from "./optimizers/adam.ts";
export { type Optimizer, optimizer, type Update, type VariableSet } from "./optimizers/optimizer.ts";
export { type SgdOptions, sgd } from "./optimizers/sgd.ts";
