// Samples shared out at random between training and test.

import { type Key, permutation } from "@adjoint/autograd";
import type { Rows } from "./dataset.ts";
import { TEST_SHARE } from "./drawn.ts";

/** Rows of `columns` inputs divided into training and test; equal keys divide equally. */
export function shared(
  rows: Rows,
  columns: number,
  key: Key,
): { readonly training: Rows; readonly test: Rows } {
  const order = permutation(key, rows.count).data as Int32Array;
  const tested = Math.max(1, Math.round(rows.count * TEST_SHARE));
  return {
    test: taken(rows, columns, order.slice(0, tested)),
    training: taken(rows, columns, order.slice(tested)),
  };
}

function taken({ x, y }: Rows, columns: number, places: Int32Array): Rows {
  const chosen = new Float64Array(places.length * columns);
  places.forEach((place, i) => {
    chosen.set(x.subarray(place * columns, (place + 1) * columns), i * columns);
  });
  return { count: places.length, x: chosen, y: Float64Array.from(places, (place) => y[place]!) };
}
