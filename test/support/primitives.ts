// Primitives of one output, as tests ask and state them.

import type { Tensor } from "@adjoint/autograd";
import type { Description } from "../../packages/autograd/src/array/description.ts";
import type { NDArray } from "../../packages/autograd/src/array/ndarray.ts";
import type { Applied, Primitive } from "../../packages/autograd/src/tape/value.ts";

/** The rules of a primitive of one output that has both, in the tensor's words. */
export interface Rules {
  pushforward(step: Applied<unknown, Tensor>, tangents: readonly (Tensor | null)[]): Tensor | null;
  pullback(
    step: Applied<unknown, Tensor>,
    cotangent: Tensor,
    wanted: readonly boolean[],
  ): readonly (Tensor | null)[];
}

/** A primitive's one result on these numbers. */
export function evaluateOne<A>(
  primitive: Primitive<A>,
  operands: readonly NDArray[],
  attributes: A,
  output: Description = describeOne(primitive, operands, attributes),
): NDArray {
  return primitive.evaluate(operands, attributes, output, [output]) as NDArray;
}

/** The shape and type of a primitive's one result. */
export function describeOne<A>(
  primitive: Primitive<A>,
  operands: readonly Description[],
  attributes: A,
): Description {
  return primitive.describe(operands, attributes) as Description;
}
