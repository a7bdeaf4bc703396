// Losses of one sample, summed over its outputs, each with ∂J/∂ŷ written out by hand.
// Stops at one sample: the mean or sum over a batch is taken in network.ts.

import { activationNamed, logistic, type OutputRange, softmax, softplus } from "./activations.ts";
import { at, sum } from "./matrix.ts";

/** How the losses of a batch's samples become one number. */
export type Reduction = "batchMean" | "sum";

/** What a target row holds; `oneHot` also takes a row of one entry, the integer label. */
export type TargetKind = "real" | "probability" | "plusMinusOne" | "oneHot";

export interface ClosedFormLoss {
  /** J of one sample. Both: [n], save that a `oneHot` target may be [1], its label. */
  value(prediction: number[], target: number[]): number;
  /** ∂J/∂ŷ of one sample. [n] → [n]. */
  gradient(prediction: number[], target: number[]): number[];
  /** Over a batch, where the caller does not say. */
  defaultReduction: Reduction;
  /** Where predictions must lie for J to be finite and differentiable. */
  predictions: OutputRange;
  targets: TargetKind;
  /** For one output's target, the predictions at which J or a derivative of it jumps. */
  kinks(target: number): number[];
}

/** Where `huber` turns from a square into a line. */
export const huberDelta = 1;

/** Every loss with a closed form, by its name. At a kink the derivative is 0. */
export const closedFormLosses: Record<string, ClosedFormLoss> = {
  // (1/N) Σ (ŷ − y)²: N counts samples, so a sample's outputs are summed and only the batch is averaged.
  meanSquaredError: perOutput(
    (prediction, target) => (prediction - target) ** 2,
    (prediction, target) => 2 * (prediction - target),
  ),
  sumSquaredError: perOutput(
    (prediction, target) => (prediction - target) ** 2,
    (prediction, target) => 2 * (prediction - target),
    { defaultReduction: "sum" },
  ),
  // The lecture's (ŷ − y) / (ŷ(1 − ŷ)) kept as its two terms, and 0 · log 0 = 0: a saturated neuron that is
  // right (ŷ = y = 1) then has the value 0 and the slope −1, not NaN.
  negLogLoss: perOutput(
    (prediction, target) =>
      -timesUnlessZero(target, Math.log(prediction)) - timesUnlessZero(1 - target, Math.log1p(-prediction)),
    (prediction, target) =>
      -timesUnlessZero(target, 1 / prediction) + timesUnlessZero(1 - target, 1 / (1 - prediction)),
    { predictions: "unitInterval", targets: "probability" },
  ),
  // −y log σ(z) − (1 − y) log(1 − σ(z)) = log(1 + eᶻ) − yz.
  negLogLossWithLogits: perOutput(
    (logit, target) => softplus(logit) - target * logit,
    (logit, target) => logistic(logit) - target,
    { targets: "probability" },
  ),
  // Σ yᵢ (log Σⱼ eᶻʲ − zᵢ), whose gradient is ŷ − y for a row y that sums to one, ŷ = softmax(z).
  crossEntropy: {
    value(logits, target) {
      const logSum = logSumExp(logits);
      return sum(oneHotRow(target, logits.length).map((y, i) => y * (logSum - at(logits, i))));
    },
    gradient(logits, target) {
      const row = oneHotRow(target, logits.length);
      const total = sum(row);
      return softmax(logits).map((probability, i) => total * probability - at(row, i));
    },
    defaultReduction: "batchMean",
    predictions: "real",
    targets: "oneHot",
    kinks: () => [],
  },
  crossEntropyOfProbabilities: {
    value(probabilities, target) {
      const row = oneHotRow(target, probabilities.length);
      return -sum(probabilities.map((probability, i) => timesUnlessZero(at(row, i), Math.log(probability))));
    },
    gradient(probabilities, target) {
      const row = oneHotRow(target, probabilities.length);
      return probabilities.map((probability, i) => -timesUnlessZero(at(row, i), 1 / probability));
    },
    defaultReduction: "batchMean",
    predictions: "positive",
    targets: "oneHot",
    kinks: () => [],
  },
  hinge: perOutput(
    (prediction, target) => Math.max(0, 1 - target * prediction),
    (prediction, target) => (1 - target * prediction > 0 ? -target : 0),
    { targets: "plusMinusOne", kinks: (target) => [1 / target] },
  ),
  absoluteError: perOutput(
    (prediction, target) => Math.abs(prediction - target),
    (prediction, target) => Math.sign(prediction - target),
    { kinks: (target) => [target] },
  ),
  // Its first derivative is continuous at ±δ, its second is not.
  huber: perOutput(
    (prediction, target) => {
      const distance = Math.abs(prediction - target);
      return distance <= huberDelta ? distance ** 2 / 2 : huberDelta * (distance - huberDelta / 2);
    },
    (prediction, target) => Math.max(-huberDelta, Math.min(huberDelta, prediction - target)),
    { kinks: (target) => [target - huberDelta, target + huberDelta] },
  ),
};

/** The loss of that name; throws RangeError with the names there are. */
export function lossNamed(name: string): ClosedFormLoss {
  const loss = closedFormLosses[name];
  if (loss === undefined) {
    throw new RangeError(
      `loss "${name}" has no closed form here; these have: ${Object.keys(closedFormLosses).join(", ")}`,
    );
  }
  return loss;
}

/**
 * Whether every output of that activation lies where the loss is finite.
 * Softmax of a single neuron is the constant 1, so with negLogLoss softmax needs two outputs or more.
 */
export function isClosedFormPair(outputActivation: string, loss: string): boolean {
  const { range } = activationNamed(outputActivation);
  const { predictions } = lossNamed(loss);
  return predictions === "real" || predictions === range || (predictions === "positive" && range !== "real");
}

/** A row of a `oneHot` target: the row itself, or the row that an integer label [k] stands for. → [classes] */
export function oneHotRow(target: number[], classes: number): number[] {
  if (target.length === classes) return target;
  const label = at(target, 0);
  if (target.length !== 1 || !Number.isInteger(label) || label < 0 || label >= classes) {
    throw new RangeError(
      `oneHotRow: [${target.join(", ")}] is neither a row of ${classes} entries nor one label in 0..${classes - 1}`,
    );
  }
  return Array.from({ length: classes }, (_, i) => (i === label ? 1 : 0));
}

function perOutput(
  term: (prediction: number, target: number) => number,
  slope: (prediction: number, target: number) => number,
  rest: Partial<Pick<ClosedFormLoss, "defaultReduction" | "predictions" | "targets" | "kinks">> = {},
): ClosedFormLoss {
  const eachOutput = (f: typeof term, prediction: number[], target: number[]): number[] => {
    if (prediction.length !== target.length) {
      throw new RangeError(
        `loss: prediction [${prediction.length}] and target [${target.length}] must have the same length`,
      );
    }
    return prediction.map((entry, i) => f(entry, at(target, i)));
  };
  return {
    value: (prediction, target) => sum(eachOutput(term, prediction, target)),
    gradient: (prediction, target) => eachOutput(slope, prediction, target),
    defaultReduction: "batchMean",
    predictions: "real",
    targets: "real",
    kinks: () => [],
    ...rest,
  };
}

function timesUnlessZero(factor: number, value: number): number {
  return factor === 0 ? 0 : factor * value;
}

/** log Σ eᶻⁱ, shifted by the largest so that nothing overflows. */
function logSumExp(z: number[]): number {
  const largest = Math.max(...z);
  return largest + Math.log(sum(z.map((zi) => Math.exp(zi - largest))));
}
