// Activations with parameters that are trained: layers.

import { type DType, full, type Tensor, type Variable } from "@adjoint/autograd";
import { checkOptions, checkSize, checkTensor, checkType } from "../arguments.ts";
import { type Layer, parameter } from "../layer.ts";
import { made } from "../made.ts";
import { alongChannels, checkChannels } from "./normalized.ts";

/** The options of `prelu`, `snake` and `swish`. */
export interface LearnedActivationOptions {
  /** The number of parameters, one for each channel along axis 1; 1, the default, is one for all. */
  readonly channels?: number;
  /** What the parameters start at. */
  readonly initial?: number;
  /** Element type; float32 by default. */
  readonly dtype?: DType;
}

/** A layer made of φ(x, parameter). */
const names = ["channels", "initial", "dtype"];

function learned(
  name: string,
  of: string,
  options: LearnedActivationOptions,
  standard: number,
  phi: (x: Tensor, p: Tensor) => Tensor,
): { layer: Layer; value: Variable } {
  checkOptions(name, options, names);
  const { channels = 1, initial = standard, dtype = "float32" } = options;
  checkSize(name, "the number of channels", channels);
  if (!Number.isFinite(initial)) throw new RangeError(`${name}: initial is ${initial}; give a finite number`);
  const value: Variable = parameter(full([channels], initial, { dtype }), { name: of });
  const layer: Layer = {
    forward(x) {
      if (channels !== 1) {
        checkChannels(name, x, channels, dtype);
        return phi(x, alongChannels(value.value, x.rank));
      }
      checkTensor(name, "the input", x);
      checkType(name, x, dtype);
      return phi(x, value.value.reshape([]));
    },
    toString: () => `${name}(${channels === 1 ? "" : channels})`,
  };
  return { layer, value };
}

/**
 * x where x > 0, else weight·x, with a weight that is trained, [channels] or [1], 0.25 at first. He et al. (2015).
 * PyTorch's `PReLU`. The derivative at 0 is the weight. x keeps its shape. Throws ShapeError for a number of channels
 * that is not whole or below 1, RangeError for a first weight that is not finite.
 */
export function prelu(options: LearnedActivationOptions = {}): Layer & { readonly weight: Variable } {
  const { layer, value } = learned("prelu", "weight", options, 0.25, (x, p) =>
    x.greater(0).select(x, x.mul(p)),
  );
  return made({ weight: value, ...layer }, "prelu", options);
}

/**
 * x + sin²(αx)/α, whose α is trained, [channels] or [1], 1 at first: for what repeats itself. Ziyin, Hartwig & Ueda
 * (2020). x keeps its shape. Throws ShapeError for a number of channels that is not whole or below 1, RangeError for an
 * α that is 0 or not finite.
 */
export function snake(options: LearnedActivationOptions = {}): Layer & { readonly alpha: Variable } {
  checkOptions("snake", options, names);
  if (options.initial === 0)
    throw new RangeError("snake: initial is 0, by which it would divide; give another, e.g. 1");
  const { layer, value } = learned("snake", "alpha", options, 1, (x, p) =>
    x.add(x.mul(p).sin().square().div(p)),
  );
  return made({ alpha: value, ...layer }, "snake", options);
}

/**
 * x·σ(βx), whose β is trained, [channels] or [1], 1 at first, which is `silu`. Ramachandran, Zoph & Le (2017). x keeps
 * its shape. Throws ShapeError for a number of channels that is not whole or below 1, RangeError for a β that is not
 * finite.
 */
export function swish(options: LearnedActivationOptions = {}): Layer & { readonly beta: Variable } {
  const { layer, value } = learned("swish", "beta", options, 1, (x, p) => x.mul(x.mul(p).logistic()));
  return made({ beta: value, ...layer }, "swish", options);
}
