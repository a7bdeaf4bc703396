// The GRU cell, whose one gate says how much is kept and how much replaced.

import { type Shape, type Tensor, zeros } from "@adjoint/autograd";
import { checkOptions } from "../../arguments.ts";
import { made } from "../../made.ts";
import type { Recurrent } from "./recurrent.ts";
import { type CellOptions, type StackOptions, stacked, stackNames, WeightedCell } from "./weighted-cell.ts";

const optionNames = ["bias", "key", "dtype"];

class GruCell extends WeightedCell<Tensor> {
  constructor(inputs: number, hidden: number, options: CellOptions) {
    super("gruCell", inputs, hidden, 3, options);
  }

  step(hidden: Tensor, x: Tensor): readonly [Tensor, Tensor] {
    const [xReset, xUpdate, xNew] = x.split(3, { axis: -1 });
    const [hReset, hUpdate, hNew] = this.fromHidden(hidden).split(3, { axis: -1 });
    const reset = xReset.add(hReset).logistic();
    const update = xUpdate.add(hUpdate).logistic();
    const content = xNew.add(reset.mul(hNew)).tanh();
    const next = content.add(update.mul(hidden.sub(content)));
    return [next, next];
  }

  start(batch: Shape): Tensor {
    return zeros([...batch, this.outputs], { dtype: this.inputWeight.dtype });
  }
}

/**
 * The GRU cell: h ← (1 − σ(z))·n + σ(z)·h with n = tanh(xₙ + σ(r)·hₙ), the gates r, z, n beside each other in this order; the
 * reset gate multiplies what comes of h·hiddenWeight + hiddenBias, as in PyTorch and cuDNN, not h. Cho et al. (2014).
 * Throws ShapeError for sizes that are not whole numbers from 1, TypeError without a key.
 */
export function gruCell(inputs: number, hidden: number, options: CellOptions = {}): GruCell {
  checkOptions("gruCell", options, optionNames);
  return made(new GruCell(inputs, hidden, options), "gruCell", inputs, hidden, options);
}

/**
 * GRU layers: x [...batch, time, inputs] → [...batch, time, hidden]. As PyTorch's `GRU` with `batch_first`. Cho et al.
 * (2014). Throws ShapeError for sizes that are not whole numbers from 1, RangeError for a number of layers or a `checkpointEvery` that is not,
 * and for a dropout outside [0, 1], TypeError without a key.
 */
export function gru(inputs: number, hidden: number, options: StackOptions = {}): Recurrent<Tensor> {
  checkOptions("gru", options, [...optionNames, ...stackNames]);
  return stacked("gru", gruCell, [inputs, hidden], options);
}
