// How many classes a model hesitates between.

import type { Tensor } from "@adjoint/autograd";
import { checkOptions } from "../arguments.ts";
import { type CrossEntropyOptions, crossEntropyAs } from "./cross-entropy.ts";

/** Options of `crossEntropy`, of which perplexity is the exponential of the mean. */
export type PerplexityOptions = Omit<CrossEntropyOptions, "reduction">;

const meanCrossEntropy = crossEntropyAs("perplexity");

/**
 * exp of the mean cross-entropy of logits [...batch, classes] and labels [...batch], or rows of probabilities: from 1, for a
 * model that is sure and right, to the number of classes for one that guesses evenly, and beyond for one that is wrong. Its
 * options, save the reduction, and its errors are those of `crossEntropy`. Jelinek, Mercer, Bahl & Baker (1977).
 */
export function perplexity(logits: Tensor, target: Tensor, options: PerplexityOptions = {}): Tensor {
  checkOptions("perplexity", options, ["weights", "labelSmoothing", "classWeights", "ignoreLabel"]);
  return meanCrossEntropy(logits, target, options).exp();
}
