// NAdam: Adam with Nesterov's look ahead.

import { checkOptions } from "../arguments.ts";
import { link } from "./link.ts";
import { counted, follow, started } from "./moments.ts";
import { type Optimizer, optimizer } from "./optimizer.ts";
import { checkBetas, checkNotNegative } from "./ranges.ts";
import type { Schedule } from "./rate.ts";

/** The options of `nadam`. */
export interface NadamOptions {
  /** 0.002 by default. */
  readonly learningRate?: number | Schedule;
  /** How slowly the mean and the mean square of the gradients are forgotten; 0.9 and 0.999 by default. */
  readonly betas?: readonly [number, number];
  /** Keeps the division finite; 1e-8 by default. */
  readonly epsilon?: number;
  /** How fast the momentum μₜ = β₁(1 − ½·0.96^(t·momentumDecay)) rises to β₁; 0.004 by default. */
  readonly momentumDecay?: number;
}

/**
 * Adam with Nesterov's momentum. Dozat (2016), with the momentum of its section 3; as PyTorch's NAdam. Throws
 * RangeError for options out of range.
 */
export function nadam(options: NadamOptions = {}): Optimizer {
  checkOptions("nadam", options, ["learningRate", "betas", "epsilon", "momentumDecay"]);
  const { learningRate = 2e-3, betas = [0.9, 0.999], epsilon = 1e-8, momentumDecay = 4e-3 } = options;
  checkBetas("nadam", betas);
  checkNotNegative("nadam", "epsilon", epsilon, "1e-8");
  checkNotNegative("nadam", "momentumDecay", momentumDecay, "4e-3");
  const [beta1, beta2] = betas;
  const rule = link("nadam", ({ gradient, memory }) => {
    const t = counted(memory);
    const momentumAt = (step: typeof t) =>
      step
        .mul(momentumDecay * Math.log(0.96))
        .exp()
        .mul(-0.5)
        .add(1)
        .mul(beta1);
    const [now, next] = [momentumAt(t), momentumAt(t.add(1))];
    const product = memory("momentumProduct", [], 1);
    product.assign(product.value.mul(now));
    const mean = follow(memory("mean"), gradient, beta1);
    const meanSquare = follow(memory("meanSquare"), gradient.square(), beta2);
    const missing = product.value.neg().add(1);
    const missingNext = product.value.mul(next).neg().add(1);
    const ahead = gradient.mul(now.neg().add(1).div(missing)).add(mean.mul(next.div(missingNext)));
    return ahead.div(meanSquare.div(started(beta2, t)).sqrt().add(epsilon));
  });
  return optimizer("nadam", learningRate, rule);
}
