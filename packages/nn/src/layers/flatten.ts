// Samples as rows.

import { ShapeError } from "@adjoint/autograd";
import { checkTensor } from "../arguments.ts";
import type { Layer } from "../layer.ts";
import { made } from "../made.ts";

/** Each sample in one row: [batch, ...sizes] → [batch, n]. PyTorch's `Flatten`. Throws ShapeError for a tensor without axes. */
export function flatten(): Layer {
  return made(
    {
      forward(x) {
        checkTensor("flatten", "the input", x);
        if (x.rank === 0)
          throw new ShapeError(
            "flatten: [] has no axis of samples; give [batch, ...sizes], e.g. x.reshape([1, 1])",
          );
        const [batch, ...sizes] = x.shape as readonly [number, ...number[]];
        return x.reshape([batch, sizes.reduce((product, n) => product * n, 1)]);
      },
      toString: () => "flatten()",
    },
    "flatten",
  );
}
