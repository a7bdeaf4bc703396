// What the normalising layers share: mean 0 and variance 1 over some axes, and a scale and a shift after it.

import {
  type DType,
  ones,
  type Shape,
  ShapeError,
  type Tensor,
  type Variable,
  zeros,
} from "@adjoint/autograd";
import { checkSize, checkTensor, checkType } from "../arguments.ts";
import { parameter } from "../layer.ts";

/** The options of normalisation layers. */
export interface NormalizationOptions {
  /** Added to the variance, so that what is constant stays finite. */
  readonly epsilon?: number;
  /** Whether the result is scaled and shifted by weights that are trained; true by default. */
  readonly affine?: boolean;
  /** Element type; float32 by default. */
  readonly dtype?: DType;
}

/** Throws RangeError for an epsilon that is negative or NaN. */
export function checkEpsilon(layer: string, epsilon: number): void {
  if (typeof epsilon !== "number" || !(epsilon >= 0))
    throw new RangeError(`${layer}: epsilon ${epsilon} must be 0 or more, e.g. 1e-5`);
}

/** Throws TypeError, DTypeError or ShapeError unless x is a tensor of the layer's type with these channels along axis 1. */
export function checkChannels(layer: string, x: Tensor, channels: number, dtype: DType): void {
  checkTensor(layer, "the input", x);
  if (x.rank < 2 || x.shape[1] !== channels)
    throw new ShapeError(
      `${layer}: input [${x.shape.join(", ")}] where the layer takes [batch, ${channels}, ...sizes], with ${channels} channels along axis 1`,
    );
  checkType(layer, x, dtype);
}

/** Scales that start at 1. */
export const scales = (affine: boolean, shape: Shape, dtype: DType): Variable | null =>
  affine ? parameter(ones([...shape], { dtype }), { name: "weight" }) : null;

/** Shifts that start at 0. */
export const shifts = (affine: boolean, shape: Shape, dtype: DType): Variable | null =>
  affine ? parameter(zeros([...shape], { dtype }), { name: "bias" }) : null;

/** One number for each channel, along axis 1 of a tensor of some rank. */
export const alongChannels = (values: Tensor, rank: number): Tensor =>
  values.reshape([values.size, ...new Array<number>(rank - 2).fill(1)]);

/** x·weight + bias, what is null left out. */
export function scaledAndShifted(x: Tensor, weight: Tensor | null, bias: Tensor | null): Tensor {
  const product = weight === null ? x : x.mul(weight);
  return bias === null ? product : product.add(bias);
}

/** Mean and variance over axes, which are kept with size 1. The variance is that of the numbers themselves: divided by n. */
export function moments(
  x: Tensor,
  axis: readonly number[],
): { centered: Tensor; mean: Tensor; variance: Tensor } {
  const mean: Tensor = x.mean({ axis, keepDims: true });
  const centered = x.sub(mean);
  return { centered, mean, variance: centered.square().mean({ axis, keepDims: true }) };
}

/** (x − mean)/√(variance + epsilon) over axes. */
export function normalized(x: Tensor, axis: readonly number[], epsilon: number): Tensor {
  const { centered, variance } = moments(x, axis);
  return centered.mul(variance.add(epsilon).rsqrt());
}

/** The sizes of the last axes, as a list. Throws ShapeError for sizes that are not whole numbers from 1, or none. */
export function sizesOf(layer: string, sizes: number | readonly number[]): readonly number[] {
  const list = typeof sizes === "number" ? [sizes] : sizes;
  if (!Array.isArray(list) || list.length === 0)
    throw new ShapeError(
      `${layer}: there are no sizes; give that of the last axis, or a list of those of the last axes`,
    );
  for (const n of list as readonly number[]) checkSize(layer, "a size", n);
  return [...list];
}

/** The last axes of x, as many as there are sizes. */
export const lastAxes = (x: Tensor, sizes: readonly number[]): number[] =>
  sizes.map((_, i) => x.rank - sizes.length + i);

/** Throws TypeError, ShapeError or DTypeError unless x is a tensor of the layer's type whose last axes have these sizes. */
export function checkLastAxes(layer: string, x: Tensor, sizes: readonly number[], dtype: DType): void {
  checkTensor(layer, "the input", x);
  if (lastAxes(x, sizes).some((axis, i) => x.shape[axis] !== sizes[i]))
    throw new ShapeError(
      `${layer}: input [${x.shape.join(", ")}] where the layer takes [..., ${sizes.join(", ")}]: make the layer with the input's last sizes`,
    );
  checkType(layer, x, dtype);
}
