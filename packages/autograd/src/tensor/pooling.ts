// Pooling over any number of axes: windows, then a reduction. Its derivatives are those of the parts.

import { checkOptions } from "../array/arguments.ts";
import type { DType } from "../array/dtype.ts";
import { inNameOf, ShapeError } from "../array/errors.ts";
import { shapeText } from "../array/shape.ts";
import type { Shape } from "../array/shape-types.ts";
import type { PerAxis, Pooled } from "../array/window-types.ts";
import { type Padding, padded, perAxis, type WindowOptions, widthsOf } from "./padding.ts";
import { asTensor, checkTensor, type Tensor } from "./tensor.ts";

/** How the numbers of a window are combined. */
interface Pooling {
  readonly operation: string;
  /** What padding holds. */
  outside(dtype: DType): number;
  /** Whether a window that holds only padding has a result. */
  readonly ofPadding: boolean;
  reduce(windows: Tensor, axis: readonly number[]): Tensor;
}

function pool(
  { operation, outside, ofPadding, reduce }: Pooling,
  x: Tensor,
  size: PerAxis<number>,
  options: WindowOptions,
): Tensor {
  checkTensor(operation, x);
  checkOptions(operation, options, ["strides", "padding"]);
  const axes = Array.isArray(size) ? size.length : x.rank - 2;
  if (axes < 1 || axes > x.rank)
    throw new ShapeError(
      `${operation}: ${axes < 1 ? "no" : axes} axes to pool in ${shapeText(x.shape)}; expected [batch, channels, ...sizes], or a window size for each of the last axes`,
    );
  const sizes = perAxis(size, axes, `${operation}: size`);
  const strides = perAxis(options.strides ?? sizes, axes, `${operation}: strides`);
  const widths = widthsOf(operation, options, sizes);
  return inNameOf(operation, () => {
    const seen = padded(x, widths, outside(x.dtype)).windows({ sizes, strides });
    const first = seen.rank - axes;
    if (!ofPadding)
      sizes.forEach((n, axis) => {
        const [before] = widths[axis]!;
        const end = before + x.shape[x.rank - axes + axis]!;
        const last = (seen.shape[first - axes + axis]! - 1) * strides[axis]!;
        if (n > before && last < end && before < end) return;
        throw new ShapeError(
          `${operation}: padding [${widths[axis]!.join(", ")}] at axis ${x.rank - axes + axis} of ${shapeText(x.shape)}: a window of ${n} there holds padding alone and nothing of the tensor; make the padding smaller than the window`,
        );
      });
    return reduce(
      seen,
      sizes.map((_, axis) => first + axis),
    );
  });
}

const least = { float32: -Infinity, float64: -Infinity, int32: -(2 ** 31), bool: 0 } as const;

/**
 * The largest of every window over the last axes: [batch, channels, ...sizes] → [batch, channels, ...]. Padding is
 * never the largest. Throws ShapeError where a window would hold padding alone. PyTorch's `max_pool2d`, for any number
 * of axes.
 */
export function maxPool<
  X extends Shape,
  const Size extends PerAxis<number>,
  const Strides extends PerAxis<number> = Size,
  const Around extends Padding = "valid",
  R extends Pooled<X, Size, Strides, Around> = Pooled<X, Size, Strides, Around>,
>(x: Tensor<X>, size: Size, options: WindowOptions<Strides, Around> = {}): Tensor<R> {
  return asTensor(pool(maxPooling, x, size, options));
}

const maxPooling: Pooling = {
  operation: "maxPool",
  outside: (dtype) => least[dtype],
  ofPadding: false,
  reduce: (windows, axis) => windows.max({ axis }),
};

/**
 * The mean of every window over the last axes: [batch, channels, ...sizes] → [batch, channels, ...]. Padding counts as
 * zeros. Throws ShapeError where the windows or the padding don't fit the axes. PyTorch's `avg_pool2d`, for any number
 * of axes.
 */
export function averagePool<
  X extends Shape,
  const Size extends PerAxis<number>,
  const Strides extends PerAxis<number> = Size,
  const Around extends Padding = "valid",
  R extends Pooled<X, Size, Strides, Around> = Pooled<X, Size, Strides, Around>,
>(x: Tensor<X>, size: Size, options: WindowOptions<Strides, Around> = {}): Tensor<R> {
  return asTensor(pool(averagePooling, x, size, options));
}

const averagePooling: Pooling = {
  operation: "averagePool",
  outside: () => 0,
  ofPadding: true,
  reduce: (windows, axis) => windows.mean({ axis }),
};
