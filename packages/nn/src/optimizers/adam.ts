// Adam: steps scaled by running moments of the gradient.

import { checkOptions } from "../arguments.ts";
import { type Link, link } from "./link.ts";
import { counted, follow, started } from "./moments.ts";
import { type Optimizer, optimizer } from "./optimizer.ts";
import { checkBetas, checkNotNegative } from "./ranges.ts";
import type { Schedule } from "./rate.ts";

/** The options of `adam`. */
export interface AdamOptions {
  /** 0.001 by default. */
  readonly learningRate?: number | Schedule;
  /** How slowly the mean and the mean square of the gradients are forgotten; 0.9 and 0.999 by default. */
  readonly betas?: readonly [number, number];
  /** Keeps the division finite; 1e-8 by default. */
  readonly epsilon?: number;
  /** Whether to divide by the largest mean square so far: AMSGrad, by Reddi, Kale & Kumar (2018); false by default. */
  readonly amsgrad?: boolean;
}

/** The link of Adam without its learning rate. Errors begin with `name`. */
export function adamLink(name: string, options: Omit<AdamOptions, "learningRate">): Link {
  const { betas = [0.9, 0.999], epsilon = 1e-8, amsgrad = false } = options;
  checkBetas(name, betas);
  checkNotNegative(name, "epsilon", epsilon, "1e-8");
  const [beta1, beta2] = betas;
  return link(name, ({ gradient, memory }) => {
    const t = counted(memory);
    // Both start at zero and are corrected for it.
    const mean = follow(memory("mean"), gradient, beta1).div(started(beta1, t));
    let meanSquare = follow(memory("meanSquare"), gradient.square(), beta2);
    if (amsgrad) {
      const largest = memory("largestMeanSquare");
      largest.assign(largest.value.maximum(meanSquare));
      meanSquare = largest.value;
    }
    return mean.div(meanSquare.div(started(beta2, t)).sqrt().add(epsilon));
  });
}

/**
 * W ← W − ρ·m̂/(√v̂ + ε), with m̂ and v̂ the running means of ∇ and ∇², corrected for their start at 0. Kingma & Ba
 * (2015), algorithm 1; as PyTorch's Adam. For L2 regularization put `weightDecay` before it: `chain(weightDecay(1e-4),
 * adam())`. Throws RangeError for options out of range.
 */
export function adam(options: AdamOptions = {}): Optimizer {
  checkOptions("adam", options, ["learningRate", "betas", "epsilon", "amsgrad"]);
  return optimizer("adam", options.learningRate ?? 1e-3, adamLink("adam", options));
}
