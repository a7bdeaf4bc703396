// Activation functions, each stated once. Derivatives, ψ and kinks are derived where they aren't stated.

import { type Activation, activation, type Shape, type Tensor } from "@adjoint/autograd";
import { named } from "./arguments.ts";

/** What a layer applies to its weighted sums: an activation, or any function of a tensor with a name. */
export interface LayerActivation {
  (x: Tensor): Tensor;
  readonly name: string;
}

/** One whose result has the shape of what it is given, in its type, too. */
interface ShapeKeeping extends LayerActivation {
  <S extends Shape>(x: Tensor<S>): Tensor<S>;
}

/** φ(x) = x. */
export const linear: Activation = activation("linear", (x) => x);

/** 1 where x > 0, else 0. Its derivative is 0 everywhere. */
export const step: Activation = activation("step", (x) => x.greater(0).select(1, 0), {
  range: [0, 1],
  psi: (y) => y.mul(0),
});

/** 1 where x > 0, else −1, as the lecture has it. Its derivative is 0 everywhere. */
export const sign: Activation = activation("sign", (x) => x.greater(0).select(1, -1), {
  range: [-1, 1],
  psi: (y) => y.mul(0),
});

/** Logistic function 1/(1 + e⁻ˣ); ψ(y) = y(1 − y). */
export const logistic: Activation = activation("logistic", (x) => x.logistic(), { range: [0, 1] });

/**
 * The logistic function under its common name.
 * @alias
 */
export const sigmoid: Activation = logistic;

/** Hyperbolic tangent, a rescaled logistic function: tanh x = 2σ(2x) − 1; ψ(y) = 1 − y². */
export const tanh: Activation = activation("tanh", (x) => x.tanh(), { range: [-1, 1] });

/** max(0, x); derivative 0 at 0. */
export const relu: Activation = activation("relu", (x) => x.relu(), {
  range: [0, Infinity],
  psi: (y) => y.greater(0).select(1, 0),
});

/** x where x > 0, else slope·x, with a slope above 0, which is the derivative at 0 too. Throws RangeError for another slope. */
export function leakyReluOf(slope: number): Activation {
  // A slope of 0 or less would hide the input's sign from the output, and with it the derivative.
  if (!(slope > 0)) throw new RangeError(`leakyReluOf: slope ${slope} must be above 0; for 0, use relu`);
  return activation("leakyRelu", (x) => x.greater(0).select(x, x.mul(slope)), {
    psi: (y) => y.greater(0).select(1, slope),
  });
}

/** x where x > 0, else 0.01·x. */
export const leakyRelu: Activation = leakyReluOf(0.01);

/** x where x > 0, else eˣ − 1. Clevert, Unterthiner & Hochreiter (2015). */
export const elu: Activation = activation("elu", (x) => x.greater(0).select(x, x.expm1()), {
  range: [-1, Infinity],
  psi: (y) => y.greater(0).select(1, y.add(1)),
});

/** x·Φ(x), Φ the standard normal's distribution function. Hendrycks & Gimpel (2016). */
export const gelu: Activation = activation("gelu", (x) => x.mul(0.5).mul(x.mul(-Math.SQRT1_2).erfc()), {
  range: [-0.16997120747990369, Infinity],
});

/** x·σ(x), also called swish. Elfwing, Uchibe & Doya (2017). */
export const silu: Activation = activation("silu", (x) => x.mul(x.logistic()), {
  range: [-0.2784645427610738, Infinity],
});

/** log(1 + eˣ); ψ(y) = 1 − e⁻ʸ. */
export const softplus: Activation = activation("softplus", (x) => x.softplus(), {
  range: [0, Infinity],
  psi: (y) => y.neg().expm1().neg(),
});

/** Exponentials scaled to sum to one along the last axis. */
export const softmax: ShapeKeeping = named("softmax", <S extends Shape>(x: Tensor<S>) => x.softmax());

/** Log of softmax along the last axis. */
export const logSoftmax: ShapeKeeping = named("logSoftmax", <S extends Shape>(x: Tensor<S>) =>
  x.logSoftmax(),
);
