// The LSTM cell, whose memory changes by addition.

import { concat, full, type Shape, type Tensor, zeros } from "@adjoint/autograd";
import { checkOptions } from "../../arguments.ts";
import { made } from "../../made.ts";
import type { Recurrent } from "./recurrent.ts";
import { type CellOptions, type StackOptions, stacked, stackNames, WeightedCell } from "./weighted-cell.ts";

/** What an LSTM cell carries: its output and its memory, each [...batch, hidden]. */
export type LstmCarry = {
  /** The output, [...batch, hidden]. */
  readonly hidden: Tensor;
  /** The memory, [...batch, hidden]. */
  readonly memory: Tensor;
};

/** The options of `lstmCell`. */
export interface LstmCellOptions extends CellOptions {
  /**
   * What the forget gates' two biases add up to at first: with 1 the cell starts by remembering, as Jozefowicz et al. (2015)
   * advise. Drawn like the others where it is left out, as in PyTorch.
   */
  readonly forgetBias?: number;
}

const optionNames = ["forgetBias", "bias", "key", "dtype"];

/** The second of four parts of a bias, replaced. */
function withForgetPart(bias: Tensor, value: number): Tensor {
  const [input, forget, ...rest] = bias.split(4);
  return concat([input, full(forget.shape, value, { dtype: bias.dtype }), ...rest]);
}

class LstmCell extends WeightedCell<LstmCarry> {
  constructor(inputs: number, hidden: number, { forgetBias, ...options }: LstmCellOptions) {
    super("lstmCell", inputs, hidden, 4, options);
    if (forgetBias === undefined) return;
    if (!Number.isFinite(forgetBias))
      throw new RangeError(`lstmCell: forgetBias ${forgetBias} must be a finite number, e.g. 1`);
    if (this.inputBias === null || this.hiddenBias === null)
      throw new TypeError("lstmCell: there is no bias that could start at forgetBias; leave out bias: false");
    this.inputBias.assign(withForgetPart(this.inputBias.value, forgetBias));
    this.hiddenBias.assign(withForgetPart(this.hiddenBias.value, 0));
  }

  step({ hidden, memory }: LstmCarry, x: Tensor): readonly [LstmCarry, Tensor] {
    const [input, forget, content, output] = x.add(this.fromHidden(hidden)).split(4, { axis: -1 });
    const kept = forget.logistic().mul(memory).add(input.logistic().mul(content.tanh()));
    const shown = output.logistic().mul(kept.tanh());
    return [{ hidden: shown, memory: kept }, shown];
  }

  start(batch: Shape): LstmCarry {
    const zero = zeros([...batch, this.outputs], { dtype: this.inputWeight.dtype });
    return { hidden: zero, memory: zero };
  }
}

/**
 * The LSTM cell with forget gates: memory ← σ(f)·memory + σ(i)·tanh(g), output σ(o)·tanh(memory), the gates i, f, g, o beside
 * each other in this order. Hochreiter & Schmidhuber (1997), Gers et al. (2000).
 * Throws ShapeError for sizes that are not whole numbers from 1, TypeError without a key.
 */
export function lstmCell(inputs: number, hidden: number, options: LstmCellOptions = {}): LstmCell {
  checkOptions("lstmCell", options, optionNames);
  return made(new LstmCell(inputs, hidden, options), "lstmCell", inputs, hidden, options);
}

/**
 * LSTM layers: x [...batch, time, inputs] → [...batch, time, hidden]. As PyTorch's `LSTM` with `batch_first`.
 * Hochreiter & Schmidhuber (1997). Throws ShapeError for sizes that are not whole numbers from 1, RangeError for a
 * number of layers or a `checkpointEvery` that is not, and for a dropout outside [0, 1], TypeError without a key.
 */
export function lstm(
  inputs: number,
  hidden: number,
  options: LstmCellOptions & StackOptions = {},
): Recurrent<LstmCarry> {
  checkOptions("lstm", options, [...optionNames, ...stackNames]);
  return stacked("lstm", lstmCell, [inputs, hidden], options);
}
