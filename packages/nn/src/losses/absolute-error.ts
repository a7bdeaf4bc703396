// The size of the error.

import { byExpression, type Loss } from "./loss.ts";

/**
 * Absolute error |ŷ − y| of each element, as PyTorch's L1Loss. Derivative 0 where they agree. ŷ and y have one shape.
 */
export const absoluteError: Loss = byExpression("absoluteError", (p, t) => p.sub(t).abs());
