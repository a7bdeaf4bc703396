// The kernels of large eager operations in plain loops, to the bit: what computes until the written ones have arrived.

import type { EagerKernels } from "./eager/kernels.ts";
import { plainElements } from "./plain/body.ts";
import { plainProduct } from "./plain/product.ts";
import { plainRows } from "./plain/rows.ts";

/** Kernels that need no code to be written. */
export const plain: EagerKernels = {
  elements: plainElements,
  rows: plainRows,
  product: (dtype, gated) => ({ run: plainProduct(dtype, gated), scratch: () => 0 }),
  // The primitives' own loops give the same.
  along: () => null,
};
