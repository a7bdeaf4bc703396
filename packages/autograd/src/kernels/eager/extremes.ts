// The largest or the least element of each row, for eager operations.

import type { DType, TypedArray } from "../../array/dtype.ts";
import type { NDArray } from "../../array/ndarray.ts";
import { bytesOf, heap } from "../heap.ts";
import { LEAST_ELEMENTS, PIECE } from "./elements.ts";
import { Gatherer } from "./gather.ts";
import { rowsKernel } from "./rows.ts";
import { elementsAt, hasEagerKernels, scratch } from "./scratch.ts";

// Types of one byte gain nothing from vectors here.
const TYPES: readonly DType[] = ["float32", "float64", "int32"];

/**
 * Puts the extreme of each row of an array, whose elements form rows of a given length, into `result`; NaN for a row
 * that contains NaN. Returns false where plain loops are to be used, which depends on shapes and type alone.
 */
export function extremesByKernel(
  x: NDArray,
  length: number,
  which: "largest" | "least",
  result: TypedArray,
): boolean {
  if (x.size < LEAST_ELEMENTS || length < 4 || !TYPES.includes(x.dtype) || !hasEagerKernels()) return false;
  const to = scratch(8 * PIECE * 2);
  if (to === null) return false;
  const from = to + 8 * PIECE;
  const elements = new Gatherer(x);
  const kernel = rowsKernel(x.dtype, which);
  /** The extremes of the next rows. */
  const next = (rows: number, length: number) => {
    elements.next(rows * length, heap().view(x.dtype), from / bytesOf[x.dtype]);
    kernel(rows, length, from, to);
    return elementsAt(x.dtype, to, rows);
  };
  const rows = x.size / length;
  const together = Math.floor(PIECE / length);
  if (together > 0) {
    for (let row = 0; row < rows; row += together)
      result.set(next(Math.min(together, rows - row), length), row);
    return true;
  }
  const better = which === "largest" ? Math.max : Math.min;
  for (let row = 0; row < rows; row++) {
    let best = which === "largest" ? -Infinity : Infinity;
    for (let start = 0; start < length; start += PIECE)
      best = better(best, next(1, Math.min(PIECE, length - start))[0]!);
    result[row] = best;
  }
  return true;
}
