// Tensors, variables and scalars.

import { Scalar, Tensor, Variable } from "@adjoint/autograd";
import { numberText } from "../views/number-text.ts";
import type { Kind } from "./kind.ts";
import { viewOfNumbers } from "./numbers.ts";
import type { NumericArray } from "./numeric-array.ts";
import { asText } from "./plain.ts";

/** A tensor's numbers, as plain ones. */
export const arrayOf = (tensor: Tensor): NumericArray => ({
  shape: [...tensor.shape],
  data: tensor.data as unknown as ArrayLike<number>,
  dtype: tensor.dtype,
  name: tensor instanceof Variable ? tensor.name : "",
});

export const tensors: Kind = {
  name: "a tensor",
  forms: ["number", "table", "image", "heat map", "histogram", "curve", "confusion matrix"],
  view(value, options) {
    if (!(value instanceof Tensor)) return undefined;
    const array = arrayOf(value);
    if (options.as === "text") return asText(value.toString(), options);
    if (options.as === undefined && options.classes !== undefined)
      return viewOfNumbers(array, { ...options, as: "confusion matrix" });
    return viewOfNumbers(array, options);
  },
};

export const scalars: Kind = {
  name: "a Scalar",
  forms: ["number"],
  view(value, options) {
    if (!(value instanceof Scalar)) return undefined;
    const digits = options.digits ?? 6;
    return asText(
      `${numberText(value.value, digits)}  (Scalar, derivative ${numberText(value.grad, digits)})`,
      options,
    );
  },
};
