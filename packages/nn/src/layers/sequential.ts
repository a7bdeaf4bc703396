// Layers one after another, and the multi-layer perceptron made of them.

import { type DType, type Key, splitKey, type Tensor } from "@adjoint/autograd";
import { linear } from "../activations.ts";
import { checkOptions, kindOf } from "../arguments.ts";
import { checkHasKey, glorotUniform, type Initializer } from "../initializers.ts";
import {
  checkLayer,
  type ForwardOptions,
  type Layer,
  type LayerOrFunction,
  run,
  shareOut,
  textOf,
} from "../layer.ts";
import { made } from "../made.ts";
import { type Dense, dense } from "./dense.ts";

/** Layers in order; index them, or spread them: `model[0]`, `[...model]`. */
export interface Sequential<L extends LayerOrFunction = LayerOrFunction> extends Layer, Iterable<L> {
  readonly [index: number]: L;
  /** The number of layers. */
  readonly length: number;
  /** The layers by their own text. */
  toString(): string;
}

class Chain implements Layer {
  readonly length!: number;
  readonly [index: number]: LayerOrFunction;

  constructor(layers: readonly LayerOrFunction[]) {
    // Fields named 0, 1, … give the variables their paths: "0.weight".
    Object.assign(this, layers);
    Object.defineProperty(this, "length", { value: layers.length, enumerable: false });
  }

  forward(x: Tensor, options?: ForwardOptions): Tensor {
    const own = shareOut(options, this.length);
    let result = x;
    for (let i = 0; i < this.length; i++) result = run(this[i]!, result, own[i]);
    return result;
  }

  *[Symbol.iterator](): Iterator<LayerOrFunction> {
    for (let i = 0; i < this.length; i++) yield this[i]!;
  }

  toString(): string {
    return `sequential(${[...this].map(textOf).join(", ")})`;
  }
}

/**
 * Layers, or functions of a tensor, one after another; none at all is the identity. A key is split over the layers.
 * Throws TypeError for something that is neither. PyTorch's `Sequential`.
 */
export function sequential<const L extends readonly LayerOrFunction[]>(...layers: L): Sequential<L[number]> {
  layers.forEach((layer, i) => {
    checkLayer("sequential", `argument ${i + 1}`, layer);
  });
  return made(new Chain(layers), "sequential", ...layers) as unknown as Sequential<L[number]>;
}

/** The options of `mlp`. */
export interface MlpOptions {
  /** The activation of the hidden layers; linear by default. */
  readonly activation?: LayerOrFunction;
  /** The activation of the output layer; that of the hidden layers by default. */
  readonly outputActivation?: LayerOrFunction;
  /** Whether the layers have biases; true by default. */
  readonly bias?: boolean;
  /** Makes the first weights; glorotUniform by default. */
  readonly initializer?: Initializer;
  /** Source of the first weights, split over the layers: required unless the initializer draws nothing. */
  readonly key?: Key;
  /** Element type; float32 by default. */
  readonly dtype?: DType;
}

/**
 * A multi-layer perceptron by its widths, inputs first: `mlp([2, 2, 1], { activation: logistic, key: randomKey(0) })`;
 * two widths make a network without hidden layers. An activation with parameters of its own is shared by the hidden
 * layers. Throws RangeError for fewer widths, TypeError where random first weights lack a key. [..., first width] →
 * [..., last width]. Rumelhart, Hinton & Williams (1986).
 */
export function mlp(widths: readonly number[], options: MlpOptions = {}): Sequential<Dense> {
  if (!Array.isArray(widths))
    throw new TypeError(
      `mlp: got ${kindOf(widths)} where the widths belong; write them in brackets, e.g. mlp([2, 3, 1])`,
    );
  checkOptions("mlp", options, ["activation", "outputActivation", "bias", "initializer", "key", "dtype"]);
  if (widths.length < 2)
    throw new RangeError(
      `mlp: ${widths.length} widths; give at least the inputs and the outputs, e.g. mlp([2, 1])`,
    );
  const { activation = linear, outputActivation = activation, key, ...shared } = options;
  checkHasKey("mlp", `mlp([${widths.join(", ")}]`, options.initializer ?? glorotUniform, key);
  const count = widths.length - 1;
  const own = key === undefined ? [] : splitKey(key, count);
  const layers = Array.from({ length: count }, (_, i) =>
    dense(widths[i]!, widths[i + 1]!, {
      ...shared,
      ...(key === undefined ? {} : { key: own[i]! }),
      activation: i === count - 1 ? outputActivation : activation,
    }),
  );
  return sequential(...layers);
}
