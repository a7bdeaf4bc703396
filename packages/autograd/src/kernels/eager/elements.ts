// Functions of elements as eager operations run them: a kernel for each function and way of reading, written when it is
// first needed and dropped with the function. Which functions are worth it, this file says; how loops look, loops.ts.

import { type DType, isFloat, type TypedArray } from "../../array/dtype.ts";
import { NDArray } from "../../array/ndarray.ts";
import type { Shape } from "../../array/shape-types.ts";
import type { ElementwiseFunction } from "../../expression/elementwise-function.ts";
import { inOrder } from "../../expression/expression.ts";
import { bytesOf, heap } from "../heap.ts";
import type { LoopKernel } from "../kernel.ts";
import { KernelModule } from "../kernel-module.ts";
import { writeLoops } from "../loops.ts";
import { Nodes } from "../nodes.ts";
import { Gatherer } from "./gather.ts";
import { copyOut, hasEagerKernels, scratch } from "./scratch.ts";

/** From so many elements on. Fewer are done before a kernel is written. */
export const LEAST_ELEMENTS = 4096;
/** Elements at once: what is copied in is still in the cache when it is read. */
export const PIECE = 16_384;

type Run = (...parameters: number[]) => number;

const kernels = new WeakMap<ElementwiseFunction, Map<string, Run>>();

/**
 * A function of the elements of arrays of one shape. Null where plain loops are to be used: that depends on the
 * function, the types and the number of elements, and on nothing else.
 */
export function elementsByKernel(
  fn: ElementwiseFunction,
  inputs: readonly NDArray[],
  dtype: DType,
  shape: Shape,
  size: number,
): NDArray | null {
  if (size < LEAST_ELEMENTS || !hasEagerKernels()) return null;
  if (inputs.some((input) => input.dtype === "int32") || !isWorthwhile(fn)) return null;
  const operands = inputs.map((input) => operandOf(input));
  const piece = Math.min(size, PIECE);
  const room = piece * 8;
  const start = scratch(room * (inputs.length + 1));
  if (start === null) return null;
  const run = kernelOf(fn, dtype, inputs, operands);
  const places = operands.map((_, i) => start + room * (i + 1));
  const result = size > piece ? NDArray.zeros(dtype, shape) : null;
  operands.forEach((operand, i) => {
    if (operand === null) view(inputs[i]!.dtype)[places[i]! / bytesOf[inputs[i]!.dtype]] = only(inputs[i]!);
  });
  for (let from = 0; from < size; from += piece) {
    const n = Math.min(piece, size - from);
    operands.forEach((operand, i) => {
      const { dtype } = inputs[i]!;
      operand?.next(n, view(dtype), places[i]! / bytesOf[dtype]);
    });
    run(n, start, ...places);
    if (result === null) break;
    const at = start / bytesOf[dtype];
    result.buffer.set(view(dtype).subarray(at, at + n), from);
  }
  return result ?? new NDArray(dtype, shape, copyOut(dtype, start, size));
}
