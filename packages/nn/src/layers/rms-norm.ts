// Root-mean-square normalization: each sample by its own size.

import type { Shape, Tensor, Variable } from "@adjoint/autograd";
import { checkOptions } from "../arguments.ts";
import type { ShapeKeepingLayer } from "../layer.ts";
import { made } from "../made.ts";
import {
  checkEpsilon,
  checkLastAxes,
  lastAxes,
  type NormalizationOptions,
  scaledAndShifted,
  scales,
  sizesOf,
} from "./normalized.ts";

/**
 * Root-mean-square normalisation (Zhang & Sennrich 2019): x/√(mean of x² + epsilon)·weight, the mean being that of the
 * last axes, which have these sizes: one number, or several. PyTorch's `RMSNorm`, whose epsilon is the type's: 2⁻²³ for
 * float32, 2⁻⁵² for float64. Throws ShapeError for an input whose last axes have other sizes.
 */
export function rmsNorm(
  sizes: number | readonly number[],
  options: NormalizationOptions = {},
): ShapeKeepingLayer & { readonly weight: Variable | null } {
  const shape = sizesOf("rmsNorm", sizes);
  checkOptions("rmsNorm", options, ["epsilon", "affine", "dtype"]);
  const { affine = true, dtype = "float32" } = options;
  const { epsilon = dtype === "float64" ? 2 ** -52 : 2 ** -23 } = options;
  checkEpsilon("rmsNorm", epsilon);
  const weight = scales(affine, shape, dtype);
  function forward<S extends Shape>(x: Tensor<S>): Tensor<S>;
  function forward(x: Tensor): Tensor {
    checkLastAxes("rmsNorm", x, shape, dtype);
    const meanSquare: Tensor = x.square().mean({ axis: lastAxes(x, shape), keepDims: true });
    return scaledAndShifted(x.mul(meanSquare.add(epsilon).rsqrt()), weight?.value ?? null, null);
  }
  return made(
    {
      weight,
      forward,
      toString: () => `rmsNorm(${shape.join(", ")})`,
    },
    "rmsNorm",
    sizes,
    options,
  );
}
