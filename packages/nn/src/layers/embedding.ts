// Embedding: a row of weights for each label.

import { type DType, DTypeError, guarded, type Key, type Tensor, type Variable } from "@adjoint/autograd";
import { checkOptions, checkSize, checkTensor } from "../arguments.ts";
import { firstWeights, type Initializer, normalOf } from "../initializers.ts";
import { type Layer, parameter } from "../layer.ts";
import { made } from "../made.ts";

/** The options of `embedding`. */
export interface EmbeddingOptions {
  /** The label that stands for nothing, such as that of padding: zeros, whatever the weights are; none by default. */
  readonly paddingIndex?: number;
  /** Makes the first weights; standard normal by default. */
  readonly initializer?: Initializer;
  /** Source of the first weights: required unless the initializer draws nothing. */
  readonly key?: Key;
  /** Element type; float32 by default. */
  readonly dtype?: DType;
}

/**
 * A row of weights for each label: int32 labels [...] from 0 to count − 1 → [..., features]; weight is [count, features].
 * PyTorch's `Embedding`, where the row of the padding is not trained and counts if it is set; here it is zeros, whatever
 * is set. Throws DTypeError for labels of another type, RangeError for a label that is none, in compiled functions before
 * anything changes.
 */
export function embedding(
  count: number,
  features: number,
  options: EmbeddingOptions = {},
): Layer & { readonly weight: Variable } {
  checkSize("embedding", "the number of labels", count);
  checkSize("embedding", "the number of features", features);
  checkOptions("embedding", options, ["paddingIndex", "initializer", "key", "dtype"]);
  const { paddingIndex, initializer = normalOf(1), key, dtype = "float32" } = options;
  if (
    paddingIndex !== undefined &&
    !(Number.isInteger(paddingIndex) && paddingIndex >= 0 && paddingIndex < count)
  )
    throw new RangeError(
      `embedding: paddingIndex ${paddingIndex} is none of the labels from 0 to ${count - 1}`,
    );
  const drawn: Tensor = firstWeights("embedding", `embedding(${count}, ${features}`, [count, features], {
    ...{ initializer, key, dtype },
  });
  const first = paddingIndex === undefined ? drawn : drawn.at(paddingIndex).set(0);
  const weight: Variable = parameter(first, { name: "weight" });
  // A negative label would be taken for a place counted from the end.
  const check = {
    from: 0,
    to: count - 1,
    message: `embedding: label {} is none of the ${count}; labels run from 0 to ${count - 1}`,
  };
  return made(
    {
      weight,
      forward(labels) {
        checkTensor("embedding", "the labels", labels);
        if (labels.dtype !== "int32")
          throw new DTypeError(
            `embedding: labels are ${labels.dtype} and must be int32: labels.cast("int32")`,
          );
        const rows: Tensor = weight.value.gather(guarded(labels, check));
        if (paddingIndex === undefined) return rows;
        return labels.equal(paddingIndex).expandDims(-1).select(0, rows);
      },
      toString: () => `embedding(${count}, ${features})`,
    },
    "embedding",
    count,
    features,
    options,
  );
}
