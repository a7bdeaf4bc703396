// The two blocks that transformers are made of: attention, then a small network for each place, both with a shortcut.

import type { DType, Key, Tensor } from "@adjoint/autograd";
import { relu } from "../activations.ts";
import { checkOptions, checkTensor } from "../arguments.ts";
import { checkHasKey, glorotUniform, type Initializer, keyOptions } from "../initializers.ts";
import {
  type ForwardOptions,
  forwardNames,
  type Layer,
  type LayerOrFunction,
  run,
  shareOut,
} from "../layer.ts";
import { made } from "../made.ts";
import type { PyTorchNames } from "../pytorch.ts";
import {
  type AttentionForward,
  type AttentionMasks,
  type MultiHeadAttention,
  maskNames,
  multiHeadAttention,
} from "./attention.ts";
import { type Dense, dense } from "./dense.ts";
import { dropout } from "./dropout.ts";
import { layerNorm } from "./layer-norm.ts";

/** The options of `encoderBlock` and `decoderBlock`. */
export interface BlockOptions {
  /** How wide the network for each position is inside; four times the width by default. */
  readonly hidden?: number;
  /** The activation of that network; relu by default. */
  readonly activation?: LayerOrFunction;
  /**
   * The share that is dropped while training: of the weights of attention, inside the network, and of what is added to
   * a shortcut; 0 by default.
   */
  readonly dropout?: number;
  /**
   * Whether what goes into attention and network is normalised, and the shortcuts stay as they are (Xiong et al., 2020), or
   * what comes out of the sums (the default, as in PyTorch and in the paper).
   */
  readonly normFirst?: boolean;
  /** Makes a normalisation; layerNorm by default. */
  readonly norm?: (width: number, options: { readonly dtype: DType }) => Layer;
  /** Whether each position attends only to those up to itself: false by default in encoders, true in decoders. */
  readonly causal?: boolean;
  /** Whether queries and keys of the sequence itself are turned by their positions, see `rotary`. */
  readonly rotary?: boolean;
  /** Whether there are biases; true by default. */
  readonly bias?: boolean;
  /** Makes the first weights; glorotUniform by default. */
  readonly initializer?: Initializer;
  /** Source of the first weights: required unless the initializer draws nothing. */
  readonly key?: Key;
  /** Element type; float32 by default. */
  readonly dtype?: DType;
}

const optionNames = [
  ...["hidden", "activation", "dropout", "normFirst", "norm", "causal", "rotary", "bias", "initializer"],
  ...["key", "dtype"],
];

/** What both blocks have: attention to the sequence itself, the network, and how a part joins its shortcut. */
abstract class Block implements Layer {
  /** The attention of the sequence to itself. */
  readonly attention: MultiHeadAttention;
  /** The normalisation of the attention. */
  readonly attentionNorm: Layer;
  /** The first layer of the network for each position: [..., width] → [..., hidden]. */
  readonly widen: Dense;
  /** The second layer of the network for each position: [..., hidden] → [..., width]. */
  readonly narrow: Dense;
  /** The normalisation of that network. */
  readonly networkNorm: Layer;
  /** The activation of the network for each position. */
  readonly activation: LayerOrFunction;
  /** The share that is dropped while training. */
  readonly dropout: Layer;
  /** Whether what goes into attention and network is normalised, or what comes out of the sums. */
  readonly normFirst: boolean;

  constructor(width: number, heads: number, options: BlockOptions) {
    const { causal = false, rotary = false, dropout: rate = 0, hidden = 4 * width } = options;
    const { bias = true, initializer = glorotUniform, dtype = "float32", norm = layerNorm } = options;
    const [first, second, third] = keyOptions(options.key, 3);
    const shared = { bias, initializer, dtype };
    this.attention = multiHeadAttention(width, heads, { ...shared, dropout: rate, rotary, causal, ...first });
    this.attentionNorm = norm(width, { dtype });
    this.widen = dense(width, hidden, { ...shared, ...second });
    this.narrow = dense(hidden, width, { ...shared, ...third });
    this.networkNorm = norm(width, { dtype });
    this.activation = options.activation ?? relu;
    this.dropout = dropout(rate);
    this.normFirst = options.normFirst ?? false;
  }

  /** x [...batch, time, width] → the same. */
  abstract forward(x: Tensor, options?: AttentionForward): Tensor;

  /** x and what a part makes of it, one of them normalised. */
  protected joined(x: Tensor, norm: Layer, part: (x: Tensor) => Tensor, options?: ForwardOptions): Tensor {
    if (this.normFirst) return x.add(this.dropout.forward(part(norm.forward(x)), options));
    return norm.forward(x.add(this.dropout.forward(part(x), options)));
  }

  /** Attention to the sequence itself, and its shortcut. */
  protected attended(x: Tensor, masks: AttentionMasks, [inside, after]: Pair): Tensor {
    return this.joined(
      x,
      this.attentionNorm,
      (each) => this.attention.forward(each, { ...masks, ...inside }),
      after,
    );
  }

  /** The network for each place, and its shortcut. */
  protected thought(x: Tensor, [inside, after]: Pair): Tensor {
    const network = (each: Tensor) =>
      this.narrow.forward(this.dropout.forward(run(this.activation, this.widen.forward(each)), inside));
    return this.joined(x, this.networkNorm, network, after);
  }
}

/** The options for what happens inside a part and for what joins its shortcut, each with a key of its own. */
type Pair = readonly [ForwardOptions | undefined, ForwardOptions | undefined];

const pairsOf = ({ training = false, key }: ForwardOptions, n: number): readonly Pair[] => {
  const all = shareOut(key === undefined ? { training } : { training, key }, 2 * n);
  return Array.from({ length: n }, (_, i) => [all[2 * i], all[2 * i + 1]]);
};

/** Attention of a sequence to itself, then a network for each position: x [...batch, time, width] → the same. */
export class EncoderBlock extends Block {
  /** The names of `nn.TransformerEncoderLayer`. */
  get inPyTorch(): PyTorchNames {
    return {
      attention: "self_attn",
      attentionNorm: "norm1",
      widen: "linear1",
      narrow: "linear2",
      networkNorm: "norm2",
    };
  }

  /** x [...batch, time, width] → the same. Takes the masks of attention; see `multiHeadAttention`. */
  forward(x: Tensor, options: AttentionForward = {}): Tensor {
    checkOptions("encoderBlock", options, [...maskNames, ...forwardNames]);
    const { training, key, ...masks } = options;
    const [attention, network] = pairsOf(options, 2);
    return this.thought(this.attended(x, masks, attention!), network!);
  }
}

/** How a decoder's block is run: with an encoder's outputs, and masks. */
export interface DecoderForward extends AttentionForward {
  /** What the encoder gave: [...batch, positions, width]. */
  readonly memory: Tensor;
  /** Which positions of the memory each position attends to, [time, positions] or with the batch's axes before. */
  readonly memoryMask?: Tensor;
  /** Truth values [...batch, positions]: false for padding in the memory. */
  readonly memoryKeyMask?: Tensor;
}

/** Like an encoder's block, with attention to an encoder's outputs between its two parts. */
export class DecoderBlock extends Block {
  /** The attention to an encoder's outputs. */
  readonly memoryAttention: MultiHeadAttention;
  /** The normalisation of that part. */
  readonly memoryNorm: Layer;

  constructor(width: number, heads: number, options: BlockOptions) {
    const [own, other] = keyOptions(options.key, 2);
    super(width, heads, { causal: true, ...options, ...own });
    const { bias = true, initializer = glorotUniform, dtype = "float32", norm = layerNorm } = options;
    const dropout = options.dropout ?? 0;
    this.memoryAttention = multiHeadAttention(width, heads, { bias, initializer, dtype, dropout, ...other });
    this.memoryNorm = norm(width, { dtype });
  }

  /** The names of `nn.TransformerDecoderLayer`. */
  get inPyTorch(): PyTorchNames {
    return {
      attention: "self_attn",
      attentionNorm: "norm1",
      memoryAttention: "multihead_attn",
      memoryNorm: "norm2",
      widen: "linear1",
      narrow: "linear2",
      networkNorm: "norm3",
    };
  }

  /**
   * x [...batch, time, width] → the same. Takes the masks of attention to the sequence itself, the memory, and the
   * masks of attention to the memory.
   */
  forward(x: Tensor, options?: DecoderForward): Tensor {
    checkOptions("decoderBlock", options ?? {}, decoderNames);
    checkTensor(
      "decoderBlock",
      "the memory",
      options?.memory,
      "write forward(x, { memory: encoder.forward(y) })",
    );
    const { memory, memoryMask, memoryKeyMask, training, key, ...masks } = options!;
    const [attention, toMemory, network] = pairsOf(options!, 3);
    const [inside, after] = toMemory!;
    const theirs = {
      ...(memoryMask === undefined ? {} : { mask: memoryMask }),
      ...(memoryKeyMask === undefined ? {} : { keyMask: memoryKeyMask }),
      ...inside,
    };
    const asked = (each: Tensor) => this.memoryAttention.attend(each, memory, memory, theirs).outputs;
    const x1 = this.attended(x, masks, attention!);
    return this.thought(this.joined(x1, this.memoryNorm, asked, after), network!);
  }
}

const decoderNames = ["memory", "memoryMask", "memoryKeyMask", ...maskNames, ...forwardNames];

function checkBlock(name: string, width: number, heads: number, options: BlockOptions): void {
  checkOptions(name, options, optionNames);
  checkHasKey(name, `${name}(${width}, ${heads}`, options.initializer ?? glorotUniform, options.key);
}

/**
 * A block of a transformer's encoder, or, with `causal`, of a language model: x [...batch, time, width] → the same. As
 * PyTorch's `TransformerEncoderLayer` with `batch_first`, except that the network is four times the width by default
 * and nothing is dropped. Vaswani et al. (2017), section 3.1. Throws ShapeError unless the heads divide the width,
 * TypeError where random first weights lack a key.
 */
export function encoderBlock(width: number, heads: number, options: BlockOptions = {}): EncoderBlock {
  checkBlock("encoderBlock", width, heads, options);
  return made(new EncoderBlock(width, heads, options), "encoderBlock", width, heads, options);
}

/**
 * A block of a transformer's decoder: x [...batch, time, width] → the same, forward(x, { memory }) with what the
 * encoder gave. Each position attends to those up to itself, unless `causal` is false. As PyTorch's
 * `TransformerDecoderLayer` with `batch_first` and a causal mask. Vaswani et al. (2017), section 3.1. Throws as
 * `encoderBlock` does.
 */
export function decoderBlock(width: number, heads: number, options: BlockOptions = {}): DecoderBlock {
  checkBlock("decoderBlock", width, heads, options);
  return made(new DecoderBlock(width, heads, options), "decoderBlock", width, heads, options);
}
