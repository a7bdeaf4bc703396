// Kernels that reduce each row to one number, or all rows to one row. Eager reductions are made of them.

import type { DType } from "../../array/dtype.ts";
import type { Combined, Kernel } from "./kernels.ts";
import { Known } from "./known.ts";

const kernels = new Known<Kernel>();

/** The kernel for rows of a type; kernels.ts says what it takes and gives. */
export const rowsKernel = (dtype: DType, combine: Combined): Kernel =>
  kernels.get(`${dtype} ${combine}`, (by) => by.rows(dtype, combine));
