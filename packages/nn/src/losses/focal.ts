// Cross-entropy of yes and no in which what is known well counts less.

import { checkNumber, type Loss, type LossOptions, perElement, probabilities } from "./loss.ts";

/** The options of `focal`. */
export interface FocalOptions extends LossOptions {
  /** How much less a prediction counts that is sure and right; 2 by default. With 0, all count alike. */
  readonly gamma?: number;
  /** The weight of targets of 1, from 0 to 1, those of 0 having the rest; 0.25 by default. */
  readonly alpha?: number;
}

/**
 * α·y·(1 − ŷ)ᵞ·(−log ŷ) + (1 − α)·(1 − y)·ŷᵞ·(−log(1 − ŷ)) of each element, with ŷ = logistic(z), from logits z, as
 * torchvision's sigmoid_focal_loss for targets of 0 and 1. It neither overflows nor cancels; at infinite logits it is
 * the limit, 0 or ∞. Throws RangeError for a target that is no probability, a gamma below 0, and an alpha outside 0 to
 * 1. Lin, Goyal, Girshick, He & Dollár (2017). In nats (natural log).
 */
export const focal: Loss<FocalOptions> = perElement(
  "focal",
  (z, y, { gamma = 2, alpha = 0.25 }: FocalOptions) => {
    checkNumber("focal", "gamma", gamma, (x) => x >= 0 && x < Infinity, "0 or more and finite, e.g. 2");
    checkNumber("focal", "alpha", alpha, (x) => x >= 0 && x <= 1, "from 0 to 1, e.g. 0.25");
    // −log ŷ and −log(1 − ŷ).
    const [yes, no] = [z.neg().softplus(), z.softplus()];
    // Powers from logarithms, whose slopes are finite for every gamma. Where a logarithm is infinite, the other one is 0 and wins.
    const ofOnes = no.mul(-gamma).exp().gate(yes).gate(alpha);
    const ofZeros = yes
      .mul(-gamma)
      .exp()
      .gate(no)
      .gate(1 - alpha);
    return y.gate(ofOnes).add(y.neg().add(1).gate(ofZeros));
  },
  { options: ["gamma", "alpha"], targets: probabilities },
);
