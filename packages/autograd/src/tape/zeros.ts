// Constant values, of the kind of another value: zeros stand for what does not move.

import type { Description } from "../array/description.ts";
import type { DType } from "../array/dtype.ts";
import { NDArray } from "../array/ndarray.ts";
import type { Shape } from "../array/shape-types.ts";
import { algebraOf, type Value } from "./value.ts";

/** One number everywhere, stored once, of the kind of `like`. */
export function filled(value: number, shape: Shape, dtype: DType, like: Value): Value {
  return algebraOf(like).make(NDArray.filled(dtype, shape, value));
}

/** Zeros of a shape and type, of the kind of `like`. */
export function zerosOf({ shape, dtype }: Description, like: Value): Value {
  return filled(0, shape, dtype, like);
}
