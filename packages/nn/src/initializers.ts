// First weights. An initializer is a function of a key, a shape [inputs, outputs] and an element type.

import { type DType, full, type Key, normal, type Shape, type Tensor, uniform } from "@adjoint/autograd";

export type Initializer = (key: Key, shape: Shape, dtype: DType) => Tensor;

/** The numbers of inputs and outputs of one unit; for a convolution kernel [outputs, inputs, ...window], times the window's size. */
function fans(shape: Shape): { inputs: number; outputs: number } {
  if (shape.length < 3) return { inputs: shape[0] ?? 1, outputs: shape.at(-1) ?? 1 };
  const window = shape.slice(2).reduce((product, n) => product * n, 1);
  return { inputs: shape[1]! * window, outputs: shape[0]! * window };
}

const evenly =
  (limit: (inputs: number, outputs: number) => number): Initializer =>
  (key, shape, dtype) => {
    const { inputs, outputs } = fans(shape);
    const bound = limit(inputs, outputs);
    return uniform(key, shape, { dtype, low: -bound, high: bound });
  };

const normally =
  (deviation: (inputs: number, outputs: number) => number): Initializer =>
  (key, shape, dtype) => {
    const { inputs, outputs } = fans(shape);
    return normal(key, shape, { dtype, deviation: deviation(inputs, outputs) });
  };

/** Evenly over ±√(6/(inputs + outputs)): keeps the variance from layer to layer for tanh-like activations. Glorot & Bengio (2010). */
export const glorotUniform: Initializer = evenly((inputs, outputs) => Math.sqrt(6 / (inputs + outputs)));

/** Normal with variance 2/(inputs + outputs). Glorot & Bengio (2010). */
export const glorotNormal: Initializer = normally((inputs, outputs) => Math.sqrt(2 / (inputs + outputs)));

/** Evenly over ±√(6/inputs): keeps the variance from layer to layer for relu-like activations. He et al. (2015). */
export const heUniform: Initializer = evenly((inputs) => Math.sqrt(6 / inputs));

/** Normal with variance 2/inputs. He et al. (2015). */
export const heNormal: Initializer = normally((inputs) => Math.sqrt(2 / inputs));

/** Evenly over [low, high), such as the lecture's small range [0, 1]. */
export function uniformRange(low: number, high: number): Initializer {
  return (key, shape, dtype) => uniform(key, shape, { dtype, low, high });
}

/** All zeros: right for biases; for weights it leaves all units of a layer alike. */
export const allZeros: Initializer = (_key, shape, dtype) => full(shape, 0, { dtype });
