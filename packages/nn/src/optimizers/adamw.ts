// AdamW: Adam with decoupled weight decay.

import { checkOptions } from "../arguments.ts";
import { type AdamOptions, adamLink } from "./adam.ts";
import { type Optimizer, optimizer } from "./optimizer.ts";
import { weightDecay as decay } from "./weight-decay.ts";

/** The options of `adamw`. */
export interface AdamWOptions extends AdamOptions {
  /** In each step a weight loses learningRate·weightDecay of itself; 0.01 by default. */
  readonly weightDecay?: number;
}

/**
 * Adam with weights that decay by themselves, which the moments don't see. Loshchilov & Hutter (2019); as PyTorch's
 * AdamW. To keep some weights from decaying: `chain(adam({ … }), only((path) => !path.endsWith("bias"),
 * weightDecay(0.01)))`. Throws RangeError for options out of range.
 */
export function adamw(options: AdamWOptions = {}): Optimizer {
  checkOptions("adamw", options, ["learningRate", "betas", "epsilon", "amsgrad", "weightDecay"]);
  const { learningRate = 1e-3, weightDecay = 0.01 } = options;
  return optimizer("adamw", learningRate, adamLink("adamw", options), decay(weightDecay));
}
