// Dropout: while training, elements left out at random.

import { bernoulli, type Shape, type Tensor } from "@adjoint/autograd";
import { checkOptions, checkTensor } from "../arguments.ts";
import { type ForwardOptions, forwardNames, type ShapeKeepingLayer } from "../layer.ts";
import { made } from "../made.ts";

/**
 * Dropout (Srivastava et al. 2014), inverted: while training each element is 0 with probability `rate`, independently, and
 * divided by 1 − rate otherwise, so that its mean stays; else the layer gives x itself. PyTorch's `Dropout`; NaN that drops
 * out is 0. Throws RangeError for a rate outside [0, 1], TypeError where it trains without a key.
 */
export function dropout(rate = 0.5): ShapeKeepingLayer & { readonly rate: number } {
  if (!(rate >= 0 && rate <= 1))
    throw new RangeError(
      `dropout: rate ${rate} is the probability to drop out; give one from 0 to 1, e.g. 0.5`,
    );
  const kept = 1 - rate;
  return made(
    {
      rate,
      forward<S extends Shape>(x: Tensor<S>, options: ForwardOptions = {}): Tensor<S> {
        checkTensor("dropout", "the input", x);
        checkOptions("dropout", options, forwardNames);
        if (options.training !== true || rate === 0) return x;
        if (options.key === undefined)
          throw new TypeError(
            "dropout: what drops out while training is random, so it needs a key; write const key = keys(0); model.forward(x, { training: true, key: key() })",
          );
        // Where nothing is kept there is nothing to divide either.
        const scaled: Tensor<S> = x.mul(kept === 0 ? 0 : 1 / kept);
        return bernoulli(options.key, x.shape, { probability: kept }).select(scaled, 0);
      },
      toString: () => `dropout(${rate})`,
    },
    "dropout",
    rate,
  );
}
