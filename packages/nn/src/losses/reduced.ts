// What is known of a loss from the outside: how losses that were called while it was computed became one number. So training can
// join the losses of batches by what they are means of, although it calls a function that may call a loss with options of its own.

import type { Tensor } from "@adjoint/autograd";

/**
 * How losses become one number. "mean": the mean of all of them. "batchMean": the last axis holds a sample's outputs, whose
 * losses are summed, and samples are averaged; it is the mean times the number of outputs, and the mean itself where a row
 * has one loss. "sum": the sum of all. "none": they stay as they are, one for each element, or for each row that has one.
 */
export type Reduction = "mean" | "batchMean" | "sum" | "none";

/** How one call of a loss made one number of many. */
export interface Reduced {
  readonly result: Tensor;
  readonly reduction: Reduction;
  /** The weights that were given. */
  readonly weights: Tensor | undefined;
  /** Whether losses count in the mean by something beside the weights, such as factors of classes, or labels that are ignored. */
  readonly hasCounts: boolean;
  /** What a mean divides by, as a mean over the losses, and how many losses there are; null where it divides by nothing else. */
  readonly divisor: { readonly mean: Tensor; readonly size: number } | null;
}

let listener: Reduced[] | null = null;

/** Runs a function, and notes how the losses within it are reduced. */
export function reducedIn<T>(run: () => T): { readonly result: T; readonly reduced: readonly Reduced[] } {
  const outer = listener;
  const reduced: Reduced[] = [];
  listener = reduced;
  try {
    return { result: run(), reduced };
  } finally {
    listener = outer;
  }
}

/** For losses: says how one was reduced, where somebody asks. Returns the result. */
export function noted(result: Tensor, reduced: () => Reduced): Tensor {
  listener?.push(reduced());
  return result;
}
