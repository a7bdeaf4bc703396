// Embeddings in which what belongs together lies nearer than what doesn't.

import type { Tensor } from "@adjoint/autograd";
import { checkTensor } from "../arguments.ts";
import { checkAlike, checkedReduction, checkNumber, checkRows, joined, type LossOptions } from "./loss.ts";

/** The options of `tripletMargin`. */
export interface TripletMarginOptions extends LossOptions {
  /** How much nearer the positive must be; 1 by default. */
  readonly margin?: number;
  /** Whether the negative's distance is the smaller one of those to anchor and positive; false by default. */
  readonly swap?: boolean;
}

const distance = (a: Tensor, b: Tensor) => a.sub(b).norm({ axis: -1 });

/**
 * max(0, ‖a − p‖ − ‖a − n‖ + margin) of each row of anchors, positives (like the anchor) and negatives (unlike it), all
 * [...batch, n], as PyTorch's TripletMarginLoss without its eps. Derivatives are 0 at the hinge and for a distance of 0. Throws
 * ShapeError or DTypeError where the three differ, RangeError for a margin that is not above 0 and finite.
 * Balntas, Riba, Ponsa & Mikolajczyk (2016).
 */
export function tripletMargin(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options: TripletMarginOptions = {},
): Tensor {
  const given = { anchor, positive, negative };
  for (const [what, x] of Object.entries(given)) checkTensor("tripletMargin", `the ${what}`, x);
  const reduction = checkedReduction("tripletMargin", options, ["margin", "swap"]);
  const { margin = 1, swap = false, weights } = options;
  checkNumber("tripletMargin", "margin", margin, (x) => x > 0 && x < Infinity, "above 0 and finite, e.g. 1");
  if (typeof swap !== "boolean")
    throw new TypeError(`tripletMargin: swap must be true or false; it is ${String(swap)}`);
  checkRows("tripletMargin", "anchor", anchor);
  checkAlike("tripletMargin", given);
  const near = distance(anchor, positive);
  const apart = distance(anchor, negative);
  const far = swap ? apart.minimum(distance(positive, negative)) : apart;
  return joined("tripletMargin", near.sub(far).add(margin).relu(), reduction, weights);
}
