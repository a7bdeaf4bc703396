// Orders, running sums and the like along an axis, for eager operations, by the kernels that programs have.

import type { NDArray } from "../../array/ndarray.ts";
import { sizeOf } from "../../array/shape.ts";
import { bytesOf, heap } from "../heap.ts";
import type { RowRule } from "../kernel.ts";
import { LEAST_ELEMENTS } from "./elements.ts";
import { Gatherer } from "./gather.ts";
import type { ScratchKernel } from "./kernels.ts";
import { Known } from "./known.ts";
import { allocated, elementsAt, hasEagerKernels } from "./scratch.ts";

/** An order takes many steps for each element, and a comparison by JavaScript's sort() is a call. */
const LEAST_ORDERED = 1024;

const kernels = new Known<ScratchKernel | null>();

/**
 * Puts what becomes of the rows along an axis, walked from their start or their end, into a row-major result of the
 * operands' shape. Returns false where plain loops are to be used.
 */
export function alongAxisByKernel(
  rule: RowRule,
  inputs: readonly NDArray[],
  axis: number,
  isBack: boolean,
  result: NDArray,
): boolean {
  const { shape, size } = result;
  const least = "descending" in rule ? LEAST_ORDERED : LEAST_ELEMENTS;
  if (size < least || !hasEagerKernels()) return false;
  const { dtype } = inputs[0]!;
  const kernel = kernels.get(`${dtype} ${JSON.stringify(rule)}`, (by) => by.along(rule, dtype));
  if (kernel === null) return false;
  const length = shape[axis]!;
  const behind = sizeOf(shape.slice(axis + 1));
  const arrays = [...inputs, result];
  // Elements of one byte may end anywhere, and the others begin where eight bytes do.
  const room = (bytes: number) => 8 * Math.ceil(bytes / 8);
  const sizes = arrays.map((array) => room(bytesOf[array.dtype] * size));
  const before = kernel.scratch(length);
  const start = allocated(sizes.reduce((sum, bytes) => sum + bytes, before));
  if (start === null) return false;
  let next = start + before;
  const walks = arrays.map((array, k) => {
    const bytes = bytesOf[array.dtype];
    const address = next;
    next += sizes[k]!;
    if (array !== result) new Gatherer(array).next(size, heap().view(array.dtype), address / bytes);
    const along = bytes * behind;
    return { bytes, address, first: isBack ? (length - 1) * along : 0, along: isBack ? -along : along };
  });
  // Rows along the last axis lie behind one another; of others, as many lie side by side as the axes after theirs hold.
  const [count, across] = behind === 1 ? [size / length, length] : [behind, 1];
  for (let at = 0; at < size; at += count * length) {
    const rows = walks.flatMap(({ bytes, address, first, along }) => [
      address + first + at * bytes,
      bytes * across,
      along,
    ]);
    kernel.run(count, length, ...rows, start);
  }
  result.buffer.set(elementsAt(result.dtype, walks.at(-1)!.address, size));
  heap().free(start);
  return true;
}
