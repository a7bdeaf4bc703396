// Activation functions, each stated once. Derivatives, ψ and kinks are derived where they aren't stated.

import { type Activation, activation, type Shape, type Tensor } from "@adjoint/autograd";
import { named } from "./arguments.ts";

/** What a layer applies to its weighted sums: an activation, or any function of a tensor with a name. */
export interface LayerActivation {
  (x: Tensor): Tensor;
  /** Its name, in printed layers and in files. */
  readonly name: string;
}

/** One whose result has the shape of what it is given, in its type, too. */
interface ShapeKeeping extends LayerActivation {
  <S extends Shape>(x: Tensor<S>): Tensor<S>;
}

/** φ(x) = x. PyTorch's `Identity`. */
export const linear: Activation = activation("linear", (x) => x);

/** 1 where x > 0, else 0. Its derivative is 0 everywhere. The lecture's threshold; NumPy's `heaviside(x, 0)`. */
export const step: Activation = activation("step", (x) => x.greater(0).select(1, 0), {
  range: [0, 1],
  psi: (y) => y.mul(0),
});

/** 1 where x > 0, else −1, as the lecture has it. Its derivative is 0 everywhere. */
export const sign: Activation = activation("sign", (x) => x.greater(0).select(1, -1), {
  range: [-1, 1],
  psi: (y) => y.mul(0),
});

/** Logistic function 1/(1 + e⁻ˣ); ψ(y) = y(1 − y). PyTorch's `Sigmoid`. */
export const logistic: Activation = activation("logistic", (x) => x.logistic(), { range: [0, 1] });

/**
 * The logistic function under its common name.
 * @alias
 */
export const sigmoid: Activation = logistic;

/** Hyperbolic tangent, a rescaled logistic function: tanh x = 2σ(2x) − 1; ψ(y) = 1 − y². PyTorch's `Tanh`. */
export const tanh: Activation = activation("tanh", (x) => x.tanh(), { range: [-1, 1] });

/** max(0, x); derivative 0 at 0. Nair & Hinton (2010). PyTorch's `ReLU`. */
export const relu: Activation = activation("relu", (x) => x.relu(), {
  range: [0, Infinity],
  psi: (y) => y.greater(0).select(1, 0),
});

/**
 * x where x > 0, else slope·x, with a slope above 0, which is the derivative at 0 too. Throws RangeError for another
 * slope. Maas, Hannun & Ng (2013). PyTorch's `LeakyReLU`.
 */
export function leakyReluOf(slope: number): Activation {
  // A slope of 0 or less would hide the input's sign from the output, and with it the derivative.
  if (!(slope > 0)) throw new RangeError(`leakyReluOf: slope ${slope} must be above 0; for 0, use relu`);
  return activation("leakyRelu", (x) => x.greater(0).select(x, x.mul(slope)), {
    psi: (y) => y.greater(0).select(1, slope),
  });
}

/** x where x > 0, else 0.01·x. Maas, Hannun & Ng (2013). PyTorch's `LeakyReLU`. */
export const leakyRelu: Activation = leakyReluOf(0.01);

/** x where x > 0, else eˣ − 1. Clevert, Unterthiner & Hochreiter (2015). PyTorch's `ELU`. */
export const elu: Activation = activation("elu", (x) => x.greater(0).select(x, x.expm1()), {
  range: [-1, Infinity],
  psi: (y) => y.greater(0).select(1, y.add(1)),
});

/**
 * x where x > 0, else alpha·(e^(x/alpha) − 1), whose slope has no jump at 0, whatever alpha, which is above 0; 1 makes it `elu`.
 * Barron (2017). PyTorch's `CELU`. Throws RangeError for another alpha.
 */
export function celuOf(alpha: number): Activation {
  if (!(alpha > 0 && alpha < Infinity))
    throw new RangeError(`celuOf: alpha ${alpha} must be above 0, and finite`);
  return activation("celu", (x) => x.greater(0).select(x, x.div(alpha).expm1().mul(alpha)), {
    range: [-alpha, Infinity],
    psi: (y) => y.greater(0).select(1, y.div(alpha).add(1)),
  });
}

const SELU_SCALE = 1.0507009873554805;
const SELU_FLOOR = 1.7580993408473768;

/**
 * λ·x where x > 0, else λα·(eˣ − 1), with λ = 1.0507 and α = 1.6733, so that outputs keep mean 0 and variance 1 where
 * inputs have them. Klambauer et al. (2017). Use leCunNormal for the weights. PyTorch's `SELU`.
 */
export const selu: Activation = activation(
  "selu",
  (x) => x.greater(0).select(x.mul(SELU_SCALE), x.expm1().mul(SELU_FLOOR)),
  {
    range: [-SELU_FLOOR, Infinity],
    psi: (y) => y.greater(0).select(SELU_SCALE, y.add(SELU_FLOOR)),
  },
);

/** x where it is above the threshold, else the value. PyTorch's `Threshold`. Throws RangeError for numbers that are not finite. */
export function thresholdOf(threshold: number, value: number): Activation {
  if (!Number.isFinite(threshold) || !Number.isFinite(value))
    throw new RangeError(`thresholdOf: threshold ${threshold} and value ${value} must be finite`);
  return activation("threshold", (x) => x.lessEqual(threshold).select(value, x), {
    range: [Math.min(threshold, value), Infinity],
    // A value above the threshold may also be an input that passed.
    ...(value <= threshold ? { psi: (y) => y.greater(threshold).select(1, 0) } : {}),
  });
}

/** x held between −1 and 1; derivative 0 at both. PyTorch's `Hardtanh`. */
export const hardTanh: Activation = activation(
  "hardTanh",
  (x) => x.lessEqual(-1).select(-1, x.greaterEqual(1).select(1, x)),
  { range: [-1, 1], psi: (y) => y.abs().less(1).select(1, 0) },
);

/** 0 up to −3, x from 3, and x(x + 3)/6 between them; derivative 0 at −3 and 1 at 3. Howard et al. (2019). PyTorch's `Hardswish`. */
export const hardSwish: Activation = activation(
  "hardSwish",
  (x) => x.lessEqual(-3).select(0, x.greaterEqual(3).select(x, x.mul(x.add(3)).div(6))),
  { range: [-0.375, Infinity] },
);

/** x/(1 + |x|); ψ(y) = (1 − |y|)². Turian, Bergstra & Bengio (2009). PyTorch's `Softsign`. */
export const softsign: Activation = activation(
  "softsign",
  // Beyond ±1 as ±(1 − 1/(1 + |x|)), in whose derivative nothing cancels.
  (x) => {
    const share = x.abs().add(1).reciprocal();
    return x
      .abs()
      .less(1)
      .select(x.mul(share), x.sign().mul(share.neg().add(1)));
  },
  { range: [-1, 1], kinks: [0], psi: (y) => y.abs().neg().add(1).square() },
);

/** x·Φ(x), Φ the standard normal's distribution function. Hendrycks & Gimpel (2016). PyTorch's `GELU`. */
export const gelu: Activation = activation(
  "gelu",
  // A factor of ½ would be moved outward, and x·erfc overflows where half of it doesn't.
  (x) => x.mul(x.mul(-Math.SQRT1_2).erfc().div(2)),
  { range: [-0.16997120747990369, Infinity] },
);

/** x·σ(x), also called swish. Elfwing, Uchibe & Doya (2017). PyTorch's `SiLU`. */
export const silu: Activation = activation("silu", (x) => x.mul(x.logistic()), {
  range: [-0.2784645427610738, Infinity],
});

/** x·tanh(log(1 + eˣ)) by the natural logarithm. Misra (2019). PyTorch's `Mish`. */
export const mish: Activation = activation("mish", (x) => x.mul(x.softplus().tanh()), {
  range: [-0.30884341301725043, Infinity],
});

/** log(1 + eˣ) by the natural logarithm; ψ(y) = 1 − e⁻ʸ. PyTorch's `Softplus`. */
export const softplus: Activation = activation("softplus", (x) => x.softplus(), {
  range: [0, Infinity],
  psi: (y) => y.neg().expm1().neg(),
});

/**
 * Exponentials scaled to sum to one along the last axis. The shape stays. Throws DTypeError unless the type is a float,
 * ShapeError for a tensor without axes. PyTorch's `Softmax` over the last axis.
 */
export const softmax: ShapeKeeping = named("softmax", <S extends Shape>(x: Tensor<S>) => x.softmax());

/**
 * Log of softmax along the last axis. Natural log. The shape stays. Throws DTypeError unless the type is a float,
 * ShapeError for a tensor without axes. PyTorch's `LogSoftmax` over the last axis.
 */
export const logSoftmax: ShapeKeeping = named("logSoftmax", <S extends Shape>(x: Tensor<S>) =>
  x.logSoftmax(),
);
