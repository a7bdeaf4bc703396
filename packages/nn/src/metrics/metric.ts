// What a metric is, and what metrics have in common: the weights of samples, and classes.

import { ones, ShapeError, type Tensor } from "@adjoint/autograd";
import { checkTensor, hasShape } from "../arguments.ts";
import { checkBroadcasts } from "../losses/loss.ts";
import type { Joined, Measured } from "./measure.ts";

/**
 * How good predictions are. `of` measures all at once; `fit` and `evaluate` join what `part` gives for each batch. What a
 * sample of weight 0 holds does not count, and where another one's prediction is NaN, so is the value.
 */
export interface Metric extends Joined {
  /** What one batch adds: a float64 tensor. Weights are one for each sample, [batch]. Compiled, where training is. */
  part(prediction: Tensor, target: Tensor, weights: Tensor): Tensor;
  /** The value for some predictions; all weights are 1 by default. */
  of(prediction: Tensor, target: Tensor, weights?: Tensor): Measured;
}

/**
 * A metric from what it does with a batch. Its `of` throws ShapeError where predictions and targets differ in the
 * number of samples, [n, ...], or weights are not [n].
 */
export function metric(statement: Omit<Metric, "of">): Metric {
  const { name, part, value } = statement;
  const checked: Metric["part"] = (prediction, target, weights) => {
    checkTensor(name, "the prediction", prediction, `write ${name}().of(model.forward(x), target)`);
    checkTensor(name, "the target", target);
    checkTensor(name, "the weights", weights);
    checkSamples(name, prediction, target, weights);
    return part(prediction, target, weights.cast("float64"));
  };
  return Object.freeze<Metric>({
    ...statement,
    part: checked,
    of(prediction, target, weights) {
      checkTensor(name, "the prediction", prediction, `write ${name}().of(model.forward(x), target)`);
      return value(checked(prediction, target, weights ?? ones([prediction.shape[0] ?? 1])));
    },
  });
}

function checkSamples(name: string, prediction: Tensor, target: Tensor, weights: Tensor): void {
  if (prediction.rank === 0 || target.rank === 0 || prediction.shape[0] !== target.shape[0])
    throw new ShapeError(
      `${name}: prediction [${prediction.shape.join(", ")}] and target [${target.shape.join(", ")}] differ in the number of samples; both have one along the first axis for each`,
    );
  if (weights.rank !== 1)
    throw new ShapeError(
      `${name}: weights [${weights.shape.join(", ")}] are one for each sample: [${prediction.shape[0]}]`,
    );
  checkBroadcasts(name, "weights", weights, [prediction.shape[0]!]);
}

/**
 * The weights of samples [n], as those of everything in a shape [n, …]. A weight becomes NaN where `suspect`, of that shape,
 * is NaN, unless it is 0.
 */
export function spread(weights: Tensor, suspect: Tensor): Tensor {
  const { shape } = suspect;
  const each = weights.reshape([weights.size, ...shape.slice(1).map(() => 1)]).broadcastTo(shape);
  return each.gate(suspect.isNaN().select(Number.NaN, 1).cast("float64"));
}

/** Which class is predicted and which is right, [n], with the weight of each. */
export interface Classes {
  readonly predicted: Tensor;
  readonly actual: Tensor;
  readonly weights: Tensor;
  readonly count: number;
}

/** The option of metrics of two classes. */
export interface ThresholdOptions {
  /** From which prediction on a sample is of class 1, where there are two: 0.5 by default; 0 for logits. */
  readonly threshold?: number;
}

/** Whether predictions are one number for each target, so that there are two classes. */
const isBinary = (prediction: Tensor, target: Tensor): boolean =>
  prediction.rank === 1 || (prediction.shape.at(-1) === 1 && prediction.rank === target.rank);

/**
 * The classes that predictions and targets stand for. Predictions [n, …, classes], of which the largest wins, the first of
 * equals, with int32 labels [n, …] or rows of the predictions' shape, of which the largest is right. Or, for two classes,
 * predictions [n] or [n, …, 1] with targets of the same shape, of which those from 0.5 on are class 1.
 * Throws ShapeError for others.
 */
export function classesOf(
  name: string,
  prediction: Tensor,
  target: Tensor,
  weights: Tensor,
  threshold: number,
): Classes {
  const same = hasShape(prediction, target.shape);
  if (isBinary(prediction, target)) {
    if (!same) throw mismatch(name, prediction, target);
    return {
      predicted: prediction.greaterEqual(threshold).cast("int32").flatten(),
      actual: target.cast("float64").greaterEqual(0.5).cast("int32").flatten(),
      weights: spread(weights, prediction).flatten(),
      count: 2,
    };
  }
  const rows = prediction.shape.slice(0, -1);
  if (!same && (target.dtype !== "int32" || rows.join() !== target.shape.join()))
    throw mismatch(name, prediction, target);
  // NaN in any place of a row makes the row's sum NaN; of infinities of both signs, too, and then the largest is known.
  const suspect = prediction.isNaN().any({ axis: -1 }).select(Number.NaN, 0);
  return {
    predicted: prediction.argmax({ axis: -1 }).cast("int32").flatten(),
    actual: (same ? target.argmax({ axis: -1 }).cast("int32") : target).flatten(),
    weights: spread(weights, suspect).flatten(),
    count: prediction.shape.at(-1)!,
  };
}

const mismatch = (name: string, prediction: Tensor, target: Tensor): ShapeError =>
  new ShapeError(
    `${name}: prediction [${prediction.shape.join(", ")}] and ${target.dtype} target [${target.shape.join(", ")}] don't fit; give predictions [n, classes] with int32 labels [n] or rows [n, classes], or one prediction for each target, of one shape`,
  );
