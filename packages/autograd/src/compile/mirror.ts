// Where variables live for programs: a part of the heap for each, shared by all programs that use it.

import type { DType } from "../array/dtype.ts";
import { NDArray } from "../array/ndarray.ts";
import type { Shape } from "../array/shape-types.ts";
import { bytesOf, heap, type Lease } from "../kernels/heap.ts";
import type { Cell, Mirror } from "../tape/cell.ts";
import { nextSerial } from "../tape/value.ts";

export class HeapMirror implements Mirror {
  isNewer = false;
  isOlder = true;
  /** Its part of the heap; null before it has one and when the heap has taken it back. */
  lease: Lease | null = null;
  /** Where it is or was last. */
  #address: number | null = null;
  /** What was newer than the variable when the part was taken back. */
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

  get address(): number {
    return this.#address!;
  }

  /** Sees to it that there is a part of the heap, which is given up with the variable. */
  settle(variable: Cell): Lease {
    if (this.lease === null) {
      const bytes = this.#size * bytesOf[this.#dtype];
      this.lease = heap().lease(variable, bytes, () => this.#leave(), this.#address);
      this.#address = this.lease.start;
    }
    this.lease.lastUsed = heap().time;
    return this.lease;
  }

  #leave(): void {
    if (this.isNewer) this.#saved = this.#copy();
    this.isOlder = true;
    this.lease = null;
  }

  read(): NDArray {
    const saved = this.#saved;
    this.#saved = null;
    return saved ?? this.#copy();
  }

  #copy(): NDArray {
    const start = this.address / bytesOf[this.#dtype];
    const elements = heap()
      .view(this.#dtype)
      .slice(start, start + this.#size);
    return new NDArray(this.#dtype, this.#shape, elements);
  }

  /** Brings the variable's value here. */
  write(variable: Cell): void {
    heap()
      .view(this.#dtype)
      .set(variable.value.array.data, this.address / bytesOf[this.#dtype]);
    this.isOlder = false;
  }

  /** A program has put a new value here. */
  wasWritten(variable: Cell): void {
    variable.changedAt = nextSerial();
    this.isNewer = true;
    this.isOlder = false;
    this.#saved = null;
  }
}
