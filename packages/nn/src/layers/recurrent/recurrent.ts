// Cells over sequences: what is carried from one time to the next, several layers of it, and both directions.

import {
  arange,
  concat,
  DTypeError,
  flattenTree,
  guarded,
  mapTree,
  type ScanOptions,
  type Shape,
  ShapeError,
  scan,
  splitKey,
  type Tensor,
  type Tree,
} from "@adjoint/autograd";
import { checkFunction, checkOptions, checkTensor, hasShape, kindOf } from "../../arguments.ts";
import { type ForwardOptions, forwardNames, type Layer } from "../../layer.ts";
import { made } from "../../made.ts";
import type { PyTorchNames } from "../../pytorch.ts";
import { dropout } from "../dropout.ts";

/**
 * One step in time, with its weights in fields: from what was carried here and x, what is carried on and the output. The
 * carry is a tensor or a tree of tensors with the batch axes in front.
 */
export interface Cell<Carry extends Tree = Tree> {
  /** The width of x. */
  readonly inputs: number;
  /** The width of the output. */
  readonly outputs: number;
  /** What doesn't depend on the carry, for all times at once or for one: the step gets it of its time, in place of x. */
  prepare?(x: Tensor): Tensor;
  /** One step: from the carry and the part of x at one time, the next carry and the output. */
  step(carry: Carry, x: Tensor): readonly [Carry, Tensor];
  /** What is carried into the first step, usually zeros. */
  start(batch: Shape): Carry;
}

/** How a sequence is run through. */
export interface SequenceOptions<Carry extends Tree = Tree> extends ForwardOptions {
  /** What each cell carries into its first step, in the order of `last`; what the cells start with by default. */
  readonly initial?: readonly Carry[];
  /** How many steps of each sequence count, as integers of the batch's shape; those after are padding. */
  readonly lengths?: Tensor;
  /** Which steps count, as truth values [...batch, time], where they are not the first ones. */
  readonly mask?: Tensor;
}

/** What `unroll` gives. */
export interface Unrolled<Carry extends Tree = Tree> {
  /** What the last layer gives at each time: [...batch, time, outputs]. Both directions stand beside each other. */
  readonly outputs: Tensor;
  /** What each cell carries at its end: layer by layer and, within a layer, forward then backward. */
  readonly last: readonly Carry[];
}

/** A layer's cell, or two: the second goes from the last time to the first. */
export type Directions<Carry extends Tree = Tree> = Cell<Carry> | readonly [Cell<Carry>, Cell<Carry>];

/** The options of `recurrent`. */
export interface RecurrentOptions {
  /** The share of each layer's outputs that is dropped while training; the last layer's are not. 0 by default. */
  readonly dropout?: number;
  /**
   * For gradients of long sequences in little memory: keep only what is carried at every k-th time, k being this number, as
   * `scan` does. By default it is kept at all times.
   */
  readonly checkpointEvery?: number;
}

/** One cell over [time, ...batch, inputs] → [time, ...batch, outputs]. Where the mask [time, ...batch] is false, the carry stays. */
function along<Carry extends Tree>(
  cell: Cell<Carry>,
  x: Tensor,
  first: Carry,
  mask: Tensor | null,
  options: ScanOptions,
): { readonly outputs: Tensor; readonly last: Carry } {
  const { leaves, paths, unflatten } = flattenTree<Tree>(first);
  // A tree of the same form as the first carry, which a cell gives and takes.
  const treeOf = (values: readonly Tensor[]) => unflatten(values) as Carry;
  const prepared = (x: Tensor) => cell.prepare?.(x) ?? x;
  // With checkpoints it is made anew with each stretch: it is larger than most of what they spare.
  const preparesAll = options.checkpointEvery === undefined;
  const step = (carry: readonly Tensor[], [at, counts]: Step): [readonly Tensor[], Tensor] => {
    const [tree, output] = cell.step(treeOf(carry), preparesAll ? at : prepared(at));
    const next = flattenTree<Tree>(tree);
    if (next.paths.join() !== paths.join())
      throw new TypeError(
        `recurrent: the cell carries on tensors at "${next.paths.join('", "')}" and was given them at "${paths.join('", "')}"; both must have one form, in one order`,
      );
    if (counts === undefined) return [next.leaves, output];
    const here = (each: Tensor) =>
      counts.reshape([...counts.shape, ...new Array<number>(each.rank - counts.rank).fill(1)]);
    const kept = next.leaves.map((after, i) => here(after).select(after, carry[i]!));
    return [kept, here(output).select(output, 0)];
  };
  const given = preparesAll ? prepared(x) : x;
  const all: Step = mask === null ? [given] : [given, mask];
  const [last, outputs] = scan<readonly Tensor[], Step, Tensor>(step, leaves, all, options);
  return { outputs, last: treeOf(last) };
}

/** What a step is given beside the carry: the input and, unless all steps count, whether this one does. */
type Step = readonly [at: Tensor, counts?: Tensor];

/** Recurrent layers one upon another: x [...batch, time, inputs] → [...batch, time, outputs]. */
export class Recurrent<Carry extends Tree = Tree> implements Layer {
  /** The cells, layer by layer and, within a layer, forward then backward. */
  readonly cells: readonly Cell<Carry>[];
  /** 1, or 2 where each layer goes both ways. */
  readonly directions: number;
  /** The share of each layer's outputs that is dropped while training; the last layer's are not. */
  readonly dropout: Layer;
  /** The k of every k-th time at which what is carried is kept for gradients; undefined: at all times. */
  readonly checkpointEvery: number | undefined;

  constructor(cells: readonly Cell<Carry>[], directions: number, options: RecurrentOptions) {
    this.cells = cells;
    this.directions = directions;
    this.dropout = dropout(options.dropout ?? 0);
    this.checkpointEvery = options.checkpointEvery;
  }

  /** The width of x. */
  get inputs(): number {
    return this.cells[0]!.inputs;
  }

  /** How many layers there are, one upon another. */
  get layers(): number {
    return this.cells.length / this.directions;
  }

  /** The names of `nn.RNN`, `nn.LSTM` and `nn.GRU`: weight_ih_l0, weight_ih_l0_reverse, … */
  get inPyTorch(): PyTorchNames {
    const nameOf = (i: number) => (inner: string) =>
      `${inner}_l${Math.floor(i / this.directions)}${i % this.directions === 1 ? "_reverse" : ""}`;
    return Object.fromEntries(this.cells.map((_, i) => [`cells.${i}`, nameOf(i)]));
  }

  /** What the last layer gives at each time, [...batch, time, inputs] → [...batch, time, outputs]; see `unroll`. */
  forward(x: Tensor, options: SequenceOptions<Carry> = {}): Tensor {
    return this.unroll(x, options).outputs;
  }

  /**
   * Goes through sequences from the first time to the last: x [...batch, time, inputs] → outputs [...batch, time, outputs]
   * and what is carried at the end. Steps that are padding, by `lengths` or `mask`, keep the carry and give zeros, and what
   * stands there has no influence; the other direction starts at the last step that counts. These are PyTorch's packed
   * sequences. In compiled functions each cell is one loop.
   * Throws ShapeError where x, the lengths, the mask or the first carries don't fit, RangeError for a length above the time,
   * TypeError where outputs are to be dropped and there is no key.
   */
  unroll(x: Tensor, options: SequenceOptions<Carry> = {}): Unrolled<Carry> {
    checkOptions("recurrent", options, ["initial", "lengths", "mask", ...forwardNames]);
    this.#checkInput(x);
    const { lengths, mask: given, training = false, key } = options;
    const batch = x.shape.slice(0, -2);
    const first = this.#firstCarries(options.initial, batch);
    const { checkpointEvery } = this;
    const kept = checkpointEvery === undefined ? {} : { checkpointEvery };
    const mask = maskOf(x.shape.slice(0, -1), lengths, given)?.moveAxis(-1, 0) ?? null;
    let each = x.moveAxis(-2, 0);
    const keys = key === undefined ? [] : splitKey(key, this.layers);
    const last: Carry[] = [];
    for (let layer = 0; layer < this.layers; layer++) {
      if (layer > 0) {
        const own = keys[layer - 1];
        each = this.dropout.forward(each, own === undefined ? { training } : { training, key: own });
      }
      const outputs: Tensor[] = [];
      for (let direction = 0; direction < this.directions; direction++) {
        const i = layer * this.directions + direction;
        const made = along(this.cells[i]!, each, first[i]!, mask, { ...kept, reverse: direction === 1 });
        outputs.push(made.outputs);
        last.push(made.last);
      }
      each = outputs.length === 1 ? outputs[0]! : concat(outputs, { axis: -1 });
    }
    return { outputs: each.moveAxis(0, -2), last };
  }

  #checkInput(x: Tensor): void {
    checkTensor("recurrent", "the input", x);
    if (x.rank < 2 || x.shape.at(-1) !== this.inputs)
      throw new ShapeError(
        `recurrent: input [${x.shape.join(", ")}] where the first cell takes [...batch, time, ${this.inputs}]; give sequences of vectors of ${this.inputs} numbers`,
      );
  }

  #firstCarries(given: SequenceOptions<Carry>["initial"], batch: Shape): readonly Carry[] {
    const own = this.cells.map((cell) => cell.start(batch));
    if (given === undefined) return own;
    if (!Array.isArray(given) || given.length !== own.length)
      throw new ShapeError(
        `recurrent: initial is ${Array.isArray(given) ? `a list of ${given.length}` : kindOf(given)}; give what each of the ${own.length} cells carries into its first step, in the order of last`,
      );
    own.forEach((start, i) => {
      mapTree<Tree>(
        (mine, its) =>
          shaped(
            [`a part of initial[${i}]`, `initial[${i}] has a part of`],
            its!,
            mine.shape,
            "give one for each of the batch: broadcastTo",
          ),
        start,
        given[i]!,
      );
    });
    return given;
  }
}

/** The tensor itself. Throws ShapeError where it has another shape; `what` it is and `is`, a clause with its verb, are for messages. */
function shaped([what, is]: readonly [string, string], x: Tensor, shape: Shape, way: string): Tensor {
  checkTensor("recurrent", what, x);
  const { shape: given } = x;
  if (!hasShape(x, shape))
    throw new ShapeError(
      `recurrent: ${is} [${given.join(", ")}] where [${shape.join(", ")}] belongs; ${way}`,
    );
  return x;
}

/** Which steps count, [...batch, time], or null where all do. */
function maskOf(times: Shape, lengths: Tensor | undefined, mask: Tensor | undefined): Tensor | null {
  if (lengths !== undefined && mask !== undefined)
    throw new TypeError("recurrent: both lengths and mask are given; give one of them");
  if (mask !== undefined)
    return shaped(["the mask", "the mask is"], mask, times, "say which steps count").notEqual(0);
  if (lengths === undefined) return null;
  const batch = times.slice(0, -1);
  const time = times.at(-1)!;
  const given = shaped(["the option lengths", "lengths are"], lengths, batch, "give one for each sequence");
  if (given.dtype !== "int32")
    throw new DTypeError(
      `recurrent: the option lengths is ${given.dtype} and must be int32: lengths.cast("int32")`,
    );
  const message = `recurrent: a length is {}, and the sequences have ${time} steps; lengths lie from 0 to ${time}`;
  const known = guarded(given, { from: 0, to: time, message });
  return arange(0, time, 1, { dtype: lengths.dtype }).less(known.reshape([...batch, 1]));
}

const isPair = <Carry extends Tree>(layer: Directions<Carry>): layer is readonly [Cell<Carry>, Cell<Carry>] =>
  Array.isArray(layer);

/**
 * A layer that runs cells over sequences: x [...batch, time, inputs] → [...batch, time, outputs]; `unroll` gives what
 * is carried at the end, too, and takes what is carried at the start. One cell, or a list with one for each layer;
 * where all layers are pairs, both directions stand beside each other, and the next layer takes both. Throws TypeError
 * for what is no cell, ShapeError where a layer takes another width than the one before gives, RangeError where
 * `checkpointEvery` is no whole number. As PyTorch's `RNN`, with any cells.
 */
export function recurrent<Carry extends Tree>(
  cells: Cell<Carry> | readonly Directions<Carry>[],
  options: RecurrentOptions = {},
): Recurrent<Carry> {
  checkOptions("recurrent", options, ["dropout", "checkpointEvery"]);
  const { checkpointEvery } = options;
  if (checkpointEvery !== undefined && (!Number.isInteger(checkpointEvery) || checkpointEvery < 1))
    throw new RangeError(
      `recurrent: checkpointEvery is ${checkpointEvery} and must be a whole number, 1 or more`,
    );
  const layers = (Array.isArray(cells) ? cells : [cells]) as readonly Directions<Carry>[];
  const rows = layers.map((layer) => (isPair(layer) ? [...layer] : [layer]));
  const directions = rows[0]?.length ?? 0;
  if (directions === 0 || directions > 2 || rows.some((row) => row.length !== directions))
    throw new TypeError(
      "recurrent: give a cell, a list of cells, one for each layer, or a list of pairs [forward, backward]",
    );
  rows.flat().forEach((cell, i) => {
    checkFunction(
      "recurrent",
      `the step of cell ${i + 1}`,
      cell?.step,
      "step: (carry, x) => [carry, output]",
    );
    checkFunction(
      "recurrent",
      `the start of cell ${i + 1}`,
      cell.start,
      "start: (batch) => zeros([...batch, 3])",
    );
  });
  rows.forEach((row, layer) => {
    const width =
      layer === 0 ? row[0]!.inputs : rows[layer - 1]!.reduce((sum, { outputs }) => sum + outputs, 0);
    for (const { inputs } of row)
      if (inputs !== width)
        throw new ShapeError(
          `recurrent: a cell of layer ${layer + 1} takes ${inputs} inputs and is given ${width}; make it with ${width} inputs`,
        );
  });
  return made(new Recurrent(rows.flat(), directions, options), "recurrent", cells, options);
}
