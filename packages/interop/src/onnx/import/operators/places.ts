// Indices as places in a flat tensor, checked and counted from the start.

import { guarded, type Tensor, tensor } from "@adjoint/autograd";
import { OnnxError } from "../onnx-error.ts";

/** Indices along an axis of n, counted from the start. Throws RangeError for one outside. */
export function fromStart(indices: Tensor, n: number): Tensor {
  const check = { from: -n, to: n - 1, message: `index {} of an axis of ${n}: use ${-n} to ${n - 1}` };
  return guarded(indices, check).mod(Math.max(1, n));
}

/** x cut, along all axes but one, to the sizes of the indices, which may be smaller. */
export const cutTo = (x: Tensor, indices: Tensor, axis: number): Tensor =>
  x.slice(...x.shape.map((_, k) => (k === axis ? null : ([0, indices.shape[k]!] as const))));

/**
 * The places, in the flat tensor, of what vectors of indices [..., k] point at: the first axes of `shape`, behind `batch` ones that
 * go along with the first axes of the indices. A place counts parts of what lies behind the axes that are indexed.
 */
export function placesOf(indices: Tensor, shape: readonly number[], batch: number): Tensor {
  const k = indices.shape.at(-1)!;
  if (k < 1 || batch + k > shape.length)
    throw new OnnxError(
      `vectors of ${k} indices for [${shape.join(", ")}] behind ${batch} axes of the batch`,
    );
  let place: Tensor | null = null;
  for (let i = 0; i < k; i++) {
    const n = shape[batch + i]!;
    const own = fromStart(
      indices.slice(...indices.shape.map((_, axis) => (axis === indices.rank - 1 ? i : null))) as Tensor,
      n,
    );
    place = place === null ? own : (place as Tensor).mul(n).add(own);
  }
  const inner = shape.slice(batch, batch + k).reduce((product, n) => product * n, 1);
  const outer = shape.slice(0, batch).reduce((product, n) => product * n, 1);
  if (batch === 0) return place!;
  const first = tensor(
    Int32Array.from({ length: outer }, (_, i) => i * inner),
    { shape: [...shape.slice(0, batch), ...Array.from({ length: place!.rank - batch }, () => 1)] },
  );
  return place!.add(first);
}

/** Indices as a tensor, for gathering. */
export const indexTensor = (values: readonly number[]): Tensor =>
  tensor(Int32Array.from(values), { shape: [values.length] });
