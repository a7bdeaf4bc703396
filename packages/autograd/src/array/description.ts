// What is known of an array before its numbers are known.

import type { DType } from "./dtype.ts";
import type { Shape } from "./shape-types.ts";

/** Shape and element type. */
export interface Description {
  /** Sizes of the axes, outermost first. */
  readonly shape: Shape;
  /** Element type. */
  readonly dtype: DType;
}
