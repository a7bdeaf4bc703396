// The negative log-likelihood of answers that are yes or no.

import { byExpression, type Loss, probabilities } from "./loss.ts";

/**
 * −y log ŷ − (1 − y) log(1 − ŷ) of each element, for probabilities ŷ and targets y from 0 to 1, as PyTorch's BCELoss
 * (which cuts logarithms off at −100). The loss of a certain and right prediction is 0, that of a certain and wrong one
 * ∞; from logits, `negLogLossWithLogits` stays finite. Throws RangeError for a target that is no probability. In nats
 * (natural log).
 */
export const negLogLoss: Loss = byExpression(
  "negLogLoss",
  (p, y) =>
    // gate is a product in which 0 wins: 0·log 0 is 0 here, as the limit is.
    y.gate(p.log()).add(y.neg().add(1).gate(p.neg().log1p())).neg(),
  { targets: probabilities },
);

/**
 * negLogLoss of logistic(z), from logits z: y·softplus(−z) + (1 − y)·softplus(z), whose terms are never negative, as
 * PyTorch's BCEWithLogitsLoss. It neither overflows nor cancels, and at infinite logits it is the limit, 0 or ∞. Throws
 * RangeError for a target that is no probability. In nats (natural log).
 */
export const negLogLossWithLogits: Loss = byExpression(
  "negLogLossWithLogits",
  (z, y) => y.gate(z.neg().softplus()).add(y.neg().add(1).gate(z.softplus())),
  { targets: probabilities },
);
