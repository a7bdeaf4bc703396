// What the plain, LSTM and GRU cells share: the weights of their gates, where these start, and their names in PyTorch.

import {
  type DType,
  type Key,
  type Shape,
  splitKey,
  type Tensor,
  type Tree,
  type Variable,
} from "@adjoint/autograd";
import { checkSize, checkType } from "../../arguments.ts";
import { firstWeights, keyOptions, uniformRange } from "../../initializers.ts";
import { parameter } from "../../layer.ts";
import type { PyTorchNames } from "../../pytorch.ts";
import { type Cell, type Recurrent, type RecurrentOptions, recurrent } from "./recurrent.ts";

/** The options of cells. */
export interface CellOptions {
  /** Whether there are biases; true by default. There are two, one beside each matrix, as in PyTorch. */
  readonly bias?: boolean;
  /** Source of the first weights; required. */
  readonly key?: Key;
  /** Element type; float32 by default. */
  readonly dtype?: DType;
}

/**
 * A cell of gates: z = x·inputWeight + inputBias and carry·hiddenWeight + hiddenBias, [..., gates·hidden], the gates beside
 * each other in PyTorch's order. PyTorch's matrices are these transposed.
 */
export abstract class WeightedCell<Carry extends Tree> implements Cell<Carry> {
  readonly inputWeight: Variable;
  readonly hiddenWeight: Variable;
  readonly inputBias: Variable | null;
  readonly hiddenBias: Variable | null;
  readonly #name: string;

  /** All first weights are drawn evenly from ±1/√hidden, as in PyTorch. */
  constructor(name: string, inputs: number, hidden: number, gates: number, options: CellOptions) {
    checkSize(name, "inputs", inputs);
    checkSize(name, "hidden", hidden);
    const { bias = true, key, dtype = "float32" } = options;
    const limit = 1 / Math.sqrt(hidden);
    const keys = key === undefined ? [] : splitKey(key, 4);
    const drawn = (i: number, shape: Shape, what: string) =>
      parameter(
        firstWeights(name, `${name}(${inputs}, ${hidden}`, shape, {
          initializer: uniformRange(-limit, limit),
          key: keys[i],
          dtype,
        }),
        { name: what },
      );
    this.#name = name;
    this.inputWeight = drawn(0, [inputs, gates * hidden], "inputWeight");
    this.hiddenWeight = drawn(1, [hidden, gates * hidden], "hiddenWeight");
    this.inputBias = bias ? drawn(2, [gates * hidden], "inputBias") : null;
    this.hiddenBias = bias ? drawn(3, [gates * hidden], "hiddenBias") : null;
  }

  get inputs(): number {
    return this.inputWeight.shape[0]!;
  }

  get outputs(): number {
    return this.hiddenWeight.shape[0]!;
  }

  get inPyTorch(): PyTorchNames {
    return {
      inputWeight: { name: "weight_ih", transposed: true },
      hiddenWeight: { name: "weight_hh", transposed: true },
      inputBias: "bias_ih",
      hiddenBias: "bias_hh",
    };
  }

  prepare(x: Tensor): Tensor {
    checkType(this.#name, x, this.inputWeight.dtype, "cell");
    const sums = x.matmul(this.inputWeight);
    return this.inputBias === null ? sums : sums.add(this.inputBias);
  }

  /** What the carried output adds to the gates. */
  protected fromHidden(hidden: Tensor): Tensor {
    const sums = hidden.matmul(this.hiddenWeight);
    return this.hiddenBias === null ? sums : sums.add(this.hiddenBias);
  }

  abstract step(carry: Carry, x: Tensor): readonly [Carry, Tensor];
  abstract start(batch: Shape): Carry;

  toString(): string {
    return `${this.#name}(${this.inputs}, ${this.outputs}${this.inputBias === null ? ", no bias" : ""})`;
  }
}

/** How layers of cells stand one upon another. */
export interface StackOptions extends CellOptions, RecurrentOptions {
  /** How many layers, one upon another; 1 by default. */
  readonly layers?: number;
  /** Whether each layer goes both ways, which doubles its outputs; false by default. */
  readonly bidirectional?: boolean;
}

/** The names of what is told of layers beside what is told of their cells. */
export const stackNames: readonly string[] = ["layers", "bidirectional", "dropout", "checkpointEvery"];

/** Layers of like cells, which `make` makes from a number of inputs and the options of a cell. */
export function stacked<Carry extends Tree, O extends StackOptions>(
  name: string,
  make: (
    inputs: number,
    hidden: number,
    options: Omit<O, keyof RecurrentOptions | "layers" | "bidirectional">,
  ) => Cell<Carry>,
  [inputs, hidden]: readonly [number, number],
  { layers = 1, bidirectional = false, dropout, checkpointEvery, ...options }: O,
): Recurrent<Carry> {
  if (!Number.isInteger(layers) || layers < 1)
    throw new RangeError(`${name}: layers is ${layers} and must be a whole number, 1 or more`);
  const directions = bidirectional ? 2 : 1;
  const keys = keyOptions(options.key, layers * directions);
  const rows = Array.from({ length: layers }, (_, layer) => {
    const width = layer === 0 ? inputs : directions * hidden;
    const cell = (direction: number) =>
      make(width, hidden, { ...options, ...keys[layer * directions + direction] });
    return bidirectional ? ([cell(0), cell(1)] as const) : cell(0);
  });
  return recurrent(rows, {
    ...(dropout === undefined ? {} : { dropout }),
    ...(checkpointEvery === undefined ? {} : { checkpointEvery }),
  });
}
