// What storing numbers in a type does to them.

import type { DType, Shape } from "@adjoint/autograd";
import type { NDArray } from "../../../packages/autograd/src/array/ndarray.ts";
import { arrayOf } from "../../support/tensors.ts";

/** Numbers as an array of a type holds them: float32 rounds to nearest, int32 drops the fraction. */
export function castArray(values: readonly number[], shape: Shape, dtype: DType): NDArray {
  return arrayOf(values, shape, dtype);
}
