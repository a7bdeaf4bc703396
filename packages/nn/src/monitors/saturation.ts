// Saturation: units near the limits of their activation's range, where its derivative vanishes.

import { stack, type Tensor } from "@adjoint/autograd";
import { checkOptions } from "../arguments.ts";
import { checkPositive } from "../optimizers/ranges.ts";
import { countsOf, type Monitor, ratio } from "./monitor.ts";

/** Whether elements lie within a distance of a finite limit. */
export function nearLimits(output: Tensor, range: readonly [number, number], within: number): Tensor | null {
  const near = range
    .filter((limit) => Number.isFinite(limit))
    .map((limit) => output.sub(limit).abs().lessEqual(within));
  return near.length === 0 ? null : near.reduce((a, b) => a.logicalOr(b));
}

/**
 * The share of units, over samples and the steps of an epoch, whose output is within `within` (0.05 by default) of a
 * limit of their activation's range, for each layer whose activation has a finite one: "saturation 0 tanh". Throws
 * RangeError for a `within` that is not above 0 and finite.
 */
export function saturation(options: { readonly within?: number } = {}): Monitor {
  checkOptions("saturation", options, ["within"]);
  const { within = 0.05 } = options;
  checkPositive("saturation", "within", within, "0.05");
  return {
    name: "saturation",
    part: ({ activations, weights }) =>
      Object.fromEntries(
        activations.flatMap(({ label, range, output }) => {
          const near = nearLimits(output, range, within);
          return near === null ? [] : [[label, stack([...countsOf(near, weights)])]];
        }),
      ),
    value: ratio,
  };
}
