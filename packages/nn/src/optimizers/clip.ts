// Gradients that are too large, made smaller.

import { mapTree, normOfTree } from "@adjoint/autograd";
import { type Link, link, mapPaths, multiplyingBy } from "./link.ts";
import { checkPositive } from "./ranges.ts";

/** Every element of the gradients, cut to [−limit, limit]. As PyTorch's `clip_grad_value_`. Throws RangeError for a limit that is not above 0. */
export function clipByValue(limit: number): Link {
  checkPositive("clipByValue", "the limit", limit, "clipByValue(0.5)");
  return link("clipByValue", ({ gradient }) => gradient.clip(-limit, limit));
}

/**
 * All gradients together, as one vector, made shorter where it is longer than `limit`; its direction stays. Pascanu, Mikolov
 * & Bengio (2013). PyTorch's `clip_grad_norm_` adds 1e-6 to the norm, this does not. Where an element is NaN or infinite,
 * so are others. Throws RangeError for a limit that is not above 0.
 */
export function clipByGlobalNorm(limit: number): Link {
  checkPositive("clipByGlobalNorm", "the limit", limit, "clipByGlobalNorm(1)");
  return {
    name: "clipByGlobalNorm",
    apply(gradients) {
      const norm = normOfTree(mapTree((gradient) => gradient.cast("float64"), gradients));
      // At most 1, and exactly 1 for a vector that is short enough.
      const share = norm.maximum(limit).reciprocal().mul(limit);
      const kept = norm.greater(limit).select(share, 1);
      return mapPaths(gradients, multiplyingBy(kept));
    },
  };
}
