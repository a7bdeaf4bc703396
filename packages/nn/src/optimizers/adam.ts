// Adam: steps scaled by running moments of the gradient.

import { checkOptions } from "../arguments.ts";
import { type Optimizer, optimizer } from "./optimizer.ts";

export interface AdamOptions {
  /** 0.001 by default. */
  readonly learningRate?: number;
  /** How slowly the mean and the mean square of the gradients are forgotten; 0.9 and 0.999 by default. */
  readonly betas?: readonly [number, number];
  /** Keeps the division finite; 1e-8 by default. */
  readonly epsilon?: number;
}

/** Adam. Kingma & Ba (2015), algorithm 1. Throws RangeError for betas outside [0, 1). */
export function adam(options: AdamOptions = {}): Optimizer {
  checkOptions("adam", options, ["learningRate", "betas", "epsilon"]);
  const { learningRate = 1e-3, betas = [0.9, 0.999], epsilon = 1e-8 } = options;
  if (!Array.isArray(betas) || betas.length !== 2 || !betas.every((beta) => beta >= 0 && beta < 1))
    throw new RangeError(
      `adam: betas ${JSON.stringify(betas)} must be two numbers from 0 to below 1, e.g. [0.9, 0.999]`,
    );
  if (!(epsilon >= 0)) throw new RangeError(`adam: epsilon ${epsilon} must be 0 or more, e.g. 1e-8`);
  const [beta1, beta2] = betas as readonly [number, number];
  return optimizer("adam", learningRate, ({ value, gradient, rate, memory }) => {
    const mean = memory("mean");
    const meanSquare = memory("meanSquare");
    const steps = memory("steps", []);
    steps.assign(steps.value.add(1));
    mean.assign(mean.value.mul(beta1).add(gradient.mul(1 - beta1)));
    meanSquare.assign(meanSquare.value.mul(beta2).add(gradient.square().mul(1 - beta2)));
    // Both start at zero and are corrected for it.
    const t = steps.value;
    const started = (beta: number) => t.mul(Math.log(beta)).expm1().neg();
    const unbiased = mean.value.div(beta1 === 0 ? 1 : started(beta1));
    const scale = meanSquare.value
      .div(beta2 === 0 ? 1 : started(beta2))
      .sqrt()
      .add(epsilon);
    return value.sub(unbiased.div(scale).mul(rate));
  });
}
