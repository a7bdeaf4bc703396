// Computes float32 operations with the digits of float64, since a float32 result has too few digits to be compared
// with differences. Arrays keep the name of their type, since functions ask for it, and get a buffer of float64 numbers.

import type { Description } from "../array/description.ts";
import { isFloat } from "../array/dtype.ts";
import { NDArray } from "../array/ndarray.ts";
import { castArray } from "../primitives/movement.ts";
import { interpose } from "../tape/interpose.ts";
import { listOf } from "../tape/outputs.ts";
import type { Primitive } from "../tape/value.ts";
import { Tensor } from "../tensor/tensor.ts";

/** Runs a function, and the derivative rules that are computed meanwhile, with every float32 operation in float64. */
export function inFloat64<T>(run: () => T): T {
  return interpose({ replace: widened }, run);
}

/** The same float32 tensor with room for float64 numbers. */
export function withRoom(tensor: Tensor): Tensor {
  return tensor.dtype === "float32" ? new Tensor(named32(castArray(tensor.array, "float64"))) : tensor;
}

/** Zeros of the shape and type of an array, with the digits of its buffer. */
export function emptyLike({ dtype, shape, size, buffer }: NDArray): NDArray {
  return isFloat(dtype) && buffer instanceof Float64Array
    ? new NDArray(dtype, shape, new Float64Array(size))
    : NDArray.zeros(dtype, shape);
}

const known = new WeakMap<Primitive, Primitive>();

function widened(primitive: Primitive): Primitive {
  const before = known.get(primitive);
  if (before !== undefined) return before;
  const wide: Primitive = {
    ...primitive,
    evaluate(inputs, attributes, output, outputs) {
      const results = primitive.evaluate(
        inputs.map(named64),
        attributes,
        wideDescription(output),
        outputs.map(wideDescription),
      );
      const named = listOf<NDArray>(results).map((result, i) =>
        outputs[i]!.dtype === "float32" ? named32(castArray(result, "float64")) : result,
      );
      return Array.isArray(results) ? named : named[0]!;
    },
    ...(primitive.disturbed === undefined
      ? {}
      : { disturbed: (exchange) => widened(primitive.disturbed!(exchange)) }),
  };
  known.set(primitive, wide);
  known.set(wide, wide);
  return wide;
}

const wideDescription = ({ shape, dtype }: Description): Description => ({
  shape,
  dtype: dtype === "float32" ? "float64" : dtype,
});

/** Float64 numbers that count as float32: laid out in order, since a view would be copied into a float32 buffer. */
const named32 = (array: NDArray): NDArray => new NDArray("float32", array.shape, array.data);

/** What a float32 array holds as float64 numbers. */
function named64(array: NDArray): NDArray {
  const { dtype, shape, buffer, strides, offset } = array;
  if (dtype !== "float32") return array;
  return buffer instanceof Float64Array
    ? new NDArray("float64", shape, buffer, strides, offset)
    : castArray(array, "float64");
}
