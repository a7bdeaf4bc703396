// Rows reduced to one number each, or added up to one row, in plain loops: in the order of the kernels that eager/rows.ts
// describes, so that sums are rounded alike and of zeros with different signs the same one is chosen. A kernel goes through
// a row with eight vectors at a time, which are merged in pairs, then with one, and then with what is left.

import type { DType, TypedArray } from "../../array/dtype.ts";
import type { Combined } from "../eager/kernels.ts";
import { bytesOf, heap } from "../heap.ts";
import { greater, lesser } from "./array-lanes.ts";

/** How many vectors go through a row together. */
const VECTORS = 8;

const pairs: Readonly<Record<Exclude<Combined, "accumulate">, (a: number, b: number) => number>> = {
  total: (a, b) => a + b,
  largest: greater,
  least: lesser,
};
const first = { total: 0, largest: -Infinity, least: Infinity };

/** (number of rows, elements in a row, address of the rows, address of the results) → (). */
export function plainRows(
  dtype: DType,
  combine: Combined,
): (rows: number, length: number, from: number, to: number) => void {
  const isSum = combine === "total" || combine === "accumulate";
  const type = isSum ? "float64" : dtype;
  const reduced = combine === "accumulate" ? null : reducer(combine, isSum || dtype === "float64" ? 2 : 4);
  return (rows, length, from, to) => {
    const source = heap().view(dtype);
    const target = heap().view(type);
    const start = from / bytesOf[dtype];
    const place = to / bytesOf[type];
    for (let row = 0; row < rows; row++) {
      const at = start + row * length;
      if (reduced !== null) target[place + row] = reduced(source.subarray(at, at + length));
      else for (let i = 0; i < length; i++) target[place + i]! += source[at + i]!;
    }
  };
}

/** Reduces a row in vectors of so many lanes. */
function reducer(combine: keyof typeof pairs, lanes: number): (row: TypedArray) => number {
  const pair = pairs[combine];
  const together = new Float64Array(VECTORS * lanes);
  return (row) => {
    // NaN is larger and smaller than all numbers, and compares as neither.
    if (combine !== "total" && row.some(Number.isNaN)) return NaN;
    const results = new Array<number>(lanes).fill(first[combine]);
    let at = 0;
    for (const size of [VECTORS * lanes, lanes]) {
      for (; at + size <= row.length; at += size) {
        for (let i = 0; i < size; i++) together[i] = row[at + i]!;
        // Each pair of neighbours becomes one vector, in the place of the first.
        for (let apart = lanes; apart < size; apart *= 2)
          for (let vector = 0; vector < size; vector += 2 * apart)
            for (let i = vector; i < vector + lanes; i++)
              together[i] = pair(together[i]!, together[i + apart]!);
        for (let lane = 0; lane < lanes; lane++) results[lane] = pair(results[lane]!, together[lane]!);
      }
    }
    for (; at < row.length; at++) results[0] = pair(results[0]!, row[at]!);
    // The upper half onto the lower one, until one lane is left.
    for (let half = lanes / 2; half >= 1; half /= 2)
      for (let lane = 0; lane < half; lane++) results[lane] = pair(results[lane]!, results[lane + half]!);
    return results[0]!;
  };
}
