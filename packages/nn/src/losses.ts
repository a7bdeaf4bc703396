// Losses. Each is a formula for one sample; how samples are combined is common to all.
//
// The last axis holds a sample's outputs, which are summed; the axes before it are the batch, whose samples are
// averaged. A prediction of rank 1 is a batch of single outputs.

import { type Check, DTypeError, guarded, ShapeError, type Tensor } from "@adjoint/autograd";
import { checkOptions, checkTensor, named } from "./arguments.ts";

/** "mean" over the batch, "sum" over it, or "none": one number for each sample. */
export type Reduction = "mean" | "sum" | "none";

export interface LossOptions {
  readonly reduction?: Reduction;
}

/** A loss of predictions against targets. */
export interface Loss {
  (prediction: Tensor, target: Tensor, options?: LossOptions): Tensor;
  readonly name: string;
}

function reduce(samples: Tensor, reduction: Reduction): Tensor {
  if (reduction === "none") return samples;
  return reduction === "sum" ? samples.sum() : samples.mean();
}

/** The reduction asked for. Throws TypeError where an argument is not what it must be. */
function checked(
  name: string,
  prediction: unknown,
  target: unknown,
  options: LossOptions,
  standard: Reduction,
): Reduction {
  checkTensor(name, "the prediction", prediction, `write ${name}(model.forward(x), target)`);
  checkTensor(name, "the target", target);
  checkOptions(name, options, ["reduction"]);
  const { reduction = standard } = options;
  if (!["mean", "sum", "none"].includes(reduction))
    throw new TypeError(
      `${name}: reduction "${String(reduction)}" is not known; use "mean", "sum" or "none"`,
    );
  return reduction;
}

/** Targets of a loss that are probabilities. Beyond 0 and 1 its formula would reward what is wrong. */
const probabilitiesOf = (name: string): Check => ({
  from: 0,
  to: 1,
  message: `${name}: target {} is no probability; targets lie from 0 to 1: scale them, or look for where they went wrong`,
});

/** Class labels. A negative one would be taken for a place counted from the end. */
const labelsBelow = (classes: number): Check => ({
  from: 0,
  to: classes - 1,
  message: `crossEntropy: label {} is none of the ${classes} classes; labels run from 0 to ${classes - 1}`,
});

/** A loss whose targets are probabilities. */
function perProbability(name: string, formula: (prediction: Tensor, target: Tensor) => Tensor): Loss {
  const check = probabilitiesOf(name);
  return perOutput(name, (prediction, target) => formula(prediction, guarded(target, check)));
}

/** A loss from its formula for one output: summed over a sample's outputs, then reduced over the batch as asked. */
function perOutput(
  name: string,
  formula: (prediction: Tensor, target: Tensor) => Tensor,
  standard: Reduction = "mean",
): Loss {
  const loss = (prediction: Tensor, target: Tensor, options: LossOptions = {}) => {
    const reduction = checked(name, prediction, target, options, standard);
    checkAlike(name, prediction, target);
    const each = formula(prediction, target);
    return reduce(each.rank < 2 ? each : each.sum({ axis: -1 }), reduction);
  };
  return named(name, loss);
}

// Broadcasting [n] against [n, 1] would silently make n² losses, a classic mistake.
function checkAlike(name: string, prediction: Tensor, target: Tensor): void {
  const [a, b] = [prediction.shape, target.shape];
  if (a.length !== b.length || !a.every((n, axis) => n === b[axis])) {
    throw new ShapeError(
      `${name}: prediction [${a.join(", ")}] and target [${b.join(", ")}] differ; they must have one shape: reshape the target`,
    );
  }
  if (prediction.dtype !== target.dtype) {
    throw new DTypeError(
      `${name}: prediction is ${prediction.dtype} and target ${target.dtype}; they must be of one type: target.cast("${prediction.dtype}")`,
    );
  }
}

/** Squared error (ŷ − y)²: over a sample's outputs summed, over the batch averaged. */
export const meanSquaredError: Loss = perOutput("meanSquaredError", (p, t) => p.sub(t).square());

/** Squared error (ŷ − y)², summed over everything by default. */
export const sumSquaredError: Loss = perOutput("sumSquaredError", (p, t) => p.sub(t).square(), "sum");

/** Absolute error |ŷ − y|: summed over outputs, averaged over the batch. Derivative 0 where they agree. */
export const absoluteError: Loss = perOutput("absoluteError", (p, t) => p.sub(t).abs());

/**
 * −y log ŷ − (1 − y) log(1 − ŷ) of probabilities ŷ and targets y from 0 to 1: summed over outputs, averaged over the
 * batch. A certain and right answer costs 0, a certain and wrong one ∞; from logits, `negLogLossWithLogits` stays finite.
 */
export const negLogLoss: Loss = perProbability("negLogLoss", (p, y) =>
  // gate is a product in which 0 wins: 0·log 0 is 0 here, as the limit is.
  y.gate(p.log()).add(y.neg().add(1).gate(p.neg().log1p())).neg(),
);

/**
 * negLogLoss of logistic(z), from logits z: y·softplus(−z) + (1 − y)·softplus(z), whose terms are never negative. It neither
 * overflows nor cancels, and at infinite logits it is the limit, 0 or ∞.
 */
export const negLogLossWithLogits: Loss = perProbability("negLogLossWithLogits", (z, y) =>
  y.gate(z.neg().softplus()).add(y.neg().add(1).gate(z.softplus())),
);

/** max(0, 1 − y·ŷ) with targets of ±1: summed over outputs, averaged over the batch. Derivative 0 at the hinge. */
export const hinge: Loss = perOutput("hinge", (p, t) => p.mul(t).neg().add(1).relu());

/** Squared near the target, absolute beyond a distance of 1 (Huber 1964): ½d² or |d| − ½; summed over outputs, averaged over the batch. */
export const huber: Loss = perOutput("huber", (p, t) => {
  const difference = p.sub(t);
  const distance = difference.abs();
  // The square of the difference, not of the distance, whose slope is 0 at 0: there its curvature would be lost.
  return distance.lessEqual(1).select(difference.square().mul(0.5), distance.sub(0.5));
});

/** Σ y log(y/ŷ) of probabilities: how far predictions ŷ are from a distribution y; averaged over the batch. */
export const klDivergence: Loss = perProbability("klDivergence", (p, y) =>
  y.gate(y.log()).sub(y.gate(p.log())),
);

/** −Σ y log ŷ of probabilities ŷ that sum to one, such as softmax gives; averaged over the batch. From logits, `crossEntropy` is more accurate. */
export const crossEntropyOfProbabilities: Loss = perProbability("crossEntropyOfProbabilities", (p, y) =>
  y.gate(p.log()).neg(),
);

const rowsOfProbabilities = probabilitiesOf("crossEntropy");

/**
 * Cross-entropy of softmax(z), from logits z [...batch, classes] and targets: integer labels [...batch] (int32), or rows of
 * probabilities [...batch, classes], which need not sum to one. Averaged over the batch. It is the same for logits that
 * differ by a common number, exact where it is tiny, and the limit where logits are infinite: −∞ for classes that are
 * impossible. Throws ShapeError where they don't fit, RangeError for a label that is no class and a target that is no probability.
 */
export const crossEntropy: Loss = named(
  "crossEntropy",
  (logits: Tensor, target: Tensor, options: LossOptions = {}) => {
    const reduction = checked("crossEntropy", logits, target, options, "mean");
    checkLogits(logits);
    if (target.dtype !== "int32") {
      if (target.rank === logits.rank - 1)
        throw new DTypeError(
          `crossEntropy: labels [${target.shape.join(", ")}] are ${target.dtype} and must be int32: target.cast("int32"); rows of probabilities have the shape of the logits, [${logits.shape.join(", ")}]`,
        );
      checkAlike("crossEntropy", logits, target);
      // The logit of a class with probability 0 does not count, since it may be −∞.
      const shares = guarded(target, rowsOfProbabilities).gate(logits.logSoftmax().neg());
      return reduce(shares.sum({ axis: -1 }), reduction);
    }
    const batch = logits.shape.slice(0, -1);
    if (batch.length !== target.rank || batch.some((n, axis) => n !== target.shape[axis])) {
      throw new ShapeError(
        `crossEntropy: logits [${logits.shape.join(", ")}] and labels [${target.shape.join(", ")}]: give one int32 label for each row of logits, [${batch.join(", ")}]`,
      );
    }
    const labels = guarded(target, labelsBelow(logits.shape.at(-1)!));
    const picked = logits
      .logSoftmax()
      .takeAlongAxis(labels.expandDims(-1), { axis: -1 })
      .squeeze({ axis: -1 });
    return reduce(picked.neg(), reduction);
  },
);

function checkLogits({ shape, dtype }: Tensor): void {
  if (shape.length === 0)
    throw new ShapeError(
      "crossEntropy: logits [] have no axis of classes; give [...batch, classes], e.g. x.reshape([1, n])",
    );
  if (dtype !== "float32" && dtype !== "float64")
    throw new DTypeError(
      `crossEntropy: logits are ${dtype} and must be float32 or float64: logits.cast("float32")`,
    );
}
