// Functions of elements for eager operations: a kernel for each function and way of reading its operands, written when
// it is first needed, and garbage with the function. This file decides which functions get a kernel.

import type { DType } from "../../array/dtype.ts";
import { NDArray } from "../../array/ndarray.ts";
import type { Shape } from "../../array/shape-types.ts";
import type { ElementwiseFunction } from "../../expression/elementwise-function.ts";
import { inOrder } from "../../expression/expression.ts";
import { lanesOf } from "../../expression/lanes/table.ts";
import { bytesOf, heap } from "../heap.ts";
import type { LoopKernel } from "../kernel.ts";
import { costOfExpression, LARGEST_BODY, Nodes } from "../nodes.ts";
import { Gatherer } from "./gather.ts";
import type { Kernel } from "./kernels.ts";
import { Known } from "./known.ts";
import { copyOut, elementsAt, hasEagerKernels, scratch } from "./scratch.ts";

/** The least number of elements for which a kernel is used: fewer are computed faster than a kernel is written. */
export const LEAST_ELEMENTS = 4096;
/** How many elements are computed at once: so few that copied operands are still in the cache when they are read. */
export const PIECE = 16_384;

/** For each function, its kernels by way of reading; null where plain loops are better. */
const kernels = new WeakMap<ElementwiseFunction, Known<Kernel | null>>();

/**
 * Applies a function to the elements of arrays of one shape. Null where plain loops are to be used, which depends on
 * the function, the types and the number of elements, and on nothing else.
 */
export function elementsByKernel(
  fn: ElementwiseFunction,
  inputs: readonly NDArray[],
  dtype: DType,
  shape: Shape,
): NDArray | null {
  const { size } = inputs[0]!;
  if (size < LEAST_ELEMENTS || !hasEagerKernels() || inputs.some((input) => input.dtype === "int32"))
    return null;
  const operands = inputs.map((input) => new Gatherer(input));
  const kernel = kernelOf(fn, dtype, inputs, operands);
  if (kernel === null) return null;
  const piece = Math.min(size, PIECE);
  const start = scratch(8 * piece * (1 + inputs.length));
  if (start === null) return null;

  const places = operands.map((_, i) => start + 8 * piece * (1 + i));
  const copyIn = (i: number, n: number) => {
    const type = inputs[i]!.dtype;
    operands[i]!.next(n, heap().view(type), places[i]! / bytesOf[type]);
  };
  operands.forEach((operand, i) => {
    if (operand.isStill) copyIn(i, 1);
  });
  const run = (n: number) => {
    operands.forEach((operand, i) => {
      if (!operand.isStill) copyIn(i, n);
    });
    kernel(n, start, ...places);
  };
  if (size === piece) {
    run(size);
    return new NDArray(dtype, shape, copyOut(dtype, start, size));
  }
  const result = NDArray.zeros(dtype, shape);
  for (let from = 0; from < size; from += piece) {
    const n = Math.min(piece, size - from);
    run(n);
    result.buffer.set(elementsAt(dtype, start, n), from);
  }
  return result;
}

function kernelOf(
  fn: ElementwiseFunction,
  dtype: DType,
  inputs: readonly NDArray[],
  operands: readonly Gatherer[],
): Kernel | null {
  let known = kernels.get(fn);
  if (known === undefined) kernels.set(fn, (known = new Known()));
  const key = `${dtype} ${operands.map(({ isStill }, i) => `${isStill ? "still" : "on"} ${inputs[i]!.dtype}`).join()}`;
  return known.get(key, (by) => {
    const reads = inputs.map((input, i) => ({ dtype: input.dtype, isStill: operands[i]!.isStill }));
    const loops = loopsFor(fn, dtype, reads);
    return loops && by.elements(loops);
  });
}

/**
 * The loop of a function: its parameters are the number of elements and the addresses of the results and of the operands,
 * of which some may be a single element. Null where plain loops are better.
 */
export function loopsFor(
  fn: ElementwiseFunction,
  dtype: DType,
  operands: readonly { readonly dtype: DType; readonly isStill: boolean }[],
): LoopKernel | null {
  // Functions that call JavaScript for each element gain nothing from vectors.
  if (inOrder(fn.expression).some(({ atom }) => atom !== null && lanesOf(atom) === undefined)) return null;
  if (costOfExpression(fn.expression) > LARGEST_BODY) return null;
  const build = new Nodes();
  const elements = operands.map((operand, i) => build.element(i, operand.dtype));
  const node = build.convert(build.expression(fn.expression, elements), dtype);
  return {
    sizes: [{ parameter: 0 }],
    parameters: 2 + operands.length,
    reads: operands.map((operand, i) => ({
      dtype: operand.dtype,
      address: { parameter: 2 + i },
      strides: [operand.isStill ? 0 : 1],
    })),
    nodes: build.nodes,
    outputs: [
      { node, combine: "store", write: { dtype, address: { parameter: 1 }, strides: [1] }, reduced: [] },
    ],
  };
}
