// A mirror: the part of the heap in which programs keep the value of a variable. All programs that use the
// variable share it.

import { copyOfPart, type DType } from "../array/dtype.ts";
import { NDArray } from "../array/ndarray.ts";
import type { Shape } from "../array/shape-types.ts";
import { bytesOf, heap, type Lease } from "../kernels/heap.ts";
import { LeasedPart } from "../kernels/leased-part.ts";
import type { Cell, Mirror } from "../tape/cell.ts";

export class HeapMirror implements Mirror {
  isNewer = false;
  isOlder = true;
  readonly #part = new LeasedPart();
  /** A copy of the mirror's value, if that was newer than the variable's when the heap took the part back. */
  #saved: NDArray | null = null;
  readonly #dtype: DType;
  readonly #shape: Shape;
  readonly #size: number;

  private constructor(variable: Cell) {
    const { dtype, shape, size } = variable.value.array;
    this.#dtype = dtype;
    this.#shape = shape;
    this.#size = size;
  }

  /** The variable's mirror, made when it is first needed. */
  static of(variable: Cell): HeapMirror {
    if (variable.mirror instanceof HeapMirror) return variable.mirror;
    const mirror = new HeapMirror(variable);
    variable.mirror = mirror;
    return mirror;
  }

  /** Null before the first lease, and after the heap has taken the lease back. */
  get lease(): Lease | null {
    return this.#part.lease;
  }

  /** Where the part is, or where it was last, in bytes. */
  get address(): number {
    return this.#part.address!;
  }

  /** Makes sure that there is a part of the heap, and returns its lease, which ends with the variable. */
  settle(variable: Cell): Lease {
    return this.#part.settle(variable, this.#size * bytesOf[this.#dtype], () => this.#leave());
  }

  #leave(): void {
    if (this.isNewer) this.#saved = this.#copy();
    this.isOlder = true;
  }

  read(): NDArray {
    const saved = this.#saved;
    this.#saved = null;
    return saved ?? this.#copy();
  }

  #copy(): NDArray {
    const start = this.address / bytesOf[this.#dtype];
    const elements = copyOfPart(this.#dtype, heap().view(this.#dtype), start, this.#size);
    return new NDArray(this.#dtype, this.#shape, elements);
  }

  /** Copies the variable's value to the mirror. */
  write(variable: Cell): void {
    heap()
      .view(this.#dtype)
      .set(variable.value.array.data, this.address / bytesOf[this.#dtype]);
    this.isOlder = false;
  }

  /**
   * Notes that a program has written a new value to the mirror. `now` is the time of the change, in the order
   * of making.
   */
  wasWritten(variable: Cell, now: number): void {
    variable.changedAt = now;
    this.isNewer = true;
    this.isOlder = false;
    this.#saved = null;
  }
}
