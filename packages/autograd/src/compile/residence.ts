// Where variables live for programs: a part of the heap for each, shared by all programs that use it.

import type { DType } from "../array/dtype.ts";
import { NDArray } from "../array/ndarray.ts";
import type { Shape } from "../array/shape-types.ts";
import { bytesOf, type Heap, heap } from "../kernels/heap.ts";
import type { Cell, Residence } from "../tape/cell.ts";

export class HeapResidence implements Residence {
  isNewer = false;
  isOlder = true;
  readonly address: number;
  readonly #dtype: DType;
  readonly #shape: Shape;
  readonly #start: number;
  readonly #size: number;

  private constructor(variable: Cell, owner: Heap) {
    const { dtype, shape, size } = variable.value.array;
    this.#dtype = dtype;
    this.#shape = shape;
    this.#size = size;
    this.address = owner.allocate(size * bytesOf[dtype]);
    this.#start = this.address / bytesOf[dtype];
  }

  /** The variable's residence, made when it is first needed and given up with the variable. */
  static of(variable: Cell): HeapResidence {
    if (variable.residence instanceof HeapResidence) return variable.residence;
    const owner = heap();
    const residence = new HeapResidence(variable, owner);
    owner.freeWith(variable, residence.address);
    variable.residence = residence;
    return residence;
  }

  read(): NDArray {
    const start = this.#start;
    const elements = heap()
      .view(this.#dtype)
      .slice(start, start + this.#size);
    return new NDArray(this.#dtype, this.#shape, elements);
  }

  /** Brings the variable's value here. */
  write(variable: Cell): void {
    heap().view(this.#dtype).set(variable.value.array.data, this.#start);
    this.isOlder = false;
  }
}
