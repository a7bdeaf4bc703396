// The part of the heap in which eager operations run kernels: operands are copied in, results out. It is as
// large as the largest request so far. Operations keep their requests small by working in pieces.

import { copyOfAll, type DType, type TypedArray } from "../../array/dtype.ts";
import { bytesOf, heap } from "../heap.ts";
import { bestBuild } from "../webassembly.ts";

let address = 0;
let size = 0;

/** Whether eager operations have kernels. They use plain vectors, so numbers don't depend on the JavaScript engine. */
export const hasEagerKernels = (): boolean => bestBuild() !== "none";

/** The address of this many bytes, to be used until the next request; null where there is not enough memory. */
export function scratch(bytes: number): number | null {
  if (bytes <= size) return address;
  if (size > 0) heap().free(address);
  size = 0;
  const found = allocated(bytes);
  if (found === null) return null;
  [address, size] = [found, bytes];
  return address;
}

/** The address of this many bytes, to be freed; null where there is not enough memory. */
export function allocated(bytes: number): number | null {
  try {
    return heap().allocate(bytes);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** A view of the n elements at an address; valid until memory grows. */
export function elementsAt(dtype: DType, place: number, n: number): TypedArray {
  const start = place / bytesOf[dtype];
  return heap()
    .view(dtype)
    .subarray(start, start + n);
}

/** A copy of the n elements at an address. */
export function copyOut(dtype: DType, place: number, n: number): TypedArray {
  return copyOfAll(dtype, elementsAt(dtype, place, n));
}
