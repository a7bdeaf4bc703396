// The tensors among the arguments of a program's calls, which have the same shapes and types in every call.

import type { Description } from "../array/description.ts";
import type { NDArray } from "../array/ndarray.ts";
import { sameShape } from "../array/shape.ts";
import type { Leaves } from "../tape/engine.ts";
import { Tensor } from "../tensor/tensor.ts";
import { Variable } from "../tensor/variable.ts";

const isVariable = (value: unknown) => value instanceof Variable;
const isTensor = (value: unknown): value is Tensor => value instanceof Tensor && !isVariable(value);

/**
 * The values that a program of tensors is given anew in each call. A variable stays the same object: the
 * program reads it when it runs.
 */
export const tensorLeaves: Leaves<Tensor> = { isLeaf: isTensor, isFixed: isVariable };

/** The tensors of the last call of a signature, and their arrays, by place. */
export class Taken {
  readonly #descriptions: readonly Description[];
  /** The tensors of the last call. After this list has been handed out, the next change makes a copy of it. */
  #tensors: (Tensor | null)[];
  #isHandedOut = false;
  readonly arrays: NDArray[];
  /** Whether one of the tensors may be watched. */
  isWatched = false;

  constructor(descriptions: readonly NDArray[]) {
    this.#descriptions = descriptions;
    this.#tensors = descriptions.map(() => null);
    this.arrays = [...descriptions];
  }

  /** Puts a tensor in its place. Returns false if it does not fit. Allocates nothing. */
  readonly take = (value: unknown, place: number): boolean => {
    // Tensors never change, so the tensor that was taken last in this place still fits.
    return value === this.#tensors[place] || this.#takeAnother(value, place);
  };

  #takeAnother(value: unknown, place: number): boolean {
    if (!isTensor(value)) return false;
    const { array } = value;
    const { shape, dtype } = this.#descriptions[place]!;
    if (array.dtype !== dtype || (array.shape !== shape && !sameShape(array.shape, shape))) return false;
    this.arrays[place] = array;
    this.#put(value, place);
    if (value.traces !== null) this.isWatched = true;
    return true;
  }

  #put(tensor: Tensor | null, place: number): void {
    if (this.#isHandedOut) this.#tensors = this.#tensors.slice();
    this.#isHandedOut = false;
    this.#tensors[place] = tensor;
  }

  get tensors(): readonly (Tensor | null)[] {
    return this.#tensors;
  }

  /** Like `tensors`, for callers that keep the list after the call: it does not change any more. */
  handOut(): readonly (Tensor | null)[] {
    this.#isHandedOut = true;
    return this.#tensors;
  }

  /** Drops the tensors that hold a tape. */
  release(): void {
    for (let i = 0; i < this.#tensors.length; i++) if (this.#tensors[i]?.traces != null) this.#put(null, i);
  }
}
