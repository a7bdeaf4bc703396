// Adding up by ids, and finding places in what is sorted.

import { checkOptions } from "../array/arguments.ts";
import { DTypeError, inNameOf, ShapeError } from "../array/errors.ts";
import { shapeText } from "../array/shape.ts";
import type { Shape } from "../array/shape-types.ts";
import { placesAmong, type Side } from "../primitives/bisection.ts";
import { guard } from "../primitives/guarded.ts";
import { addAlong } from "../primitives/indexing.ts";
import { reshaped, spread } from "../primitives/moving.ts";
import { apply } from "../tape/apply.ts";
import { asTensor, checkTensor, type Tensor } from "./tensor.ts";

/** The shape with n in place of the first axis. */
export type Segmented<S extends Shape, N extends number> = S extends readonly [
  number,
  ...infer Rest extends Shape,
]
  ? [N, ...Rest]
  : Shape;

/**
 * The sums of the rows of each id: values [m, ...], ids [m] (int32, from 0 to n − 1) → [n, ...]; 0 where no row has the id.
 * JAX's `segment_sum`, which leaves out ids outside; here they are an error. Throws ShapeError where ids don't fit the rows,
 * DTypeError for truth values and for ids that are not int32, RangeError for an id outside, in programs before anything changes.
 */
export function segmentSum<S extends Shape, const N extends number>(
  values: Tensor<S>,
  ids: Tensor,
  n: N,
): Tensor<Segmented<S, N>> {
  const { shape } = checkTensor("segmentSum", values);
  checkTensor("segmentSum", ids);
  if (!Number.isInteger(n) || n < 0)
    throw new RangeError(`segmentSum: n is ${n}; give the number of segments, a whole number, 0 or more`);
  if (ids.dtype !== "int32")
    throw new DTypeError(`segmentSum: ids are ${ids.dtype} and must be int32: ids.cast("int32")`);
  if (shape.length === 0 || ids.rank !== 1 || ids.shape[0] !== shape[0])
    throw new ShapeError(
      `segmentSum: values ${shapeText(shape)} with ids ${shapeText(ids.shape)}: give one id for each row, [m, ...] with [m]`,
    );
  const inside = guard(ids, {
    from: 0,
    to: n - 1,
    message: `segmentSum: id {} with n = ${n}; ids run from 0 to ${n - 1}`,
  });
  const lined = reshaped(inside, [ids.size, ...shape.slice(1).map(() => 1)]);
  return asTensor(
    inNameOf("segmentSum", () =>
      apply(addAlong, [values, spread(lined, shape)], { axis: 0, shape: shape.with(0, n) }),
    ),
  );
}

/**
 * Where each value would have to be put into a sorted vector to keep it sorted (int32, in the shape of the values): before
 * equal elements, or, with `side: "right"`, after them. NaN belongs after all numbers. That the vector is sorted is not checked.
 * NumPy's `searchsorted`. Throws ShapeError unless the first is a vector, DTypeError where types differ.
 */
export function searchSorted<S extends Shape>(
  sorted: Tensor,
  values: Tensor<S>,
  options: { readonly side?: Side } = {},
): Tensor<S> {
  checkTensor("searchSorted", sorted);
  checkTensor("searchSorted", values);
  checkOptions("searchSorted", options, ["side"]);
  const { side = "left" } = options;
  if (side !== "left" && side !== "right")
    throw new RangeError(`searchSorted: side is ${JSON.stringify(side)}; use "left" or "right"`);
  if (sorted.rank !== 1)
    throw new ShapeError(
      `searchSorted: ${shapeText(sorted.shape)} is no vector; sort and flatten it first: x.flatten().sort()`,
    );
  if (sorted.dtype !== values.dtype)
    throw new DTypeError(
      `searchSorted: ${sorted.dtype} and ${values.dtype} don't mix; cast one, e.g. values.cast("${sorted.dtype}")`,
    );
  const flat = reshaped(values, [values.size]);
  return asTensor(reshaped(placesAmong(sorted, flat, side), values.shape));
}
