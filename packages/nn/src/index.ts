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
export {
  absoluteError,
  crossEntropy,
  crossEntropyOfProbabilities,
  hinge,
  huber,
  klDivergence,
  type Loss,
  type LossOptions,
  meanSquaredError,
  negLogLoss,
  negLogLossWithLogits,
  type Reduction,
  sumSquaredError,
} from "./losses.ts";
export { type AdamOptions, adam } from "./optimizers/adam.ts";
export { type Optimizer, optimizer, type Update, type VariableSet } from "./optimizers/optimizer.ts";
export { type SgdOptions, sgd } from "./optimizers/sgd.ts";
