// Sums for eager operations, over one run of neighbouring axes, with kept axes before and after it. Floats are added up
// in float64 and rounded once, whatever their type. Long rows are added up in blocks, whose sums are added in halves.

import { isFloat } from "../../array/dtype.ts";
import { NDArray } from "../../array/ndarray.ts";
import type { Shape } from "../../array/shape-types.ts";
import { bytesOf, heap } from "../heap.ts";
import { LEAST_ELEMENTS, PIECE } from "./elements.ts";
import { Gatherer } from "./gather.ts";
import { rowsKernel } from "./rows.ts";
import { elementsAt, hasEagerKernels, scratch } from "./scratch.ts";

/** The most elements that are added one by one. */
const BLOCK = 256;
/** The most sums that are kept in the heap while rows are added up. */
const MOST_SUMS = 2 ** 18;

/** The sizes of the axes before the summed ones, of these, and of those after; null where they form several runs. */
function runsOf(from: Shape, to: Shape): readonly [number, number, number] | null {
  const added = from.length - to.length;
  const sizes = [1, 1, 1] as [number, number, number];
  let run = 0;
  for (const [axis, n] of from.entries()) {
    if (n === 1) continue;
    const isSummed = axis < added || to[axis - added] === 1;
    if (isSummed !== (run === 1)) run++;
    if (run > 2) return null;
    sizes[run]! *= n;
  }
  return sizes;
}

/**
 * The sums over the axes that the shape lacks, in float64. Null where plain loops are to be used, which depends on
 * shapes and type alone.
 */
export function sumsByKernel(x: NDArray, shape: Shape): NDArray | null {
  if (x.size < LEAST_ELEMENTS || !isFloat(x.dtype) || !hasEagerKernels()) return null;
  const runs = runsOf(x.shape, shape);
  if (runs === null || runs[1] === 1) return null;
  const [before, summed, behind] = runs;
  if (behind > MOST_SUMS) return null;
  const result = NDArray.zeros("float64", shape);
  const done =
    behind === 1
      ? sumRows(x, before, summed, result.buffer as Float64Array)
      : addRows(x, before, summed, behind, result.buffer as Float64Array);
  return done ? result : null;
}

/** The sum of each row. */
function sumRows(x: NDArray, rows: number, length: number, sums: Float64Array): boolean {
  const elements = new Gatherer(x);
  const to = scratch(8 * PIECE * 2);
  if (to === null) return false;
  const from = to + 8 * PIECE;
  const kernel = rowsKernel(x.dtype, "total");
  const copyIn = (n: number) => elements.next(n, heap().view(x.dtype), from / bytesOf[x.dtype]);
  const results = (n: number) => elementsAt("float64", to, n);
  if (length <= BLOCK) {
    const together = Math.floor(PIECE / length);
    for (let row = 0; row < rows; row += together) {
      const count = Math.min(together, rows - row);
      copyIn(count * length);
      kernel(count, length, from, to);
      sums.set(results(count), row);
    }
    return true;
  }
  const parts = new Float64Array(Math.ceil(length / BLOCK));
  for (let row = 0; row < rows; row++) {
    for (let start = 0; start < length; start += PIECE) {
      const n = Math.min(PIECE, length - start);
      copyIn(n);
      const blocks = Math.floor(n / BLOCK);
      const rest = n % BLOCK;
      kernel(blocks, BLOCK, from, to);
      if (rest > 0) kernel(1, rest, from + blocks * BLOCK * bytesOf[x.dtype], to + 8 * blocks);
      parts.set(results(blocks + Math.sign(rest)), start / BLOCK);
    }
    sums[row] = sumOfHalves(parts, 0, parts.length);
  }
  return true;
}

function sumOfHalves(parts: Float64Array, from: number, to: number): number {
  if (to - from === 1) return parts[from]!;
  const middle = (from + to) >>> 1;
  return sumOfHalves(parts, from, middle) + sumOfHalves(parts, middle, to);
}

/** The sum of all rows, for each index of the axes before them. */
function addRows(x: NDArray, before: number, rows: number, length: number, sums: Float64Array): boolean {
  const elements = new Gatherer(x);
  const piece = Math.min(length, PIECE);
  // Rows longer than a piece are added one by one; of shorter ones, as many at once as fit into a piece.
  const together = Math.floor(PIECE / piece);
  const to = scratch(8 * (length + together * piece));
  if (to === null) return false;
  const from = to + 8 * length;
  const kernel = rowsKernel(x.dtype, "accumulate");
  for (let i = 0; i < before; i++) {
    const totals = elementsAt("float64", to, length);
    totals.fill(0);
    for (let row = 0; row < rows; row += together) {
      const count = Math.min(together, rows - row);
      for (let start = 0; start < length; start += piece) {
        const n = Math.min(piece, length - start);
        elements.next(count * n, heap().view(x.dtype), from / bytesOf[x.dtype]);
        kernel(count, n, from, to + 8 * start);
      }
    }
    sums.set(totals, i * length);
  }
  return true;
}
