// Orders, running sums and the like along an axis, for eager operations, by the kernels that programs have.

import type { DType } from "../../array/dtype.ts";
import type { NDArray } from "../../array/ndarray.ts";
import { sizeOf } from "../../array/shape.ts";
import { bytesOf, heap } from "../heap.ts";
import type { RowRule } from "../kernel.ts";
import { KernelModule } from "../kernel-module.ts";
import { rowFunction, rowScratch } from "../rows.ts";
import { LEAST_ELEMENTS } from "./elements.ts";
import { Gatherer } from "./gather.ts";
import { allocated, elementsAt, hasEagerKernels } from "./scratch.ts";

/** An order takes many steps for each element, and a comparison by JavaScript's sort() is a call. */
const LEAST_ORDERED = 1024;

type Kernel = (...numbers: number[]) => number;

const kernels = new Map<string, Kernel>();

function kernelOf(rule: RowRule, dtype: DType): Kernel {
  const key = `${dtype} ${JSON.stringify(rule)}`;
  let kernel = kernels.get(key);
  if (kernel === undefined) {
    const module = new KernelModule("simd");
    module.writer.export("run", rowFunction(module, rule, dtype));
    kernel = module.instantiate(heap().memory).run as Kernel;
    kernels.set(key, kernel);
  }
  return kernel;
}

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
  const length = shape[axis]!;
  const behind = sizeOf(shape.slice(axis + 1));
  const arrays = [...inputs, result];
  // Elements of one byte may end anywhere, and the others begin where eight bytes do.
  const room = (bytes: number) => 8 * Math.ceil(bytes / 8);
  const sizes = arrays.map((array) => room(bytesOf[array.dtype] * size));
  const start = allocated(sizes.reduce((sum, bytes) => sum + bytes, rowScratch(rule, dtype, length)));
  if (start === null) return false;
  let next = start + rowScratch(rule, dtype, length);
  const walks = arrays.map((array, k) => {
    const bytes = bytesOf[array.dtype];
    const address = next;
    next += sizes[k]!;
    if (array !== result) new Gatherer(array).next(size, heap().view(array.dtype), address / bytes);
    const along = bytes * behind;
    return { bytes, address, first: isBack ? (length - 1) * along : 0, along: isBack ? -along : along };
  });
  const kernel = kernelOf(rule, dtype);
  // Rows along the last axis lie behind one another; of others, as many lie side by side as the axes after theirs hold.
  const [count, across] = behind === 1 ? [size / length, length] : [behind, 1];
  for (let at = 0; at < size; at += count * length) {
    const rows = walks.flatMap(({ bytes, address, first, along }) => [
      address + first + at * bytes,
      bytes * across,
      along,
    ]);
    kernel(count, length, ...rows, start);
  }
  result.buffer.set(elementsAt(result.dtype, walks.at(-1)!.address, size));
  heap().free(start);
  return true;
}
