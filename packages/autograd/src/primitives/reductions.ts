// The table of reductions: functions that turn the elements along axes into one number. A tensor takes its reducing methods
// from here, so a new reduction is one entry.

import { apply } from "../tape/apply.ts";
import { stopGradient } from "../tape/identity.ts";
import type { Value } from "../tape/value.ts";
import { filled } from "../tape/zeros.ts";
import { elements } from "./elementwise.ts";
import { mean as meanPrimitive } from "./mean.ts";
import { cast } from "./movement.ts";
import { padded, rangeAlong, reshaped, spread } from "./moving.ts";
import { orderedRows, quantileOver } from "./quantiles.ts";
import { countOf, kept, type Reduction, type SingleReduction, total } from "./reduce.ts";
import { argExtreme, max as largest, min as smallest } from "./selection.ts";
import { logSumOfExponentials } from "./softmax.ts";

/** Sum over axes; 0 for no elements. Floats are added up in float64, and a float32 sum is rounded once, at the end. Throws DTypeError for truth values. */
export const sum: Reduction = {
  takes: "numbers",
  reduce: (x, axes) => total(x, axes),
};

/** Mean over axes, finite where the elements are; NaN for no elements. Throws DTypeError unless the type is a float. */
export const mean: Reduction = {
  takes: "floats",
  reduce: (x, axes) => dividedSum(x, axes, countOf(x, axes)),
};

/** Largest over axes; NaN if any is. A tie shares its derivative equally. Throws ShapeError over an axis of size 0. */
export const max: Reduction = {
  takes: "any",
  reduce: (x, axes) => apply(largest, [x], { axes }),
};

/** Smallest over axes; NaN if any is. A tie shares its derivative equally. Throws ShapeError over an axis of size 0. */
export const min: Reduction = {
  takes: "any",
  reduce: (x, axes) => apply(smallest, [x], { axes }),
};

/**
 * Product over axes; 1 for no elements. Derivatives are exact where elements are zero, of every order. Throws
 * DTypeError for truth values.
 */
export const prod: Reduction = {
  takes: "numbers",
  reduce: (x, axes) => axes.reduce(productAlong, x),
};

/**
 * Median over axes: the middle element, or the middle between the two in the middle (NumPy's `median`; PyTorch's gives the
 * lower of the two); NaN if any is. Its derivative goes to these elements. Throws ShapeError over an axis of size 0.
 */
export const median: Reduction = {
  takes: "floats",
  reduce: (x, axes) => quantileOver(orderedRows("median", x, axes), x, axes, 0.5),
};

/**
 * Variance over axes: the mean squared distance from the mean; `correction: 1` divides by n − 1. Throws DTypeError
 * unless the type is a float.
 */
export const variance: Reduction<{ readonly correction?: number }> = {
  takes: "floats",
  extra: ["correction"],
  reduce(x, axes, { correction = 0 }) {
    const n = countOf(x, axes);
    const squares = elements.square(elements.sub(x, dividedSum(x, axes, n)));
    return dividedSum(squares, axes, n - correction);
  },
};

/**
 * Standard deviation over axes: the root of the variance, and 0, with derivative 0, where all are equal; `correction:
 * 1` divides by n − 1 (NumPy's ddof). Throws DTypeError unless the type is a float.
 */
export const std: Reduction<{ readonly correction?: number }> = {
  takes: "floats",
  extra: ["correction"],
  reduce: (x, axes, options) => elements.sqrt(variance.reduce(x, axes, options)),
};

/**
 * Norm over axes, as of one vector (NumPy's `linalg.norm`): `ord` 2 by default; 1 the sum of sizes, ∞ the largest and
 * −∞ the smallest size, 0 how many are not zero, else (Σ|x|ᵒʳᵈ)^(1/ord). Neither overflows nor underflows on the way.
 * At 0, where norms are not smooth, the derivative is 0. Throws RangeError where `ord` is NaN. Throws DTypeError unless
 * the type is a float.
 */
export const norm: Reduction<{ readonly ord?: number }> = {
  takes: "floats",
  extra: ["ord"],
  reduce(x, axes, { ord = 2 }) {
    if (typeof ord !== "number" || Number.isNaN(ord))
      throw new RangeError(`norm: ord is ${String(ord)}; give a number, Infinity or -Infinity`);
    const sizes = elements.abs(x);
    if (countOf(x, axes) === 0 && ord >= 0 && ord < Infinity) return total(sizes, axes);
    if (ord === Infinity || ord === -Infinity) return apply(ord > 0 ? largest : smallest, [sizes], { axes });
    if (ord === 0) return total(apply(cast, [elements.notEqual(x, 0)], { dtype: x.dtype }), axes);
    if (ord === 1) return total(sizes, axes);
    // Any unit of length gives the same norm, but for the rounding of 1/ord. A power of two is the same for all sizes near
    // these, so that also with that rounding it counts as a constant, and dividing by it is exact.
    const most = apply(largest, [sizes], { axes });
    const isUsable = elements.and(elements.greater(most, 0), elements.less(most, Infinity));
    const power = elements.exp2(elements.floor(elements.log2(elements.select(isUsable, most, 1))));
    const unit = apply(stopGradient, [power], null);
    const scaled = elements.div(sizes, spread(unit, x.shape));
    const sum = total(ord === 2 ? elements.square(scaled) : elements.pow(scaled, ord), axes);
    return elements.mul(ord === 2 ? elements.sqrt(sum) : elements.pow(sum, 1 / ord), unit);
  },
};

/** Whether any element over axes is not zero; false for no elements. NaN is not zero. */
export const any: Reduction = {
  takes: "any",
  reduce: (x, axes) => decided(x, axes, largest, 0),
};

/** Whether all elements over axes are not zero; true for no elements. NaN is not zero. */
export const all: Reduction = {
  takes: "any",
  reduce: (x, axes) => decided(x, axes, smallest, 1),
};

/** How many elements over axes are not zero (int32). NaN is not zero. */
export const countNonZero: Reduction = {
  takes: "any",
  reduce: (x, axes) => total(apply(cast, [truthOf(x)], { dtype: "int32" }), axes),
};

/**
 * Log of the sum of exponentials over axes, without overflow. Natural log; −∞ for no elements. Shift by the maximum:
 * Blanchard, Higham & Higham (2021), section 2. Throws DTypeError unless the type is a float.
 */
export const logSumExp: Reduction = {
  takes: "floats",
  reduce: logSumOfExponentials,
};

/**
 * Index of the largest along an axis (int32): the first of equals, or the first NaN. No axis: in the flat tensor.
 * Throws ShapeError over no elements.
 */
export const argmax: SingleReduction = {
  takes: "any",
  isSingle: true,
  reduce: (x, axes) => place(x, axes, false),
};

/**
 * Index of the smallest along an axis (int32): the first of equals, or the first NaN. No axis: in the flat tensor.
 * Throws ShapeError over no elements.
 */
export const argmin: SingleReduction = {
  takes: "any",
  isSingle: true,
  reduce: (x, axes) => place(x, axes, true),
};

const truthOf = (x: Value): Value => (x.dtype === "bool" ? x : elements.notEqual(x, 0));

function decided(x: Value, axes: readonly number[], by: typeof largest, empty: number): Value {
  if (countOf(x, axes) === 0) return filled(empty, kept(x.shape, axes), "bool", x);
  return apply(by, [truthOf(x)], { axes });
}

/** The sum over axes, divided before it overflows. */
const dividedSum = (x: Value, axes: readonly number[], divisor: number): Value =>
  apply(meanPrimitive, [x], { shape: kept(x.shape, axes), divisor });

// Multiplying one half with the other until one is left: no division, hence no trouble with zeros.
function productAlong(x: Value, axis: number): Value {
  const n = x.shape[axis]!;
  if (n === 0) return filled(1, x.shape.with(axis, 1), x.dtype, x);
  if (n === 1) return x;
  const half = n >>> 1;
  const paired = elements.mul(rangeAlong(x, axis, 0, half), rangeAlong(x, axis, half, half));
  if (n % 2 === 0) return productAlong(paired, axis);
  return productAlong(elements.mul(paired, oddOneOut(rangeAlong(x, axis, n - 1, 1), half, axis)), axis);
}

/** The last of an odd number of factors, with a factor 1 for each of the other pairs. */
function oddOneOut(last: Value, length: number, axis: number): Value {
  const after = last.shape.map((_, k) => (k === axis ? length - 1 : 0));
  return padded(last, { before: after.map(() => 0), after }, 1);
}

function place(x: Value, axes: readonly number[], isSmallest: boolean): Value {
  const [axis] = axes;
  if (axes.length === 1) return apply(argExtreme, [x], { axis: axis!, smallest: isSmallest });
  const flat = reshaped(x, [x.size]);
  return reshaped(
    apply(argExtreme, [flat], { axis: 0, smallest: isSmallest }),
    x.shape.map(() => 1),
  );
}
