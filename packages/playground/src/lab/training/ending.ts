// Why a training can't go on: in words that say what to do.

import { explainNonFinite } from "@adjoint/autograd/check";
import { lossOf } from "../losses.ts";
import type { Network, Samples } from "../network.ts";

const told = (value: number): string => `${Number(value.toPrecision(2))}`.replace("-", "−");

/** Why the loss is no finite number with weights that are still finite. */
export function whyNotFinite(
  network: Network,
  { x, y }: Samples,
  learningRate: number,
  step: number,
): string {
  const origin = explainNonFinite(() => lossOf(network.task, network.run(x).at(-1)!, y));
  const when = step === 0 ? "With the first weights the loss" : `In step ${step} the loss`;
  if (origin.found) {
    const { operation, value, operands, cotangent } = origin;
    const what = `${origin.pass === "forward" ? "" : "the derivative of "}${operation.replace(/^map /, "")}`;
    const of = operands.map(({ value: own }) => (own === null ? "numbers" : told(own))).join(" and ");
    const arrived = cotangent === null ? "" : ", going back";
    return `${when} or a gradient is no finite number: ${what} is ${told(value)}${of === "" ? "" : ` of ${of}`}${arrived}. Take an activation and a loss that are finite there${step === 0 ? "" : `, or a learning rate below ${told(learningRate)}`}.`;
  }
  const slower = `a smaller learning rate, ${told(learningRate / 10)} in place of ${told(learningRate)}, say`;
  // Weights that are put back to the last finite ones show no origin.
  return network.task.outputs === "probabilities"
    ? `${when} is no finite number: a probability came to exactly 0 or 1, or the weights grew too large. Take the loss from logits with a linear output activation, or ${slower}.`
    : `${when} is no finite number: the weights grew too large. Take ${slower}.`;
}
