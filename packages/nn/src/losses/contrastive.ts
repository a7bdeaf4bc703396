// Embeddings in which pairs that are alike lie together, and others a margin apart.

import { guarded, type Tensor } from "@adjoint/autograd";
import { checkTensor } from "../arguments.ts";
import {
  checkAlike,
  checkedReduction,
  checkNumber,
  checkRows,
  joined,
  type LossOptions,
  probabilities,
} from "./loss.ts";

/** The options of `contrastive`. */
export interface ContrastiveOptions extends LossOptions {
  /** The distance from which on the loss of pairs that differ is 0; 1 by default. */
  readonly margin?: number;
}

const differing = probabilities("contrastive");

/**
 * (1 − Y)·½D² + Y·½max(0, margin − D)² of each pair of rows of a and b [...batch, n], with D = ‖a − b‖, and targets Y
 * [...batch], which are 0 for a pair that is alike and 1 for one that differs. For D = 0, where no direction leads
 * away, the derivative is
 * 0. Throws ShapeError or DTypeError where they don't fit, RangeError for a target outside 0 to 1 and a margin that is
 * not above 0 and finite. Hadsell, Chopra & LeCun (2006).
 */
export function contrastive(a: Tensor, b: Tensor, target: Tensor, options: ContrastiveOptions = {}): Tensor {
  for (const [what, x] of Object.entries({ a, b, "the target": target })) checkTensor("contrastive", what, x);
  const reduction = checkedReduction("contrastive", options, ["margin"]);
  const { margin = 1, weights } = options;
  checkNumber("contrastive", "margin", margin, (x) => x > 0 && x < Infinity, "above 0 and finite, e.g. 1");
  checkRows("contrastive", "a", a);
  checkAlike("contrastive", { a, b });
  const difference = a.sub(b);
  const squared = difference.square().sum({ axis: -1 });
  checkAlike("contrastive", { "squared distance": squared, target });
  const differs = guarded(target, differing);
  const missing = difference.norm({ axis: -1 }).neg().add(margin).relu();
  const losses = differs.neg().add(1).gate(squared).add(differs.gate(missing.square())).mul(0.5);
  return joined("contrastive", losses, reduction, weights);
}
