// Where a model flattens images, Keras has the channels last in what comes of it, and here they are first: the rows of the
// weights behind it stand in another order. Which layers these are is seen in sequential models, from one layer to the next.

import { leaves, type Tensor } from "@adjoint/autograd";
import { makingOf, variables } from "@adjoint/nn";
import { isMade, type KerasPlace, kerasRows, rowOf } from "./keras-layers.ts";

/** Layers that treat each feature by itself, in whatever order these are. */
const FEATUREWISE: readonly string[] = ["batchNorm", "layerNorm", "rmsNorm", "groupNorm", "prelu"];

/** What is known of the numbers between two layers. */
interface Between {
  /** The channels along axis 1: 1 where there are none, null where that can't be seen. */
  readonly channels: number | null;
  /** Of how many channels flattened images they are: 1 where they are none, null where that can't be seen. */
  readonly flattened: number | null;
}

const FEATURES: Between = { channels: 1, flattened: 1 };

/** How many channels each convolution of a model makes. */
function channelsIn(model: object): ReadonlySet<number> {
  const convolutions = leaves(
    model,
    (value): value is object => isMade(value) && rowOf(kerasRows, value)?.channels !== undefined,
  );
  return new Set(
    Object.values(convolutions).map((each) => rowOf(kerasRows, each)!.channels!(makingOf(each)!)),
  );
}

/** Follows the layers of the model's sequential parts. */
class Chains {
  readonly seen = new Map<object, number | null>();
  /** Layers at the beginning of a part, where a convolution may follow and tell that they are given images. */
  #first: object[] = [];

  /** What comes out of a layer, of what goes in. */
  through(layer: unknown, before: Between): Between {
    if (!isMade(layer)) return before;
    const making = makingOf(layer)!;
    const row = rowOf(kerasRows, layer);
    if (row?.channels !== undefined) {
      for (const each of this.#first) this.seen.set(each, 1);
      this.#first = [];
      return { channels: row.channels(making), flattened: 1 };
    }
    if (making.by === "sequential" || making.by === "residual")
      return making.from.reduce<Between>((between, each) => this.through(each, between), before);
    if (making.by === "flatten") return { ...before, flattened: before.channels };
    if (FEATUREWISE.includes(making.by) || making.by === "dense") {
      this.seen.set(layer, before.flattened);
      if (making.by === "dense") this.#first = [];
      else if (before.flattened === null) this.#first.push(layer);
      return making.by === "dense" ? FEATURES : before;
    }
    return row !== undefined || making.by === "recurrent" ? FEATURES : before;
  }
}

/**
 * A function that says, for a layer of the model, of how many channels the flattened images are that it is given: 1 where it is given
 * something else, null where that can't be seen.
 */
export function flattenedIn(model: object): (layer: object) => number | null {
  const images = channelsIn(model);
  const chains = new Chains();
  const parts = leaves(
    model,
    (value): value is object => isMade(value) && makingOf(value)!.by === "sequential",
  );
  const start = images.size > 0 ? null : 1;
  for (const part of Object.values(parts)) chains.through(part, { channels: null, flattened: start });
  return (layer) => {
    const { by } = makingOf(layer)!;
    const isFeaturewise = FEATUREWISE.includes(by);
    if (by !== "dense" && !isFeaturewise) return 1;
    const own = Object.values(variables(layer));
    // Of images, a normalisation over several axes would have these in another order, too.
    if (isFeaturewise && images.size > 0 && own.some(({ rank }) => rank > 1)) return null;
    const seen = chains.seen.get(layer);
    if (seen !== undefined) return seen;
    if (images.size === 0) return 1;
    // In models of another form, a normalisation of as many features as a convolution makes channels is of these.
    const sizes = own.map(({ size }) => size);
    return isFeaturewise && sizes.every((size) => images.has(size)) ? 1 : null;
  };
}

/** A place whose first axis Keras has in the order of flattened images with channels last. */
export function unflattened(place: KerasPlace, channels: number, where: string): KerasPlace {
  /** The first axis taken as two, which change places. */
  const turned = (x: Tensor, isTo: boolean): Tensor => {
    const [rows = 1, ...rest] = x.shape;
    if (rows % channels !== 0)
      throw new RangeError(
        `${where} has ${rows} inputs, which can't be images of ${channels} channels; say how many channels were flattened, { flattened }`,
      );
    const [a, b] = isTo ? [channels, rows / channels] : [rows / channels, channels];
    return x
      .reshape([a, b, ...rest])
      .swapAxes(0, 1)
      .reshape([rows, ...rest]);
  };
  return {
    ...place,
    to: (...values) => turned(place.to(...values), true),
    from: (tensor) => place.from(turned(tensor, false)),
  };
}
