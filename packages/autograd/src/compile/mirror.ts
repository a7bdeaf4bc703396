// A mirror: the part of the heap in which programs keep the value of a variable. All programs that use the
// variable share it.

import { copyOfPart, type DType } from "../array/dtype.ts";
import { NDArray } from "../array/ndarray.ts";
import type { Shape } from "../array/shape-types.ts";
import { bytesOf, heap, type Lease } from "../kernels/heap.ts";
import { LeasedPart } from "../kernels/leased-part.ts";
import type { Cell, Mirror } from "../tape/cell.ts";

/** When a program last ran, in the order of making. */
export interface Clock {
  time: number;
}

let changes = 0;
/**
 * How often a mirror has changed otherwise than by another run of the program that wrote it last. While the number stays,
 * every mirror is as the last run of any program left it, however many variables there are.
 */
export const mirrorChanges = (): number => changes;

export class HeapMirror implements Mirror {
  #isNewer = false;
  #isOlder = true;
  /** The clock of the program that wrote it last. */
  #clock: Clock = { time: 0 };
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
    if (this.#isNewer) this.#saved = this.#copy();
    this.#isOlder = true;
    changes++;
  }

  get isNewer(): boolean {
    return this.#isNewer;
  }

  get isOlder(): boolean {
    return this.#isOlder;
  }

  get writtenAt(): number {
    return this.#clock.time;
  }

  take(): NDArray {
    const taken = this.#saved ?? this.#copy();
    this.#saved = null;
    this.#isNewer = false;
    changes++;
    return taken;
  }

  outdate(): void {
    this.#isOlder = true;
    this.#isNewer = false;
    changes++;
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
    this.#isOlder = false;
  }

  /**
   * Notes that a program has written a new value to the mirror. As long as nothing else changes a mirror, later runs of that
   * program only set their clock.
   */
  wasWritten(clock: Clock): void {
    this.#clock = clock;
    this.#isNewer = true;
    this.#isOlder = false;
    this.#saved = null;
    changes++;
  }
}
