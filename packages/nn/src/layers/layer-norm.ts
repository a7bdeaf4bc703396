// Layer normalization: each sample by its own mean and variance.

import type { Shape, Tensor, Variable } from "@adjoint/autograd";
import { checkOptions } from "../arguments.ts";
import type { ShapeKeepingLayer } from "../layer.ts";
import { made } from "../made.ts";
import {
  checkEpsilon,
  checkLastAxes,
  lastAxes,
  type NormalizationOptions,
  normalized,
  scaledAndShifted,
  scales,
  shifts,
  sizesOf,
} from "./normalized.ts";

/**
 * Layer normalisation (Ba, Kiros & Hinton 2016): (x − mean)/√(variance + epsilon)·weight + bias, mean and variance
 * (divided by n) being those of the last axes, which have these sizes: one number, or several. PyTorch's `LayerNorm`,
 * epsilon 1e-5. Throws ShapeError for an input whose last axes have other sizes.
 */
export function layerNorm(
  sizes: number | readonly number[],
  options: NormalizationOptions = {},
): ShapeKeepingLayer & { readonly weight: Variable | null; readonly bias: Variable | null } {
  const shape = sizesOf("layerNorm", sizes);
  checkOptions("layerNorm", options, ["epsilon", "affine", "dtype"]);
  const { epsilon = 1e-5, affine = true, dtype = "float32" } = options;
  checkEpsilon("layerNorm", epsilon);
  const weight = scales(affine, shape, dtype);
  const bias = shifts(affine, shape, dtype);
  function forward<S extends Shape>(x: Tensor<S>): Tensor<S>;
  function forward(x: Tensor): Tensor {
    checkLastAxes("layerNorm", x, shape, dtype);
    return scaledAndShifted(
      normalized(x, lastAxes(x, shape), epsilon),
      weight?.value ?? null,
      bias?.value ?? null,
    );
  }
  return made(
    {
      ...{ weight, bias },
      forward,
      toString: () => `layerNorm(${shape.join(", ")})`,
    },
    "layerNorm",
    sizes,
    options,
  );
}
