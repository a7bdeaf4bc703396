// Cross-entropy of logits with labels or rows of probabilities.

import { DTypeError, guarded, ShapeError, type Tensor } from "@adjoint/autograd";
import { checkTensor, named } from "../arguments.ts";
import {
  checkAlike,
  checkedFactors,
  checkedReduction,
  checkNumber,
  checkPrediction,
  joined,
  type Loss,
  type LossOptions,
  probabilities,
} from "./loss.ts";

/** The options of `crossEntropy`. */
export interface CrossEntropyOptions extends LossOptions {
  /**
   * The part of each target that is spread evenly over all classes, from 0 (the default) to 1. An impossible class, of logit
   * −∞, then has an infinite loss, unless its class weight is 0. Szegedy et al. (2016).
   */
  readonly labelSmoothing?: number;
  /** A factor for each class, 0 or more: [classes]. The mean over labels divides by the sum of the labels' factors. */
  readonly classWeights?: Tensor;
  /** The label of rows that are left out: their loss is 0, and they don't count in the mean. None by default. */
  readonly ignoreLabel?: number;
}

/** One loss for each row, and how much each counts in a mean (null for all alike). */
interface Rows {
  readonly losses: Tensor;
  readonly counts: Tensor | null;
}

/** Cross-entropy under a name. */
export function crossEntropyAs(name: string): Loss<CrossEntropyOptions> {
  const rowsOfProbabilities = probabilities(name);
  return named(name, (logits: Tensor, target: Tensor, options: CrossEntropyOptions = {}) => {
    checkPrediction(name, logits);
    checkTensor(name, "the target", target);
    const own = ["labelSmoothing", "classWeights", "ignoreLabel"];
    const reduction = checkedReduction(name, options, own);
    checkLogits(name, logits);
    const { labelSmoothing = 0, classWeights, ignoreLabel, weights } = options;
    const isShare = (x: number) => x >= 0 && x <= 1;
    checkNumber(name, "labelSmoothing", labelSmoothing, isShare, "from 0 to 1, e.g. 0.1");
    const ofClasses = classWeights === undefined ? null : factorsOfClasses(name, classWeights, logits);
    const { losses, counts } =
      target.dtype === "int32"
        ? ofLabels(logits, checkedLabels(name, target, logits, ignoreLabel), labelSmoothing, ofClasses)
        : ofRows(
            logits,
            guarded(checkedRows(name, target, logits, ignoreLabel), rowsOfProbabilities),
            labelSmoothing,
            ofClasses,
          );
    return joined(name, losses, reduction, weights, { counts });
  });
}

/**
 * Cross-entropy of softmax(z), from logits z [...batch, classes] and targets: integer labels [...batch] (int32), or
 * rows of probabilities [...batch, classes], which need not sum to one. One loss for each row. Label smoothing, class
 * weights and an ignored label are as in PyTorch's CrossEntropyLoss. It is the same for logits that differ by a common
 * number, exact where it is tiny, and the limit where logits are infinite: −∞ for classes that are impossible. Throws
 * ShapeError where they don't fit, RangeError for a label that is no class, a target that is no probability, and a
 * class weight below 0. In nats (natural log).
 */
export const crossEntropy: Loss<CrossEntropyOptions> = crossEntropyAs("crossEntropy");

function ofRows(logits: Tensor, target: Tensor, smoothing: number, ofClasses: Tensor | null): Rows {
  const shares = smoothing === 0 ? target : target.mul(1 - smoothing).add(smoothing / classesOf(logits));
  const factor = ofClasses === null ? shares : shares.mul(ofClasses);
  // The logit of a class with probability 0 does not count, since it may be −∞.
  return { losses: factor.gate(logits.logSoftmax().neg()).sum({ axis: -1 }), counts: null };
}

interface Labels {
  /** Labels of classes; any class where the label is ignored. */
  readonly labels: Tensor;
  readonly isIgnored: Tensor | null;
}

function ofLabels(
  logits: Tensor,
  { labels, isIgnored }: Labels,
  smoothing: number,
  ofClasses: Tensor | null,
): Rows {
  const logs = logits.logSoftmax();
  const picked = logs.takeAlongAxis(labels.expandDims(-1), { axis: -1 }).squeeze({ axis: -1 }).neg();
  const factor = ofClasses === null ? null : ofClasses.gather(labels);
  const ofLabel = factor === null ? picked : factor.gate(picked);
  const losses = smoothing === 0 ? ofLabel : smoothed(ofLabel, logs, smoothing, ofClasses);
  if (isIgnored === null) return { losses, counts: factor };
  return {
    losses: isIgnored.select(0, losses),
    counts: factor === null ? isIgnored.not().cast(logits.dtype) : isIgnored.select(0, factor),
  };
}

/** The loss of a label and those of all classes, in shares. A share of 0 wins over an infinite loss. */
function smoothed(ofLabel: Tensor, logs: Tensor, smoothing: number, ofClasses: Tensor | null): Tensor {
  const all = (ofClasses === null ? logs : ofClasses.gate(logs)).sum({ axis: -1 }).neg();
  return ofLabel.gate(1 - smoothing).add(all.gate(smoothing / classesOf(logs)));
}

const classesOf = ({ shape }: Tensor): number => shape.at(-1)!;

function checkLogits(name: string, { shape, dtype }: Tensor): void {
  if (shape.length === 0)
    throw new ShapeError(
      `${name}: logits [] have no axis of classes; give [...batch, classes], e.g. x.reshape([1, n])`,
    );
  if (dtype !== "float32" && dtype !== "float64")
    throw new DTypeError(
      `${name}: logits are ${dtype} and must be float32 or float64: logits.cast("float32")`,
    );
}

function checkedRows(name: string, target: Tensor, logits: Tensor, ignoreLabel: unknown): Tensor {
  if (target.rank === logits.rank - 1)
    throw new DTypeError(
      `${name}: labels [${target.shape.join(", ")}] are ${target.dtype} and must be int32: target.cast("int32"); rows of probabilities have the shape of the logits, [${logits.shape.join(", ")}]`,
    );
  if (ignoreLabel !== undefined)
    throw new TypeError(
      `${name}: ignoreLabel is for labels, and the target holds rows of probabilities; give { weights } of 0 for rows that don't count`,
    );
  checkAlike(name, { prediction: logits, target });
  return target;
}

function checkedLabels(name: string, target: Tensor, logits: Tensor, ignoreLabel: unknown): Labels {
  const batch = logits.shape.slice(0, -1);
  if (batch.length !== target.rank || batch.some((n, axis) => n !== target.shape[axis]))
    throw new ShapeError(
      `${name}: logits [${logits.shape.join(", ")}] and labels [${target.shape.join(", ")}]: give one int32 label for each row of logits, [${batch.join(", ")}]`,
    );
  const classes = classesOf(logits);
  // A negative one would be taken for a place counted from the end.
  const check = {
    from: 0,
    to: classes - 1,
    message: `${name}: label {} is none of the ${classes} classes; labels run from 0 to ${classes - 1}`,
  };
  if (ignoreLabel === undefined) return { labels: guarded(target, check), isIgnored: null };
  const isWhole = (x: number) => Object.is(x | 0, x);
  checkNumber(name, "ignoreLabel", ignoreLabel, isWhole, "a whole number of int32, e.g. -1");
  const isIgnored = target.equal(ignoreLabel as number);
  return { labels: guarded(isIgnored.select(0, target), check), isIgnored };
}

function factorsOfClasses(name: string, classWeights: Tensor, logits: Tensor): Tensor {
  checkTensor(name, "classWeights", classWeights);
  const classes = classesOf(logits);
  if (classWeights.rank !== 1 || classWeights.size !== classes)
    throw new ShapeError(
      `${name}: classWeights [${classWeights.shape.join(", ")}] and logits [${logits.shape.join(", ")}]: give one weight for each class, [${classes}]`,
    );
  return checkedFactors(name, "class weight", classWeights, logits.dtype);
}
