// Convolution and pooling over any number of axes: windows, then a product or a reduction. Their derivatives are
// those of the parts.

import { checkOptions, kindOf } from "../array/arguments.ts";
import type { DType } from "../array/dtype.ts";
import { inNameOf, ShapeError } from "../array/errors.ts";
import { shapeText, sizeOf } from "../array/shape.ts";
import { checkTensor, type Tensor } from "./tensor.ts";

type PerAxis<T> = T | readonly T[];

export interface WindowOptions {
  /** Steps between windows, 1 by default (pooling: the window's size); one number for all axes, or one for each. */
  readonly strides?: PerAxis<number>;
  /** Zeros around: "valid" (none, the default), "same" (so that stride 1 keeps the size), a width, or widths [before, after] for each axis. */
  readonly padding?: "valid" | "same" | PerAxis<number> | readonly (readonly [number, number])[];
}

function perAxis(value: PerAxis<number>, axes: number, what: string): readonly number[] {
  if (typeof value !== "number" && !Array.isArray(value))
    throw new TypeError(`${what}: got ${kindOf(value)}; give a number for all axes, or one for each axis`);
  if (typeof value === "number") return new Array<number>(axes).fill(value);
  if (value.length !== axes)
    throw new ShapeError(`${what}: ${value.length} numbers for ${axes} axes; give one, or one for each axis`);
  return value;
}

/** The widths of the padding before and after each windowed axis. */
function widthsOf(
  operation: string,
  { padding = "valid" }: WindowOptions,
  spans: readonly number[],
): (readonly [number, number])[] {
  if (padding === "valid") return spans.map(() => [0, 0]);
  if (typeof padding === "string" && padding !== "same")
    throw new TypeError(
      `${operation}: padding "${String(padding)}" is not known; use "valid", "same", a width, or [before, after] an axis`,
    );
  const width = (axis: number): readonly [number, number] => {
    if (padding === "same") return [Math.floor((spans[axis]! - 1) / 2), Math.ceil((spans[axis]! - 1) / 2)];
    const one = typeof padding === "number" ? padding : padding[axis];
    if (one === undefined)
      throw new ShapeError(
        `${operation}: padding has ${(padding as readonly unknown[]).length} widths for ${spans.length} axes; give one for each axis`,
      );
    return typeof one === "number" ? [one, one] : one;
  };
  return spans.map((_, axis) => width(axis));
}

/** x with padding around the last axes. */
function padded(x: Tensor, widths: readonly (readonly [number, number])[], value: number): Tensor {
  if (widths.every(([before, after]) => before === 0 && after === 0)) return x;
  const around = x.shape.slice(0, x.rank - widths.length).map((): [number, number] => [0, 0]);
  return x.pad([...around, ...widths], { value });
}

/**
 * Convolution as neural networks have it (cross-correlation: the kernel is not turned round).
 * x [batch, channels, ...sizes], kernel [outputs, channels, ...window] → [batch, outputs, ...]. `dilations` spreads the
 * kernel's elements. Throws ShapeError where channels differ or the window is larger than the padded input.
 * Windows times matrix: Chellapilla, Puri & Simard (2006).
 */
export function convolution(
  x: Tensor,
  kernel: Tensor,
  options: WindowOptions & { readonly dilations?: PerAxis<number> } = {},
): Tensor {
  checkTensor("convolution", x);
  checkTensor("convolution", kernel);
  checkOptions("convolution", options, ["strides", "padding", "dilations"]);
  const axes = x.rank - 2;
  if (axes < 1 || kernel.rank !== x.rank || kernel.shape[1] !== x.shape[1]) {
    throw new ShapeError(
      `convolution: ${shapeText(x.shape)} with kernel ${shapeText(kernel.shape)}: expected [batch, channels, ...sizes] and [outputs, channels, ...window] of one rank and with equal channels`,
    );
  }
  const sizes = kernel.shape.slice(2);
  const dilations = perAxis(options.dilations ?? 1, axes, "convolution: dilations");
  const strides = perAxis(options.strides ?? 1, axes, "convolution: strides");
  const spans = sizes.map((size, axis) => (size - 1) * dilations[axis]! + 1);
  return inNameOf("convolution", () => {
    // [batch, channels, out…, window…] → [batch, out…, channels, window…], with the numbers of each window in one row.
    const seen = padded(x, widthsOf("convolution", options, spans), 0).windows({ sizes, strides, dilations });
    const out = seen.shape.slice(2, 2 + axes);
    const spatial = out.map((_, axis) => 2 + axis);
    const rows = seen.permute([0, ...spatial, 1, ...sizes.map((_, axis) => 2 + axes + axis)]);
    const [batch, outputs] = [x.shape[0]!, kernel.shape[0]!];
    const length = sizeOf(kernel.shape.slice(1));
    const product = rows
      .reshape([batch * sizeOf(out), length])
      .matmul(kernel.reshape([outputs, length]).transpose());
    const placed = product.reshape([batch, ...out, outputs]);
    return placed.permute([0, axes + 1, ...out.map((_, axis) => 1 + axis)]);
  });
}

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
        if (n > before && last < end) return;
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
 * The largest of every window over the last axes: [batch, channels, ...sizes] → [batch, channels, ...]. Padding never wins.
 * Throws ShapeError where a window would hold padding alone.
 */
export function maxPool(x: Tensor, size: PerAxis<number>, options: WindowOptions = {}): Tensor {
  return pool(maxPooling, x, size, options);
}

const maxPooling: Pooling = {
  operation: "maxPool",
  outside: (dtype) => least[dtype],
  ofPadding: false,
  reduce: (windows, axis) => windows.max({ axis }),
};

/** The mean of every window over the last axes; padding counts as zeros. */
export function averagePool(x: Tensor, size: PerAxis<number>, options: WindowOptions = {}): Tensor {
  return pool(averagePooling, x, size, options);
}

const averagePooling: Pooling = {
  operation: "averagePool",
  outside: () => 0,
  ofPadding: true,
  reduce: (windows, axis) => windows.mean({ axis }),
};
