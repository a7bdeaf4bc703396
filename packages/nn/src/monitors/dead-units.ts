// Dead units: those that no sample wakes.

import type { Tensor } from "@adjoint/autograd";
import { type Monitor, sampleWeights } from "./monitor.ts";
import { nearLimits } from "./saturation.ts";

/**
 * The share of a layer's units whose output was exactly at a limit of their activation's range for every sample of the epoch,
 * as that of a relu whose input is never above 0: nothing trains them. For each layer whose activation has a finite limit.
 */
export const deadUnits = (): Monitor => ({
  name: "deadUnits",
  part: ({ activations, weights }) =>
    Object.fromEntries(
      activations.flatMap(({ label, range, output }) => {
        const atLimit = nearLimits(output, range, 0);
        if (atLimit === null) return [];
        const awake = atLimit.not().cast("float64").mul(sampleWeights(weights, output.shape));
        return [[label, awake.sum({ axis: 0 })]];
      }),
    ),
  value: (awake: Tensor) => Array.from(awake.data).filter((count) => count === 0).length / awake.size,
});
