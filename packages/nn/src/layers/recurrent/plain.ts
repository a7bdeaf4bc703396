// The plain recurrent cell: a dense layer that also sees its own last output.

import { type Shape, type Tensor, zeros } from "@adjoint/autograd";
import { tanh } from "../../activations.ts";
import { checkOptions } from "../../arguments.ts";
import { checkLayer, type LayerOrFunction, run } from "../../layer.ts";
import { made } from "../../made.ts";
import type { Recurrent } from "./recurrent.ts";
import { type CellOptions, type StackOptions, stacked, stackNames, WeightedCell } from "./weighted-cell.ts";

/** The options of `plainCell`. */
export interface PlainCellOptions extends CellOptions {
  /** tanh by default; PyTorch has relu, too. */
  readonly activation?: LayerOrFunction;
}

const optionNames = ["activation", "bias", "key", "dtype"];

class PlainCell extends WeightedCell<Tensor> {
  readonly activation: LayerOrFunction;

  constructor(inputs: number, hidden: number, { activation = tanh, ...options }: PlainCellOptions) {
    super("plainCell", inputs, hidden, 1, options);
    checkLayer("plainCell", "the activation", activation);
    this.activation = activation;
  }

  step(hidden: Tensor, x: Tensor): readonly [Tensor, Tensor] {
    const next = run(this.activation, x.add(this.fromHidden(hidden)));
    return [next, next];
  }

  start(batch: Shape): Tensor {
    return zeros([...batch, this.outputs], { dtype: this.inputWeight.dtype });
  }
}

/**
 * The plain recurrent cell, h ← φ(x·inputWeight + inputBias + h·hiddenWeight + hiddenBias), which gives h. Elman (1990).
 * Throws ShapeError for sizes that are not whole numbers from 1, TypeError without a key.
 */
export function plainCell(inputs: number, hidden: number, options: PlainCellOptions = {}): PlainCell {
  checkOptions("plainCell", options, optionNames);
  return made(new PlainCell(inputs, hidden, options), "plainCell", inputs, hidden, options);
}

/**
 * Plain recurrent layers: x [...batch, time, inputs] → [...batch, time, hidden]. As PyTorch's `RNN` with `batch_first`.
 * Elman (1990). Throws ShapeError for sizes that are not whole numbers from 1, RangeError for a number of layers or a
 * `checkpointEvery` that is not, and for a dropout outside [0, 1], TypeError without a key.
 */
export function plainRecurrent(
  inputs: number,
  hidden: number,
  options: PlainCellOptions & StackOptions = {},
): Recurrent<Tensor> {
  checkOptions("plainRecurrent", options, [...optionNames, ...stackNames]);
  return stacked("plainRecurrent", plainCell, [inputs, hidden], options);
}
