// A guard's check of numbers of a program. The check is made once and reads the numbers where they lie, so
// that it allocates nothing, however often the program runs.

import { allocate, type TypedArray } from "../array/dtype.ts";
import { eachRow, NDArray } from "../array/ndarray.ts";
import { sizeOf } from "../array/shape.ts";
import { bytesOf, heap } from "../kernels/heap.ts";
import type { HostStep } from "./cluster.ts";
import { walksInOrder } from "./layout.ts";

export class GuardCheck {
  readonly #host: HostStep;
  readonly #operands: readonly Operand[];
  #arrays: NDArray[] = [];

  /** The buffers must have their addresses. */
  constructor(host: HostStep) {
    this.#host = host;
    this.#operands = host.operands.map((operand) => new Operand(operand));
  }

  run(): void {
    const operands = this.#operands;
    for (let i = 0; i < operands.length; i++) this.#arrays[i] = operands[i]!.array();
    this.#host.call(this.#arrays);
  }
}

class Operand {
  readonly #from: HostStep["operands"][number];
  readonly #start: number;
  /** Where each element lies in the heap's view, row-major; null if the elements lie row-major without gaps. */
  readonly #places: Int32Array | null;
  /** The heap's view on which the array was made. When the heap grows, there is another view. */
  #all: TypedArray | null = null;
  #array: NDArray | null = null;

  constructor(from: HostStep["operands"][number]) {
    this.#from = from;
    const { view, shape, dtype } = from;
    this.#start = view.buffer.address / bytesOf[dtype] + view.offset;
    this.#places = walksInOrder(shape, view.strides, 0) ? null : placesOf(shape, view.strides, this.#start);
  }

  array(): NDArray {
    const { shape, dtype } = this.#from;
    const all = heap().view(dtype);
    const places = this.#places;
    if (this.#array === null || this.#all !== all) {
      const size = sizeOf(shape);
      const numbers = places === null ? all.subarray(this.#start, this.#start + size) : allocate(dtype, size);
      this.#array = new NDArray(dtype, shape, numbers);
      this.#all = all;
    }
    if (places !== null) {
      const { buffer } = this.#array;
      for (let i = 0; i < places.length; i++) buffer[i] = all[places[i]!]!;
    }
    return this.#array;
  }
}

function placesOf(shape: readonly number[], strides: readonly number[], offset: number): Int32Array {
  const places = new Int32Array(sizeOf(shape));
  let next = 0;
  eachRow(shape, [{ strides, offset }], (length, [start], [step]) => {
    for (let i = 0; i < length; i++) places[next++] = start! + i * step!;
  });
  return places;
}
