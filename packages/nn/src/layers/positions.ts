// Where something stands in a sequence, for layers that would see a set otherwise.

import {
  arange,
  concat,
  type DType,
  DTypeError,
  type Key,
  normal,
  ShapeError,
  stack,
  type Tensor,
  type Variable,
} from "@adjoint/autograd";
import { checkOptions, checkSize, checkTensor } from "../arguments.ts";
import { firstWeights, type Initializer } from "../initializers.ts";
import { type Layer, parameter } from "../layer.ts";
import { made } from "../made.ts";

/** place·base^(−2i/width) for i from 0 to below width/2: [length, width/2], in float64. */
function angles(operation: string, length: number, width: number, base: number): Tensor {
  if (!Number.isInteger(width) || width < 2 || width % 2 !== 0)
    throw new ShapeError(
      `${operation}: width is ${width}; sines and cosines come in pairs, so it must be even`,
    );
  if (!Number.isInteger(length) || length < 0)
    throw new ShapeError(`${operation}: length is ${length}; it must be a whole number, 0 or more`);
  if (!(base > 0 && base < Infinity))
    throw new RangeError(`${operation}: base ${base} must be a finite number above 0, e.g. 10000`);
  const half = width / 2;
  const places = arange(0, length, 1, { dtype: "float64" }).reshape([length, 1]);
  return places.mul(
    arange(0, half, 1, { dtype: "float64" })
      .mul(-Math.log(base) / half)
      .exp(),
  );
}

/**
 * Sines and cosines of positions, [length, width]: sin(t/10000^(2i/width)) at 2i and the cosine at 2i + 1. Computed in
 * float64. Vaswani et al. (2017), section 3.5. Throws ShapeError for an odd width.
 */
export function sinusoids(length: number, width: number, options: { readonly dtype?: DType } = {}): Tensor {
  checkOptions("sinusoids", options, ["dtype"]);
  const { dtype = "float32" } = options;
  const all = angles("sinusoids", length, width, 10_000);
  return stack([all.sin(), all.cos()], { axis: -1 }).reshape([length, width]).cast(dtype);
}

/**
 * Adds to each vector of a sequence, [...batch, time, width], the sines and cosines of its position; see `sinusoids`.
 * Vaswani et al. (2017), section 3.5. Throws ShapeError for an odd width.
 */
export function sinusoidalPositions(x: Tensor): Tensor {
  checkTensor("sinusoidalPositions", "the input", x);
  const [time, width] = sequenceSizes("sinusoidalPositions", x);
  return x.add(sinusoids(time, width, { dtype: x.dtype }));
}

function sequenceSizes(operation: string, x: Tensor): readonly [time: number, width: number] {
  if (x.rank < 2)
    throw new ShapeError(
      `${operation}: input [${x.shape.join(", ")}] is no sequence of vectors, [...batch, time, width]`,
    );
  if (x.dtype !== "float32" && x.dtype !== "float64")
    throw new DTypeError(
      `${operation}: the input is ${x.dtype}, which can't hold sines and cosines; cast it, x.cast("float32")`,
    );
  return [x.shape.at(-2)!, x.shape.at(-1)!];
}

/**
 * Vectors turned by their positions, pair by pair: elements i and i + width/2 by the angle t·base^(−2i/width) at time
 * t, so that products of two of them depend on how far they are apart. x: [..., time, width] → the same. Su et al.
 * (2021), with the pairs as in GPT-NeoX and Llama. Throws ShapeError for an odd width.
 */
export function rotary(x: Tensor, options: { readonly base?: number } = {}): Tensor {
  checkOptions("rotary", options, ["base"]);
  const { base = 10_000 } = options;
  checkTensor("rotary", "the input", x);
  const [time, width] = sequenceSizes("rotary", x);
  const all = angles("rotary", time, width, base);
  const [cos, sin] = [all.cos().cast(x.dtype), all.sin().cast(x.dtype)];
  const [a, b] = x.split(2, { axis: -1 });
  return concat([a.mul(cos).sub(b.mul(sin)), b.mul(cos).add(a.mul(sin))], { axis: -1 });
}

/** The options of `learnedPositions`. */
export interface LearnedPositionsOptions {
  /** Makes the first vectors; normal with deviation 0.02 by default, as in GPT-2. */
  readonly initializer?: Initializer;
  /** Source of the first vectors: required unless the initializer draws nothing. */
  readonly key?: Key;
  /** Element type; float32 by default. */
  readonly dtype?: DType;
}

const smallNormal: Initializer = (key, shape, dtype) => normal(key, shape, { dtype, deviation: 0.02 });

/** Adds a vector of its own to each position: [...batch, time, width] → the same. */
export class LearnedPositions implements Layer {
  /** [positions, width]. */
  readonly weight: Variable;

  constructor(places: number, width: number, options: LearnedPositionsOptions) {
    const { initializer = smallNormal, key, dtype = "float32" } = options;
    const first = firstWeights("learnedPositions", `learnedPositions(${places}, ${width}`, [places, width], {
      initializer,
      key,
      dtype,
    });
    this.weight = parameter(first, { name: "weight" });
  }

  /**
   * x plus the vector of each position: [...batch, time, width] → the same. Throws ShapeError for another width, or for
   * longer sequences than there are positions.
   */
  forward(x: Tensor): Tensor {
    checkTensor("learnedPositions", "the input", x);
    const [time, width] = sequenceSizes("learnedPositions", x);
    const [places, own] = this.weight.shape;
    if (time > places! || width !== own)
      throw new ShapeError(
        `learnedPositions: input [${x.shape.join(", ")}] where there are ${places} positions of ${own} numbers; shorten it, or make the layer learnedPositions(${Math.max(time, places!)}, ${width})`,
      );
    return x.add(this.weight.slice([0, time]));
  }

  /** The layer as text. */
  toString(): string {
    return `learnedPositions(${this.weight.shape.join(", ")})`;
  }
}

/**
 * Learned positions: [...batch, time, width] plus the first rows of a matrix [positions, width]. PyTorch has an
 * Embedding for them. Throws ShapeError for sizes that are not whole numbers from 1, TypeError where random first
 * vectors lack a key.
 */
export function learnedPositions(
  places: number,
  width: number,
  options: LearnedPositionsOptions = {},
): LearnedPositions {
  checkOptions("learnedPositions", options, ["initializer", "key", "dtype"]);
  checkSize("learnedPositions", "the number of positions", places);
  checkSize("learnedPositions", "width", width);
  return made(new LearnedPositions(places, width, options), "learnedPositions", places, width, options);
}
