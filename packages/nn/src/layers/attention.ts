// Attention: averages of values, weighted by how well keys answer queries.

import { arange, type DType, DTypeError, type Key, ShapeError, type Tensor } from "@adjoint/autograd";
import { checkOptions, checkTensor } from "../arguments.ts";
import { checkHasKey, glorotUniform, type Initializer, keyOptions } from "../initializers.ts";
import { type ForwardOptions, forwardNames, type Layer } from "../layer.ts";
import { made } from "../made.ts";
import type { PyTorchNames, PyTorchPlace } from "../pytorch.ts";
import { type Dense, dense } from "./dense.ts";
import { dropout } from "./dropout.ts";
import { rotary } from "./positions.ts";

/** Which keys a query attends to. Where several are given, it attends to what all of them allow. */
export interface AttentionMasks {
  /** Truth values [queries, keys] or [...batch, queries, keys]: true where a query attends to a key. */
  readonly mask?: Tensor;
  /** Truth values [...batch, keys]: false for padding, to which no query attends. */
  readonly keyMask?: Tensor;
  /** Whether query i attends to keys 0 to i only; false by default. */
  readonly causal?: boolean;
}

/** How attention is run: the options of a layer, and masks. */
export interface AttentionForward extends AttentionMasks, ForwardOptions {}

/** What attention gives. */
export interface Attended {
  /** [...batch, queries, width]. */
  readonly outputs: Tensor;
  /**
   * Weights [...batch, heads, queries, keys] that sum to one for each query, or all are zero where it attends to no
   * key.
   */
  readonly weights: Tensor;
}

/**
 * Truth values [length, length]: true where position i attends to position j, j ≤ i. Throws ShapeError for a length
 * that is not whole or below 0. PyTorch's `generate_square_subsequent_mask`, whose −∞ are false here.
 */
export function causalMask(length: number): Tensor {
  if (!Number.isInteger(length) || length < 0)
    throw new ShapeError(`causalMask: length is ${length}; it must be a whole number, 0 or more`);
  return causal(length, length);
}

function causal(queries: number, keys: number): Tensor {
  const places = (n: number) => arange(0, n, 1, { dtype: "int32" });
  return places(keys).lessEqual(places(queries).reshape([queries, 1]));
}

/**
 * The weights of the keys for each query: softmax(query·keyᵀ/√width) over the keys that the mask allows, exactly 0 for
 * the others, and 0 for all where it allows none; derivatives are 0 there, too. query [..., queries, width], key [...,
 * keys, width], mask broadcastable to the result, [..., queries, keys]. Vaswani et al. (2017). Throws ShapeError where
 * the widths differ or the mask does not broadcast, DTypeError for a mask that is not bool.
 */
export function attentionWeights(query: Tensor, key: Tensor, mask: Tensor | null = null): Tensor {
  checkTensor("attentionWeights", "the query", query);
  checkTensor("attentionWeights", "the key", key);
  if (mask !== null) {
    checkTensor("attentionWeights", "the mask", mask, "give truth values: tensor(…).notEqual(0)");
    if (mask.dtype !== "bool")
      throw new DTypeError(
        `attentionWeights: the mask is ${mask.dtype} and must be bool, true where a query attends to a key: mask.notEqual(0)`,
      );
  }
  if (query.rank < 2 || key.rank < 2 || query.shape.at(-1) !== key.shape.at(-1))
    throw new ShapeError(
      `attentionWeights: the query [${query.shape.join(", ")}] and the key [${key.shape.join(", ")}] must be [..., queries, width] and [..., keys, width], of one width`,
    );
  // The query is scaled, since it has fewer elements than the scores.
  const scores = query.mul(1 / Math.sqrt(query.shape.at(-1)!)).matmul(key.swapAxes(-1, -2));
  if (mask === null) return scores.softmax();
  const { shape } = scores;
  if (mask.rank > scores.rank || mask.shape.some((n, i) => n !== 1 && n !== shape.at(i - mask.rank)))
    throw new ShapeError(
      `attentionWeights: the mask [${mask.shape.join(", ")}] is not broadcastable to the weights [${shape.join(", ")}]; give [..., queries, keys]`,
    );
  // The softmax of a row of −∞ is a row of equal shares.
  return mask.select(mask.select(scores, -Infinity).softmax(), 0);
}

/** The options of `multiHeadAttention`. */
export interface AttentionOptions {
  /** The width of what keys are made of; that of the queries by default. */
  readonly keyWidth?: number;
  /** The width of what values are made of; that of the keys by default. */
  readonly valueWidth?: number;
  /** Whether there are biases; true by default. */
  readonly bias?: boolean;
  /** The share of the weights that is dropped while training; 0 by default. */
  readonly dropout?: number;
  /** Whether position i attends to positions 0 to i only, unless a call says otherwise; false by default. */
  readonly causal?: boolean;
  /** Whether queries and keys are turned by their positions, see `rotary`; false by default. */
  readonly rotary?: boolean;
  /** Makes the first weights of each of the four matrices; glorotUniform by default. Biases start at 0. */
  readonly initializer?: Initializer;
  /** Source of the first weights: required unless the initializer draws nothing. */
  readonly key?: Key;
  /** Element type; float32 by default. */
  readonly dtype?: DType;
}

const optionNames = [
  ...["keyWidth", "valueWidth", "bias", "dropout", "causal", "rotary", "initializer", "key", "dtype"],
];
/** The masks of a call, for those that pass them on. */
export const maskNames: readonly string[] = ["mask", "keyMask", "causal"];

/** Attention of several heads, with four matrices: x [...batch, time, width] → the same. */
export class MultiHeadAttention implements Layer {
  /** The number of heads. */
  readonly heads: number;
  /** Makes queries of x: [..., width] → [..., width]. */
  readonly query: Dense;
  /** Makes keys: [..., keyWidth] → [..., width]. */
  readonly key: Dense;
  /** Makes values: [..., valueWidth] → [..., width]. */
  readonly value: Dense;
  /** Makes the output of the heads' averages: [..., width] → [..., width]. */
  readonly output: Dense;
  /** The share of the weights that is dropped while training. */
  readonly dropout: Layer;
  /** Whether position i attends to positions 0 to i only, unless a call says otherwise. */
  readonly causal: boolean;
  /** Whether queries and keys are turned by their positions. */
  readonly rotary: boolean;

  constructor(width: number, heads: number, options: AttentionOptions) {
    const { keyWidth = width, valueWidth = keyWidth, causal = false, rotary = false } = options;
    const { bias = true, initializer = glorotUniform, key, dtype = "float32" } = options;
    checkHasKey("multiHeadAttention", `multiHeadAttention(${width}, ${heads}`, initializer, key);
    if (rotary && (width / heads) % 2 !== 0)
      throw new ShapeError(
        `multiHeadAttention: heads are ${width / heads} wide, and rotary turns pairs; choose fewer or more heads, so that their width is even`,
      );
    const keys = keyOptions(key, 4);
    const matrix = (inputs: number, i: number) =>
      dense(inputs, width, { bias, initializer, dtype, ...keys[i] });
    this.heads = heads;
    this.query = matrix(width, 0);
    this.key = matrix(keyWidth, 1);
    this.value = matrix(valueWidth, 2);
    this.output = matrix(width, 3);
    this.dropout = dropout(options.dropout ?? 0);
    this.causal = causal;
    this.rotary = rotary;
  }

  /** The width of inputs and outputs. */
  get width(): number {
    return this.output.outputs;
  }

  /** The names of `nn.MultiheadAttention`: three matrices in one where queries, keys and values have one width. */
  get inPyTorch(): PyTorchNames {
    const inputs = ["query", "key", "value"] as const;
    const areJoined = inputs.every((each) => this[each].inputs === this.width);
    const places = inputs.flatMap((each, i): [string, PyTorchPlace][] => {
      const part = [i, 3] as const;
      return [
        [
          `${each}.weight`,
          areJoined
            ? { name: "in_proj_weight", transposed: true, part }
            : { name: `${each[0]}_proj_weight`, transposed: true },
        ],
        [`${each}.bias`, { name: "in_proj_bias", part }],
      ];
    });
    return { ...Object.fromEntries(places), output: "out_proj" };
  }

  /**
   * Each position of a sequence attends to the positions of the same sequence: x [...batch, time, width] → the same.
   * Throws ShapeError where x or a mask doesn't fit, TypeError where weights are to be dropped without a key.
   */
  forward(x: Tensor, options: AttentionForward = {}): Tensor {
    return this.attend(x, x, x, options).outputs;
  }

  /**
   * queries [...batch, queries, width] attend to keys [...batch, keys, keyWidth] and get averages of values [...batch,
   * keys, valueWidth]. The weights are as before dropout. A query that attends to no key gets what the output matrix
   * makes of zeros, its bias, and no NaN. Throws ShapeError where shapes don't fit, TypeError where weights are to be
   * dropped without a key.
   */
  attend(queries: Tensor, keys: Tensor, values: Tensor = keys, options: AttentionForward = {}): Attended {
    checkOptions("multiHeadAttention", options, [...maskNames, ...forwardNames]);
    const { causal = this.causal, mask, keyMask, ...own } = options;
    const q = this.#apart(this.query.forward(queries));
    const k = this.#apart(this.key.forward(keys));
    const v = this.#apart(this.value.forward(values));
    const turned = (each: Tensor) => (this.rotary ? rotary(each) : each);
    const seen = joinedMask(q, k, { causal, mask, keyMask });
    const weights = attentionWeights(turned(q), turned(k), seen);
    const averages = this.dropout.forward(weights, own).matmul(v);
    return {
      outputs: this.output.forward(
        averages.swapAxes(-2, -3).reshape([...queries.shape.slice(0, -1), this.width]),
      ),
      weights,
    };
  }

  /** [...batch, time, width] → [...batch, heads, time, width/heads]. */
  #apart(x: Tensor): Tensor {
    const { shape } = x;
    return x.reshape([...shape.slice(0, -1), this.heads, this.width / this.heads]).swapAxes(-2, -3);
  }

  /** The layer as text. */
  toString(): string {
    return `multiHeadAttention(${this.width}, ${this.heads})`;
  }
}

/** What all masks allow, broadcastable to [...batch, heads, queries, keys], or null where that is everything. */
function joinedMask(
  query: Tensor,
  key: Tensor,
  {
    mask,
    keyMask,
    causal: isCausal,
  }: { readonly causal: boolean; readonly mask: Tensor | undefined; readonly keyMask: Tensor | undefined },
): Tensor | null {
  const [queries, keys] = [query.shape.at(-2)!, key.shape.at(-2)!];
  const parts: Tensor[] = [];
  if (isCausal) parts.push(causal(queries, keys));
  if (mask !== undefined) {
    checkTensor("multiHeadAttention", "the mask", mask);
    if (mask.rank < 2 || mask.shape.at(-2) !== queries || mask.shape.at(-1) !== keys)
      throw new ShapeError(
        `multiHeadAttention: the mask is [${mask.shape.join(", ")}] and must be [${queries}, ${keys}], queries and keys, or have the batch's axes before these`,
      );
    // One axis more, for the heads.
    parts.push((mask.rank === 2 ? mask : mask.reshape(mask.shape.toSpliced(-2, 0, 1))).notEqual(0));
  }
  if (keyMask !== undefined) {
    checkTensor("multiHeadAttention", "the keyMask", keyMask);
    if (keyMask.rank === 0 || keyMask.shape.at(-1) !== keys)
      throw new ShapeError(
        `multiHeadAttention: the keyMask is [${keyMask.shape.join(", ")}] and must be [...batch, ${keys}], a truth value for each key`,
      );
    parts.push(keyMask.reshape(keyMask.shape.toSpliced(-1, 0, 1, 1)).notEqual(0));
  }
  return parts.length === 0 ? null : parts.reduce((a, b) => a.and(b));
}

/**
 * Multi-head attention with dropout of its weights. As a layer, a sequence attends to itself, x [...batch, time, width]
 * → the same; `attend` takes queries, keys and values of their own and gives the weights, too. Masks are given to each
 * call or, for all calls, here (causal). As PyTorch's `MultiheadAttention` with `batch_first`, except that masks are
 * true where a query attends, and that a query which attends to nothing gives no NaN. Vaswani et al. (2017), section
 * 3.2. Throws ShapeError unless the heads divide the width, TypeError where random first weights lack a key.
 */
export function multiHeadAttention(
  width: number,
  heads: number,
  options: AttentionOptions = {},
): MultiHeadAttention {
  checkOptions("multiHeadAttention", options, optionNames);
  if (!Number.isInteger(heads) || heads < 1 || width % heads !== 0)
    throw new ShapeError(
      `multiHeadAttention: ${heads} heads don't divide a width of ${width}; choose a number that does, e.g. multiHeadAttention(${width}, 1)`,
    );
  return made(new MultiHeadAttention(width, heads, options), "multiHeadAttention", width, heads, options);
}
