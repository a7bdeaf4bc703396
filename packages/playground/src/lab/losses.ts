// The losses that are offered: what each needs of data and outputs, and how its outputs are read.

import { type Tensor, tensor } from "@adjoint/autograd";
import {
  absoluteError,
  crossEntropy,
  hinge,
  huber,
  type Loss,
  meanSquaredError,
  negLogLoss,
  negLogLossWithLogits,
} from "@adjoint/nn";
import type { Choice } from "./lab.ts";

/** How the outputs of a loss are read. */
type Outputs = "probabilities" | "logits" | "numbers" | "margins";

interface LossEntry extends Choice {
  readonly loss: Loss;
  readonly outputs: Outputs;
  /** Whether classes have an output each where there are two. */
  readonly isPerClass: boolean;
  readonly takesNumbers: boolean;
}

const entry = (
  loss: Loss,
  title: string,
  outputs: Outputs,
  about: string,
  { isPerClass = false, takesNumbers = false } = {},
): LossEntry => ({ name: loss.name, title, about, loss, outputs, isPerClass, takesNumbers });

const table: readonly LossEntry[] = [
  entry(
    negLogLoss,
    "neg-log-loss",
    "probabilities",
    "−y log ŷ − (1 − y) log(1 − ŷ), the lecture's loss of classifications; its outputs are probabilities, so that the output activation is logistic.",
  ),
  entry(
    negLogLossWithLogits,
    "neg-log-loss from logits",
    "logits",
    "The same of σ(z), computed from z, so that it does not overflow; its output activation is linear.",
  ),
  entry(
    crossEntropy,
    "softmax cross-entropy",
    "logits",
    "−log of the probability that softmax gives to the right class; for several classes, with a linear output activation.",
    { isPerClass: true },
  ),
  entry(
    meanSquaredError,
    "mean squared error",
    "numbers",
    "(ŷ − y)², the loss of regressions, where large errors count most.",
    { takesNumbers: true },
  ),
  entry(
    huber,
    "Huber",
    "numbers",
    "Squared near the target and linear beyond 1, so that outliers count less.",
    {
      takesNumbers: true,
    },
  ),
  entry(absoluteError, "absolute error", "numbers", "|ŷ − y|, whose best prediction is the median.", {
    takesNumbers: true,
  }),
  entry(
    hinge,
    "hinge",
    "margins",
    "max(0, 1 − y·ŷ) with targets of ±1, as in support vector machines; for classes, with a linear output activation.",
  ),
];

export const lossChoices: readonly Choice[] = table.map(({ name, title, about }) => ({ name, title, about }));

/** A loss for the data at hand, and how to read what the network gives. */
export interface Task {
  readonly name: string;
  readonly loss: Loss;
  readonly outputs: Outputs;
  /** How many outputs the network has. */
  readonly units: number;
  /** The number of classes; 0 where a number is predicted. */
  readonly classes: number;
}

/** The entry of a name; undefined where there is none. */
export const lossNamed = (name: string): LossEntry | undefined => table.find((each) => each.name === name);

/** A loss for so many classes; 0 for a number. */
export function taskOf({ name, loss, outputs, isPerClass }: LossEntry, classes: number): Task {
  const units = classes === 0 || (classes === 2 && !isPerClass) ? 1 : classes;
  return { name, loss, outputs, units, classes };
}

/** The mean over the batch, a sample's outputs summed, as the lecture has it. */
export const lossOf = (task: Task, prediction: Tensor, target: Tensor): Tensor =>
  task.loss(prediction, target, { reduction: "batchMean" });

/** Targets as the loss takes them: labels for cross-entropy, else [samples, units] of numbers, of 0 and 1, or of ±1. */
export function targetOf(
  { name, outputs, units, classes }: Task,
  y: Float64Array,
  dtype: "float32" | "float64",
): Tensor {
  if (name === "crossEntropy") return tensor(Int32Array.from(y));
  const least = outputs === "margins" ? -1 : 0;
  const cells = new Float64Array(y.length * units);
  for (let i = 0; i < y.length; i++) {
    if (classes === 0) cells[i] = y[i]!;
    else if (units === 1) cells[i] = y[i] === 1 ? 1 : least;
    else for (let k = 0; k < units; k++) cells[i * units + k] = y[i] === k ? 1 : least;
  }
  return tensor(cells).reshape([y.length, units]).cast(dtype);
}

/** From outputs [samples, units] the class or the number that is predicted: [samples]. */
export function decided({ outputs, units, classes }: Task, output: Tensor): Tensor {
  if (classes === 0) return output.reshape([-1]);
  if (units > 1) return output.argmax({ axis: 1 }).cast(output.dtype);
  const threshold = outputs === "logits" || outputs === "margins" ? 0 : 0.5;
  return output.reshape([-1]).greater(threshold).cast(output.dtype);
}

/** What a field shows of outputs: the probability of the second of two classes, the likeliest of several, or the number. */
export function pictured(task: Task, output: Tensor): Tensor {
  const { outputs, units, classes } = task;
  if (classes !== 2) return decided(task, output);
  if (units === 2) return output.softmax().slice(null, 1);
  const value = output.reshape([-1]);
  if (outputs === "probabilities") return value;
  if (outputs === "logits") return value.logistic();
  // A number that stands for a class: 0 and 1, or ±1.
  return (outputs === "margins" ? value.add(1).div(2) : value).clip(0, 1);
}
