// The tensors that a program takes in: of the same shapes and types in every call.

import type { Description } from "../array/description.ts";
import type { NDArray } from "../array/ndarray.ts";
import { sameShape } from "../array/shape.ts";
import type { Leaves } from "../tape/engine.ts";
import { Tensor } from "../tensor/tensor.ts";
import { Variable } from "../tensor/variable.ts";

const isVariable = (value: unknown) => value instanceof Variable;
const isTensor = (value: unknown): value is Tensor => value instanceof Tensor && !isVariable(value);

/** What a program of tensors is given anew in each call. A variable counts as itself: it is read when the program runs. */
export const tensorLeaves: Leaves<Tensor> = { isLeaf: isTensor, isFixed: isVariable };

/** The tensors of the calls of one signature, and their arrays, in their places. */
export class Taken {
  readonly #descriptions: readonly Description[];
  /** Those of the last call. Once they have been handed out, another list takes the place of this one when they change. */
  #tensors: (Tensor | null)[];
  #isHandedOut = false;
  readonly arrays: NDArray[];
  /** Whether somebody may watch one of them. */
  isWatched = false;

  constructor(descriptions: readonly NDArray[]) {
    this.#descriptions = descriptions;
    this.#tensors = descriptions.map(() => null);
    this.arrays = [...descriptions];
  }

  /** Puts a tensor in its place; false where it does not fit. Allocates nothing. */
  readonly take = (value: unknown, place: number): boolean => {
    // Tensors don't change: the one that was taken last in this place still fits.
    if (value === this.#tensors[place]) return true;
    if (!isTensor(value)) return false;
    const { array } = value;
    const { shape, dtype } = this.#descriptions[place]!;
    if (array.dtype !== dtype || (array.shape !== shape && !sameShape(array.shape, shape))) return false;
    this.arrays[place] = array;
    this.#put(value, place);
    if (value.traces !== null) this.isWatched = true;
    return true;
  };

  #put(tensor: Tensor | null, place: number): void {
    if (this.#isHandedOut) this.#tensors = this.#tensors.slice();
    this.#isHandedOut = false;
    this.#tensors[place] = tensor;
  }

  get tensors(): readonly (Tensor | null)[] {
    return this.#tensors;
  }

  /** The same for whoever keeps them beyond the call. */
  handOut(): readonly (Tensor | null)[] {
    this.#isHandedOut = true;
    return this.#tensors;
  }

  /** Lets go of the tensors that hold a tape. */
  release(): void {
    for (let i = 0; i < this.#tensors.length; i++) if (this.#tensors[i]?.traces != null) this.#put(null, i);
  }
}
