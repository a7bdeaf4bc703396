// The size of the error.

import { type Loss, perElement } from "./loss.ts";

/**
 * Absolute error |ŷ − y| of each element, as PyTorch's L1Loss. Derivative 0 where they agree. ŷ and y have one shape.
 */
export const absoluteError: Loss = perElement("absoluteError", (p, t) => p.sub(t).abs());
