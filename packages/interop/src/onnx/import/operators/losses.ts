// Losses of classes.

import { type Tensor, tensor, where } from "@adjoint/autograd";
import { type Datum, floats } from "../datum.ts";
import type { NodeReader } from "../node-reader.ts";
import type { Operators } from "./operator.ts";

interface Settings {
  readonly reduction: "none" | "mean" | "sum";
  /** A class whose elements don't count. */
  readonly ignored: number | null;
}

const settingsOf = (node: NodeReader): Settings => ({
  reduction: node.oneOf("reduction", ["none", "sum", "mean"], "mean"),
  ignored: node.has("ignore_index") ? node.int("ignore_index") : null,
});

/** Minus the log probability of each target: [batch, classes, ...] and [batch, ...] → [batch, ...], weighted and reduced. */
function negLogLikelihood(
  logs: Tensor,
  target: Datum,
  weights: Tensor | undefined,
  { reduction, ignored }: Settings,
): Tensor {
  const labels = target.tensor;
  const isIgnored = ignored === null ? null : labels.equal(ignored);
  // What is ignored may be no class.
  const classes: Tensor =
    isIgnored === null ? labels : (where(isIgnored, tensor(0, { dtype: "int32" }), labels) as Tensor);
  const taken = (logs.takeAlongAxis(classes.expandDims(1), { axis: 1 }) as Tensor).squeeze({
    axis: 1,
  }) as Tensor;
  const each = weights === undefined ? null : (weights.gather(classes) as Tensor);
  const counts = (x: Tensor): Tensor => (isIgnored === null ? x : (where(isIgnored, 0, x) as Tensor));
  const losses = counts(each === null ? taken.neg() : taken.neg().mul(each));
  if (reduction === "none") return losses;
  if (reduction === "sum") return losses.sum();
  if (each === null && isIgnored === null) return losses.mean();
  const total = counts(each ?? taken.mul(0).add(1)).sum();
  return losses.sum().div(total);
}

export const losses: Operators = {
  NegativeLogLikelihoodLoss: {
    since: 12,
    inputs: [2, 3],
    prepare(node) {
      const settings = settingsOf(node);
      return ([x, target, weights]) =>
        x!.with(negLogLikelihood(floats(x!, "the input"), target!, weights?.tensor, settings));
    },
  },
  SoftmaxCrossEntropyLoss: {
    since: 12,
    inputs: [2, 3],
    outputs: 2,
    prepare(node) {
      const settings = settingsOf(node);
      return ([x, target, weights]) => {
        const logs = floats(x!, "the scores").logSoftmax({ axis: 1 });
        return [x!.with(negLogLikelihood(logs, target!, weights?.tensor, settings)), x!.with(logs)];
      };
    },
  },
};
