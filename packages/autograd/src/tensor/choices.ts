// Choosing at random: among categories, among values, and their order.

import { checkOptions } from "../array/arguments.ts";
import type { Gathered } from "../array/axis-types.ts";
import { checkFloat } from "../array/dtype.ts";
import { inNameOf, ShapeError } from "../array/errors.ts";
import { broadcastShapes, checkShape, normalizeAxis, sameShape, shapeText, sizeOf } from "../array/shape.ts";
import type { Literal, Reduced, Shape } from "../array/shape-types.ts";
import { tensor } from "./creation.ts";
import { exponential, gumbel, randomInteger } from "./draws.ts";
import { guarded } from "./guarded.ts";
import { searchSorted } from "./lookup.ts";
import { checkKey, fractions, type Key, permutation } from "./random.ts";
import { asTensor, checkTensor, type Tensor } from "./tensor.ts";

const MOST = Number.MAX_VALUE;

/**
 * Categories at random (int32): along an axis of logits, the last by default, k with a probability proportional to exp(logit k).
 * −∞ is never chosen. The result has the other axes; or `shape`, which the other axes broadcast to, for more draws of each. As
 * JAX's `categorical` by the largest logit after standard Gumbel noise has been added (Maddison, Tarlow & Minka (2014), "A*
 * sampling"). Throws ShapeError where the shapes don't fit, and RangeError where no logit along the axis is finite, or one is ∞ or
 * NaN, in programs before anything changes.
 */
export function categorical<
  L extends Shape,
  const Axis extends number = -1,
  const S extends Shape = Reduced<L, Axis, false>,
>(
  key: Key,
  logits: Tensor<L>,
  options: { readonly axis?: Axis; readonly shape?: S } = {},
): Tensor<Literal<S>> {
  checkKey("categorical", key);
  checkTensor("categorical", logits);
  checkOptions("categorical", options, ["axis", "shape"]);
  checkFloat("categorical", logits.dtype);
  const axis = normalizeAxis(options.axis ?? -1, logits.rank, "categorical");
  const n = logits.shape[axis]!;
  if (n === 0)
    throw new ShapeError(`categorical: ${shapeText(logits.shape)} has no categories along axis ${axis}`);
  const batch = logits.shape.toSpliced(axis, 1);
  const shape: Shape = options.shape ?? batch;
  checkShape(shape, "categorical");
  if (!sameShape(broadcastShapes("categorical", batch, shape), shape))
    throw new ShapeError(
      `categorical: shape ${shapeText(shape)} for logits ${shapeText(logits.shape)}: the axes ${shapeText(batch)} beside the categories must broadcast to it`,
    );
  const rows: Tensor = asTensor(logits.moveAxis(axis, -1)).cast("float64");
  const most: Tensor = guarded(rows.max({ axis: -1, keepDims: true }), {
    from: -MOST,
    to: MOST,
    message: "categorical: the largest logit is {}; there must be a finite one, and none that is ∞ or NaN",
  });
  const noise: Tensor = gumbel(key, [...shape, n], { dtype: "float64" });
  return asTensor(rows.sub(most).add(noise).argmax({ axis: -1 }));
}

/** The options of `choice`. */
export interface ChoiceOptions<S extends Shape> {
  /** The shape of the draws; [] by default, a single one. */
  readonly shape?: S;
  /** Whether one may be chosen several times; true by default. */
  readonly replace?: boolean;
  /** How likely each is, in proportion: numbers from 0 on, which need not add up to 1. Equally likely where left out. */
  readonly p?: Tensor | readonly number[];
}

/**
 * Chosen at random: of the numbers 0 … n − 1 (int32), or of the slices of values along the first axis: [n, ...] → [...shape, ...].
 * NumPy's `choice`, whose p must add up to 1. With p, without replacement, one after another is drawn from those that are left
 * (Efraimidis & Spirakis (2006), "Weighted random sampling with a reservoir"). Throws RangeError where there are too few to choose
 * from, and for a p that is negative or not finite, in programs before anything changes.
 */
export function choice<const S extends Shape = []>(
  key: Key,
  n: number,
  options?: ChoiceOptions<S>,
): Tensor<Literal<S>>;
export function choice<V extends Shape, const S extends Shape = []>(
  key: Key,
  values: Tensor<V>,
  options?: ChoiceOptions<S>,
): Tensor<Gathered<V, Literal<S>, 0>>;
export function choice(key: Key, from: number | Tensor, options: ChoiceOptions<Shape> = {}): Tensor {
  checkKey("choice", key);
  checkOptions("choice", options, ["shape", "replace", "p"]);
  const { shape = [], replace = true, p } = options;
  checkShape(shape, "choice");
  const n =
    typeof from === "number" ? from : checkTensor("choice", from, "a number or values belong").shape[0];
  if (n === undefined || !Number.isInteger(n) || n < 0)
    throw new RangeError(
      `choice: ${n === undefined ? "a tensor of rank 0" : n} is nothing to choose from; give a whole number, or values [n, ...]`,
    );
  const count = sizeOf(shape);
  if (count > (replace && n > 0 ? Infinity : n))
    throw new RangeError(
      `choice: ${count} of ${n}${replace ? "" : " without replacement"}: there are too few; give more, or ask for fewer${replace ? "" : ", or replace: true"}`,
    );
  const weights = p === undefined || count === 0 ? null : weightsOf(p, n, replace ? 1 : count);
  const chosen = placesOf(key, n, shape, replace, weights);
  return typeof from === "number" ? chosen : from.gather(chosen);
}

function placesOf(key: Key, n: number, shape: Shape, replace: boolean, weights: Tensor | null): Tensor {
  const count = sizeOf(shape);
  if (count === 0) return tensor([], { dtype: "int32", shape });
  if (replace && weights === null) return randomInteger(key, shape, { high: n });
  if (replace) {
    const ends: Tensor<[number]> = asTensor(weights!.cumsum());
    const way: Tensor = fractions("choice", key, shape);
    return searchSorted(ends, way.mul(ends.slice(-1)), { side: "right" });
  }
  // Who comes first if each waits as long as its weight says, is chosen first; likewise among those that are left.
  const order: Tensor =
    weights === null
      ? permutation(key, n)
      : asTensor(
          asTensor(exponential(key, [n], { dtype: "float64" }))
            .div(weights)
            .argsort(),
        );
  return order.slice([0, count]).reshape(shape);
}

/** Weights of which the largest is 1, and at least so many are above 0. */
function weightsOf(p: Tensor | readonly number[], n: number, count: number): Tensor {
  const given: Tensor = Array.isArray(p)
    ? tensor(p, { dtype: "float64", shape: [p.length] })
    : checkTensor("choice", p);
  if (given.rank !== 1 || given.shape[0] !== n)
    throw new ShapeError(
      `choice: p ${shapeText(given.shape)} for ${n} to choose from; give one for each: [${n}]`,
    );
  checkFloat("choice", given.dtype);
  const weights = guarded(given.cast("float64"), {
    from: 0,
    to: MOST,
    message: "choice: p has {}; give finite numbers that are not negative",
  });
  // Looked at in programs, too, though nothing needs the number.
  guarded(weights.countNonZero(), {
    from: count,
    to: n,
    message: `choice: only {} of ${n} p are above 0, and ${count} are to be chosen; ask for fewer, or replace: true`,
  });
  return weights.div(weights.max());
}

/**
 * The slices along an axis, the first by default, in random order, each order equally likely. NumPy's `permuted`
 * shuffles rows each by itself; this is its `permutation`. Throws ShapeError for a tensor of rank 0.
 */
export function shuffle<S extends Shape>(
  key: Key,
  x: Tensor<S>,
  options: { readonly axis?: number } = {},
): Tensor<S> {
  checkTensor("shuffle", x);
  checkOptions("shuffle", options, ["axis"]);
  const axis = normalizeAxis(options.axis ?? 0, x.rank, "shuffle");
  const whole: Tensor = x;
  return inNameOf("shuffle", () => asTensor(whole.gather(permutation(key, whole.shape[axis]!), { axis })));
}
