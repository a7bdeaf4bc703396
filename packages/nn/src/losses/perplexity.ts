// How many classes a model hesitates between.

import type { Tensor } from "@adjoint/autograd";
import { checkOptions, kindOf } from "../arguments.ts";
import { type CrossEntropyOptions, crossEntropyAs } from "./cross-entropy.ts";

/** The options of `crossEntropy`, without the reduction. */
export type PerplexityOptions = Omit<CrossEntropyOptions, "reduction">;

const meanCrossEntropy = crossEntropyAs("perplexity");

/**
 * exp of the mean cross-entropy of logits [...batch, classes] and labels [...batch], or rows of probabilities: from 1,
 * for a model that is sure and right, to the number of classes for one that guesses evenly, and beyond for one that is
 * wrong. Its options, except the reduction, and its errors are those of `crossEntropy`. Jelinek, Mercer, Bahl & Baker
 * (1977). It can't be joined from the perplexities of batches, so that it is neither a loss for `fit` and `evaluate`
 * nor a metric: use crossEntropy there, then exp, `Math.exp(loss)`. Throws TypeError where it is asked for a reduction,
 * as these do.
 */
export function perplexity(logits: Tensor, target: Tensor, options: PerplexityOptions = {}): Tensor {
  if (kindOf(options) === "an object" && "reduction" in options)
    throw new TypeError(
      "perplexity: it has no reduction, since it is the exponential of a mean, which can't be joined from those of batches; as a loss or a metric of fit and evaluate use crossEntropy, then exp: Math.exp(loss)",
    );
  checkOptions("perplexity", options, ["weights", "labelSmoothing", "classWeights", "ignoreLabel"]);
  return meanCrossEntropy(logits, target, options).exp();
}
