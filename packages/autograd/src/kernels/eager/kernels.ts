// What large eager operations are computed by: functions over the heap, which take addresses in bytes. This file only says
// what they are. written.ts has them written as WebAssembly, ../plain.ts as plain loops that give the same bits.

import type { DType } from "../../array/dtype.ts";
import type { LoopKernel, RowRule } from "../kernel.ts";

/** Runs on the numbers and addresses that `EagerKernels` states for it. */
export type Kernel = (...numbers: number[]) => unknown;

/** A kernel, and how many bytes of scratch memory it needs for given sizes. */
export interface ScratchKernel {
  readonly run: Kernel;
  scratch(...sizes: number[]): number;
}

export type Float = "float32" | "float64";

/** What each row becomes; with "accumulate", all rows are added to one row, in order. */
export type Combined = "total" | "largest" | "least" | "accumulate";

export interface EagerKernels {
  /** (number of elements, address of the results, addresses of the operands …): a kernel of one axis and one output. */
  elements(kernel: LoopKernel): Kernel;
  /**
   * (number of rows, elements in a row, address of the rows, address of the results). Sums are float64; extremes have the
   * rows' type.
   */
  rows(dtype: DType, combine: Combined): Kernel;
  /** The parameters of `writeProductFunction` in ../product.ts; scratch memory by m, n and k. Null where there is none. */
  product(dtype: Float, gated: boolean): ScratchKernel | null;
  /** The parameters of `rowFunction` in ../rows.ts; scratch memory by the length of a row. Null where there is none. */
  along(rule: RowRule, dtype: DType): ScratchKernel | null;
}
