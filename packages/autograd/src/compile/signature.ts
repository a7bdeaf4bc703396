// What a function was called with, and gave: trees of tensors among anything else. A program serves calls whose trees
// have one form, whose tensors have the same shapes and types, and whose other values are the same.

import { kindOf } from "../array/arguments.ts";
import type { Description } from "../array/description.ts";
import type { NDArray } from "../array/ndarray.ts";
import { sameShape } from "../array/shape.ts";
import { type Flat, type Form, fits, flatten, refusals } from "../array/tree.ts";
import { Scalar } from "../scalar/scalar.ts";
import { Tensor } from "../tensor/tensor.ts";
import { Variable } from "../tensor/variable.ts";

/** What a program is given anew in each call. A variable counts as itself: it is read when the program runs. */
export type Given = Tensor | Scalar;

const isVariable = (value: unknown) => value instanceof Variable;
const isTensor = (value: unknown): value is Tensor => value instanceof Tensor && !isVariable(value);
const isGiven = (value: unknown): value is Given => isTensor(value) || value instanceof Scalar;

/** The arguments of a call, taken apart. Throws TypeError for what may hold numbers that a program would not see change. */
export function argumentsOf(args: readonly unknown[]): Flat<Given> {
  return flatten<Given>(args, {
    isLeaf: isGiven,
    isFixed: isVariable,
    other(value, path) {
      if (ArrayBuffer.isView(value))
        throw new TypeError(
          `compile: argument${path} is ${kindOf(value)}, whose numbers a program would not see change; give a tensor: tensor(…)`,
        );
    },
    ...refusals("compile: argument"),
  });
}

/** The result of a call, taken apart. Throws TypeError for what may hold tensors and can't be walked. */
export function resultOf(result: unknown): Flat<Given> {
  return flatten<Given>(result, {
    isLeaf: isGiven,
    isFixed: isVariable,
    ...refusals("compile: the result"),
  });
}

/** The tensors of the calls of one signature, and their arrays, in their places. */
export class Taken {
  readonly #form: Form;
  readonly #descriptions: readonly Description[];
  /** Those of the last call. */
  readonly tensors: (Tensor | null)[];
  readonly arrays: NDArray[];
  /** Whether somebody may watch one of them. */
  isWatched = false;
  readonly #take: (value: unknown, place: number) => boolean;

  constructor(form: Form, descriptions: readonly NDArray[]) {
    this.#form = form;
    this.#descriptions = descriptions;
    this.tensors = descriptions.map(() => null);
    this.arrays = [...descriptions];
    this.#take = (value, place) => {
      // Tensors don't change: the one that was taken last in this place still fits.
      if (value === this.tensors[place]) return true;
      if (!isTensor(value)) return false;
      const { array } = value;
      const { shape, dtype } = this.#descriptions[place]!;
      if (array.dtype !== dtype || (array.shape !== shape && !sameShape(array.shape, shape))) return false;
      this.arrays[place] = array;
      this.tensors[place] = value;
      if (value.traces !== null) this.isWatched = true;
      return true;
    };
  }

  /** Whether a call's arguments are of this signature; puts its tensors in their places. Allocates nothing. */
  takes(args: readonly unknown[]): boolean {
    this.isWatched = false;
    return fits(this.#form, args, this.#take);
  }

  /** Lets go of the tensors that hold a tape. */
  release(): void {
    for (let i = 0; i < this.tensors.length; i++) if (this.tensors[i]?.traces != null) this.tensors[i] = null;
  }
}
