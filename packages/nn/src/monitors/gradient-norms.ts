// Gradient norms: where gradients vanish or explode.

import { normOfTree, ones, stack } from "@adjoint/autograd";
import { byLayer, type Monitor, ratio } from "./monitor.ts";

const one = ones([], { dtype: "float64" });

/** The Euclidean norm of each layer's gradients, the mean over the steps of an epoch: "gradientNorms 0". */
export const gradientNorms = (): Monitor => ({
  name: "gradientNorms",
  part: ({ gradients }) =>
    Object.fromEntries(
      Object.entries(byLayer(gradients)).map(([layer, tensors]) => [
        layer,
        stack([normOfTree(tensors.map((each) => each.cast("float64"))), one]),
      ]),
    ),
  value: ratio,
});

/** The norm of all gradients as one vector, the mean over the steps of an epoch. */
export const gradientNorm = (): Monitor => ({
  name: "gradientNorm",
  part: ({ gradients }) => ({
    "": stack([normOfTree(Object.values(gradients).map((each) => each.cast("float64"))), one]),
  }),
  value: ratio,
});
