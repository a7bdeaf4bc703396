// Counting: how often numbers occur, and which and where they are. Where a result has as many elements as there are of
// something, its shape depends on numbers, which nobody knows while a program is made.

import { checkOptions } from "../array/arguments.ts";
import { checkFloat, type TypedArray } from "../array/dtype.ts";
import { CompileError, DTypeError, ShapeError } from "../array/errors.ts";
import { shapeText } from "../array/shape.ts";
import { Unknown } from "../tape/unknown.ts";
import { linspace, ones, tensor, where } from "./creation.ts";
import { guarded } from "./guarded.ts";
import { searchSorted, segmentSum } from "./lookup.ts";
import { asTensor, checkTensor, type Tensor } from "./tensor.ts";

/** The numbers of a tensor, on which the shape of a result depends. Throws CompileError, or under vmap TypeError, where they aren't known. */
function knownNumbers(operation: string, x: Tensor, way: string): TypedArray {
  if (!(x.array.pending instanceof Unknown)) return x.array.data;
  const said = `${operation}: the shape of the result depends on the numbers of ${shapeText(x.shape)}, which are not known in compile, record and vmap; ${way}`;
  try {
    return x.array.data;
  } catch (error) {
    throw error instanceof CompileError ? new CompileError(said) : new TypeError(said);
  }
}

const indexVector = (values: readonly number[]): Tensor<[number]> =>
  tensor(values, { dtype: "int32", shape: [values.length] });

/**
 * The indices of the elements that are not zero, as one vector of indices (int32) for each axis, in row-major order.
 * NaN is not zero. NumPy's `nonzero`. Only where numbers are known: throws CompileError in compile and record,
 * TypeError under vmap; ShapeError for a tensor of rank 0.
 */
export function nonZero(x: Tensor): Tensor<[number]>[] {
  const { shape } = checkTensor("nonZero", x);
  if (shape.length === 0)
    throw new ShapeError("nonZero: a tensor of rank 0 has no axes to find indices along; flatten it first");
  const data = knownNumbers(
    "nonZero",
    x,
    "keep the shape with where(mask, a, b), x.maskedFill(mask, 0) or x.at(mask).set(v), or count with x.countNonZero()",
  );
  const found: number[] = [];
  data.forEach((value: number, i: number) => {
    if (value !== 0) found.push(i);
  });
  let behind = x.size;
  return shape.map((n) => {
    behind /= n;
    return indexVector(found.map((i) => Math.floor(i / behind) % n));
  });
}

/**
 * The different elements in ascending order: [k]. −0 and 0 count as one, and NaN is one, the last. NumPy's `unique`. Derivatives
 * go to the first of equal elements. Only where numbers are known: throws CompileError in compile and record, TypeError under
 * vmap.
 */
export function unique(x: Tensor): Tensor<[number]> {
  checkTensor("unique", x);
  const data = knownNumbers(
    "unique",
    x,
    "keep the shape: x.flatten().sort(), in which equal elements are neighbours",
  );
  const flat: Tensor<[number]> = x.flatten();
  const order = Array.from(flat.argsort().data);
  const isSame = (a: number, b: number) => a === b || (Number.isNaN(a) && Number.isNaN(b));
  const first = order.filter((at, i) => i === 0 || !isSame(data[at]!, data[order[i - 1]!]!));
  return flat.gather(indexVector(first));
}

/**
 * How often each whole number from 0 on occurs in a tensor of int32: [length]. Without `length` there are as many as the largest
 * number needs, and the numbers must be known; with it the counts can be asked for in programs, too. NumPy's `bincount`; for
 * weights use `segmentSum(weights, ids, n)`. Throws RangeError for a number that is negative or not below `length`, CompileError
 * in compile and record, and TypeError under vmap, where there is no `length`.
 */
export function bincount<const N extends number = number>(
  x: Tensor,
  options: { readonly length?: N } = {},
): Tensor<[N]> {
  checkTensor("bincount", x);
  checkOptions("bincount", options, ["length"]);
  if (x.dtype !== "int32")
    throw new DTypeError(`bincount: ${x.dtype} must be int32; cast it, e.g. x.cast("int32")`);
  const { length } = options;
  if (length !== undefined && !(Number.isInteger(length) && length >= 0))
    throw new RangeError(`bincount: length is ${length}; give a whole number, 0 or more`);
  const flat: Tensor<[number]> = x.flatten();
  const counts = (n: number, to: number, message: string): Tensor<[N]> =>
    asTensor(segmentSum(ones([x.size], { dtype: "int32" }), guarded(flat, { from: 0, to, message }), n));
  if (length !== undefined)
    return counts(
      length,
      length - 1,
      `bincount: {} with length ${length}; numbers run from 0 to ${length - 1}`,
    );
  const data = knownNumbers("bincount", x, "say how many there are: bincount(x, { length })");
  const most = Array.from(data).reduce((a, b) => Math.max(a, b), -1);
  return counts(most + 1, most, "bincount: {} is negative; numbers must be 0 or more");
}

/** The options of `histogram`. */
export interface HistogramOptions<N extends number> {
  /** How many intervals of equal width; 10 by default. */
  readonly bins?: N;
  /** From where to where; from the least to the largest element by default, and ½ to both sides of a single number. */
  readonly range?: readonly [low: number, high: number];
}

/**
 * How many elements lie in each of some intervals of equal width, and where these begin and end: counts [bins] (int32) and edges
 * [bins + 1]. An element at an edge belongs to the interval that begins there, at the last edge to the last one; elements outside
 * `range`, and NaN with it, are not counted. Can be asked for in programs, too. NumPy's `histogram`. Throws RangeError where
 * there is no finite range, DTypeError unless the type is a float.
 */
export function histogram<const N extends number = 10>(
  x: Tensor,
  options: HistogramOptions<N> = {},
): { counts: Tensor<[N]>; edges: Tensor<[number]> } {
  checkTensor("histogram", x);
  checkOptions("histogram", options, ["bins", "range"]);
  checkFloat("histogram", x.dtype);
  const { bins = 10, range } = options;
  if (!Number.isInteger(bins) || bins < 1)
    throw new RangeError(`histogram: bins is ${bins}; give a whole number, 1 or more`);
  const edges = edgesOf(x, bins, range);
  const flat: Tensor<[number]> = x.flatten();
  const [first, last]: readonly [Tensor, Tensor] = [edges.slice(0), edges.slice(-1)];
  const place = searchSorted(edges, flat, { side: "right" }).sub(1);
  // What lies outside is counted, too, behind the last interval, and cut off.
  const isInside = flat.greaterEqual(first).and(flat.lessEqual(last));
  const ids: Tensor = where(isInside, where(flat.equal(last), bins - 1, place), bins);
  const counted: Tensor = bincount(ids, { length: bins + 1 });
  return { counts: counted.slice([0, bins]), edges };
}

function edgesOf(x: Tensor, bins: number, range: HistogramOptions<number>["range"]): Tensor<[number]> {
  const [low, high] = range ?? [0, 1];
  if (range !== undefined || x.size === 0) {
    if (!(Number.isFinite(low) && Number.isFinite(high) && low <= high))
      throw new RangeError(
        `histogram: range [${low}, ${high}] is none; give two finite numbers, the lower one first`,
      );
    const around = low === high ? 0.5 : 0;
    return linspace(low - around, high + around, bins + 1, { dtype: x.dtype });
  }
  // Half of the largest number, so that no distance overflows.
  const most = x.dtype === "float32" ? 2 ** 127 - 2 ** 103 : Number.MAX_VALUE / 2;
  const known: Tensor = guarded(x.flatten(), {
    from: -most,
    to: most,
    message: `histogram: {} is among the elements, which without a range must lie within ±${most}; give one: { range: [low, high] }`,
  });
  const [least, largest]: readonly [Tensor, Tensor] = [known.min(), known.max()];
  const around = least.equal(largest).cast(x.dtype).mul(0.5);
  const [from, to] = [least.sub(around), largest.add(around)];
  const way = linspace(0, 1, bins + 1, { dtype: x.dtype });
  return asTensor(where(way.equal(1), to, from.add(to.sub(from).mul(way))));
}
