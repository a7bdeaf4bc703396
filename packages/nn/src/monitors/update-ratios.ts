// The size of updates beside that of the weights.

import { normOfTree, ones, stack } from "@adjoint/autograd";
import { byLayer, type Monitor, ratio } from "./monitor.ts";

const one = ones([], { dtype: "float64" });

/**
 * ‖Δw‖/‖w‖ of each layer's parameters, the mean over the steps of an epoch: "updateRatio 0". About 10⁻³ is usual; much less
 * trains slowly, much more is unsteady. NaN or infinite where all of a layer's parameters are 0.
 */
export const updateRatios = (): Monitor => ({
  name: "updateRatio",
  part: ({ before, after }) => {
    const old = byLayer(before);
    return Object.fromEntries(
      Object.entries(byLayer(after)).map(([layer, tensors]) => {
        const wide = tensors.map(
          (each, i) => [each.cast("float64"), old[layer]![i]!.cast("float64")] as const,
        );
        const change = normOfTree(wide.map(([now, then]) => now.sub(then)));
        return [layer, stack([change.div(normOfTree(wide.map(([, then]) => then))), one])];
      }),
    );
  },
  value: ratio,
});
