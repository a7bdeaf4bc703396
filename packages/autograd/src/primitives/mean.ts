// The mean, which is finite where its numbers are: a sum may overflow, and dividing it then comes too late.

import type { Description } from "../array/description.ts";
import { checkFloat } from "../array/dtype.ts";
import { NDArray } from "../array/ndarray.ts";
import { sizeOf } from "../array/shape.ts";
import type { Shape } from "../array/shape-types.ts";
import { statedFunction } from "../expression/elementwise-function.ts";
import type { Primitive } from "../tape/value.ts";
import { elements, elementwise } from "./elementwise.ts";
import { linear } from "./families.ts";
import { batchedTotal, castArray, sumTo, totalsOf } from "./movement.ts";
import { spread, summedTo } from "./moving.ts";

/** A shape that broadcasts to x's, and what the sums over the other axes are divided by: their number of terms, or nearly so. */
interface MeanAttributes {
  readonly shape: Shape;
  readonly divisor: number;
}

/** A power of two so small that this many numbers, multiplied by it, have a finite sum. */
const shrinking = (terms: number) => 2 ** -Math.ceil(Math.log2(Math.max(1, terms)));

/** Whether loops divide a total before they round it. A single term has none. */
const isTotal = (x: Description, shape: Shape) => x.dtype === "float32" && sizeOf(x.shape) > sizeOf(shape);

const itself = statedFunction("itself", 1, (x) => x!);
// Multiplying by a power of two rounds only the smallest numbers, which are negligible beside those that overflow.
const shrunk = statedFunction("shrunk", 2, (x, by) => x!.mul(by!));
const quotient = statedFunction("mean", 4, (total, divisor, small, smallDivisor) =>
  total!.abs().less(Infinity).select(total!.div(divisor!), small!.div(smallDivisor!)),
);

/** Sums over the axes that `shape` lacks, divided. */
export const mean: Primitive<MeanAttributes> = linear<MeanAttributes>({
  name: "mean",
  describe([x], { shape }) {
    checkFloat("mean", x!.dtype);
    sumTo.describe([x!], { shape });
    return { shape, dtype: x!.dtype };
  },
  evaluate([x], { shape, divisor }, { dtype }) {
    const totals = totalsOf(x!, shape).data;
    const result = NDArray.zeros("float64", shape);
    for (let i = 0; i < totals.length; i++) result.buffer[i] = totals[i]! / divisor;
    // Only sums of float64 numbers can overflow here: sums of float32 numbers are kept in float64.
    if (dtype === "float64" && !result.data.every(Number.isFinite)) {
      const by = shrinking(sizeOf(x!.shape) / sizeOf(shape));
      const { data } = x!;
      const small = NDArray.zeros("float64", x!.shape);
      for (let i = 0; i < data.length; i++) small.buffer[i] = data[i]! * by;
      const smallTotals = totalsOf(small, shape).data;
      for (let i = 0; i < totals.length; i++)
        if (!Number.isFinite(totals[i]!)) result.buffer[i] = smallTotals[i]! / (divisor * by);
    }
    return castArray(result, dtype);
  },
  lowering: ({ shape, divisor }, [x]) =>
    isTotal(x!, shape) ? { family: "reduction", combine: "total", divisor } : null,
  composed([x], { shape, divisor }) {
    if (isTotal(x!, shape)) return null;
    const by = shrinking(x!.size / sizeOf(shape));
    // A value of its own, so that both sums are computed from it in one pass.
    const terms = elementwise(itself, [x!]);
    const small = summedTo(elementwise(shrunk, [terms, by]), shape);
    return elementwise(quotient, [summedTo(terms, shape), divisor, small, divisor * by]);
  },
  batched: ([x], { shape, divisor }, _isBatched, size) => batchedTotal(x!, shape, size, mean, { divisor }),
  adjoint: (dy, { shape }, _i, { attributes: { divisor } }) => spread(elements.div(dy, divisor), shape),
  label: ({ shape }) => `[${shape.join(", ")}]`,
});
