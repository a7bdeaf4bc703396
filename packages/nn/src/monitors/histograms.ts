// Histograms of weights, gradients or outputs.

import { ones, segmentSum, type Tensor } from "@adjoint/autograd";
import { checkOptions } from "../arguments.ts";
import { checkWhole } from "../optimizers/ranges.ts";
import { type Monitor, type Seen, sampleWeights } from "./monitor.ts";

/** The options of `histograms`. */
export interface HistogramsOptions {
  /** What is counted: "weights" after each step (the default), "gradients", or the outputs of "activations". */
  readonly of?: "weights" | "gradients" | "activations";
  /** How many bins, all of one width; 20 by default. */
  readonly bins?: number;
  /** From where to where the bins go; −1 and 1 by default. The first and the last hold what lies beyond, too. */
  readonly range?: readonly [number, number];
}

/**
 * The share of elements in each bin, over all steps of an epoch: for each parameter or activation a list, "weights 0.weight".
 * Elements that are NaN are in no bin. Throws RangeError for a range that is none.
 */
export function histograms(options: HistogramsOptions = {}): Monitor {
  checkOptions("histograms", options, ["of", "bins", "range"]);
  const { of = "weights", bins = 20, range = [-1, 1] } = options;
  if (!["weights", "gradients", "activations"].includes(of))
    throw new TypeError(`histograms: of "${of}" is not known; use "weights", "gradients" or "activations"`);
  checkWhole("histograms", "bins", bins, 20);
  const [low, high] = range;
  if (!(Number.isFinite(low) && Number.isFinite(high) && low < high))
    throw new RangeError(`histograms: range ${low} to ${high} must go from a finite number to a larger one`);
  const counted = (x: Tensor, weights: Tensor): Tensor => {
    const place = x
      .cast("float64")
      .sub(low)
      .mul(bins / (high - low))
      .floor()
      .clip(0, bins - 1);
    // What is NaN goes to bin 0 with a weight of 0.
    const counts = x.isNaN().select(0, weights).flatten();
    const ids = x.isNaN().select(0, place).cast("int32").flatten();
    return segmentSum(counts, ids, bins);
  };
  const tensorsOf = ({ activations, gradients, after, weights }: Seen): Record<string, Tensor> =>
    of === "activations"
      ? Object.fromEntries(
          activations.map(({ label, output }) => [
            label,
            counted(output, sampleWeights(weights, output.shape)),
          ]),
        )
      : Object.fromEntries(
          Object.entries(of === "weights" ? after : gradients).map(([path, each]) => [
            path,
            counted(each, ones(each.shape, { dtype: "float64" })),
          ]),
        );
  return {
    name: of,
    part: tensorsOf,
    value(total) {
      const all = Array.from(total.data).reduce((sum, count) => sum + count, 0);
      return Array.from(total.data, (count) => count / all);
    },
  };
}
