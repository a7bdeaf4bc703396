// Layers one after another, and the multi-layer perceptron made of them.

import { type DType, type Key, randomKey, splitKey, type Tensor } from "@adjoint/autograd";
import type { LayerActivation } from "../activations.ts";
import { linear } from "../activations.ts";
import { checkOptions, kindOf } from "../arguments.ts";
import type { Initializer } from "../initializers.ts";
import type { ForwardOptions, Layer } from "../layer.ts";
import { type Dense, dense } from "./dense.ts";

/** Layers in order; index them, or spread them: `model[0]`, `[...model]`. */
export interface Sequential<L extends Layer = Layer> extends Layer, Iterable<L> {
  readonly [index: number]: L;
  readonly length: number;
  /** The layers by their own text. */
  toString(): string;
}

class Chain implements Layer {
  readonly length!: number;
  readonly [index: number]: Layer;

  constructor(layers: readonly Layer[]) {
    // Fields named 0, 1, … give the variables their paths: "0.weight".
    Object.assign(this, layers);
    Object.defineProperty(this, "length", { value: layers.length, enumerable: false });
  }

  forward(x: Tensor, options?: ForwardOptions): Tensor {
    let result = x;
    for (const layer of this) result = layer.forward(result, options);
    return result;
  }

  *[Symbol.iterator](): Iterator<Layer> {
    for (let i = 0; i < this.length; i++) yield this[i]!;
  }

  toString(): string {
    return `sequential(${[...this].map(nameOf).join(", ")})`;
  }
}

/** A layer as text; a plain object without a text of its own is called "layer". */
function nameOf(layer: Layer): string {
  const print = (layer as { toString(): string }).toString;
  return print === Object.prototype.toString ? "layer" : print.call(layer);
}

/** Layers one after another; none at all is the identity. Throws TypeError for something without a `forward`. */
export function sequential<const L extends readonly Layer[]>(...layers: L): Sequential<L[number]> {
  layers.forEach((layer, i) => {
    if (typeof (layer as Partial<Layer> | null)?.forward !== "function") {
      throw new TypeError(
        `sequential: argument ${i + 1} has no forward(x); give layers, e.g. dense(2, 3), or { forward: (x) => x.tanh() }`,
      );
    }
  });
  return new Chain(layers) as unknown as Sequential<L[number]>;
}

export interface MlpOptions {
  /** The activation of the hidden layers; linear by default. */
  readonly activation?: LayerActivation;
  /** The activation of the output layer; that of the hidden layers by default. */
  readonly outputActivation?: LayerActivation;
  readonly bias?: boolean;
  readonly initializer?: Initializer;
  /** Source of the first weights, split over the layers; seed 0 by default. */
  readonly key?: Key;
  readonly dtype?: DType;
}

/**
 * A multi-layer perceptron by its widths, inputs first: `mlp([2, 2, 1], { activation: logistic })`; two widths
 * make a network without hidden layers. Throws RangeError for fewer.
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
  const { activation = linear, outputActivation = activation, key = randomKey(0), ...shared } = options;
  const keys = splitKey(key, widths.length - 1);
  const layers = keys.map((own, i) => {
    const last = i === keys.length - 1;
    return dense(widths[i]!, widths[i + 1]!, {
      ...shared,
      key: own,
      activation: last ? outputActivation : activation,
    });
  });
  return sequential(...layers);
}
