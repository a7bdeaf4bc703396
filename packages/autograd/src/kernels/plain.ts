// The kernels of large eager operations in plain loops, to the bit: what computes until the written ones have arrived.

import type { EagerKernels } from "./eager/kernels.ts";
import { plainElements } from "./plain/body.ts";
import { plainProduct } from "./plain/product.ts";
import { plainRows } from "./plain/rows.ts";

/** Kernels that need no code to be written. */
export const plain: EagerKernels = {
  elements: plainElements,
  rows: plainRows,
  // Where there is none, the primitives' own loops give the same.
  product: (dtype, gated) => (dtype === "float64" ? null : { run: plainProduct(gated), scratch: () => 0 }),
  along: () => null,
};
