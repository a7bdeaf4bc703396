// Kernels over rows: what becomes of a row is written once for each rule and type, as a function that every kernel and
// eager operation calls with its own addresses and strides. kernel.ts says what a kernel means.

import type { DType } from "../array/dtype.ts";
import { type FunctionIndex, type FunctionWriter, type Local, Type, type ValueType } from "./assembler.ts";
import { bytesOf } from "./heap.ts";
import { I } from "./instructions.ts";
import type { RowAccess, RowKernel, RowRule } from "./kernel.ts";
import type { KernelModule } from "./kernel-module.ts";
import { pushQuantity } from "./loops/pointers.ts";
import { orderScratch, writeOrder } from "./rows/order.ts";
import { writeRunning } from "./rows/running.ts";

/** Returns how many bytes of scratch memory a rule needs for rows of a type and length. */
export const rowScratch = (rule: RowRule, dtype: DType, length: number): number =>
  "descending" in rule ? orderScratch(dtype, length) : 0;

/**
 * The function of a rule: (number of rows, length, then for each array that is read, and for the one that is written: its
 * address, bytes from row to row, bytes from element to element; address of scratch memory). Neither number may be 0.
 */
export function rowFunction(module: KernelModule, rule: RowRule, dtype: DType): FunctionIndex {
  return module.once(`rows ${dtype} ${JSON.stringify(rule)}`, () =>
    "descending" in rule ? writeOrder(module, dtype, rule.descending) : writeRunning(module, rule, dtype),
  );
}

/** Writes a function that runs a kernel. */
export function writeRows(
  module: KernelModule,
  { rule, sizes, length, reads, write, scratch, parameters = 0 }: RowKernel,
): FunctionIndex {
  const rows = rowFunction(module, rule, reads[0]!.dtype);
  const arrays = [...reads, write];
  return module.writer.function(new Array<ValueType>(parameters).fill(Type.i32), [], (code) => {
    const places = arrays.map(({ address }) => {
      const place = code.local(Type.i32);
      pushQuantity(code, address);
      code.set(place);
      return place;
    });
    const inner = sizes.length - 1;
    const call = () => {
      code.i32(sizes[inner] ?? 1).i32(length);
      arrays.forEach((access, k) => {
        const bytes = bytesOf[access.dtype];
        code
          .get(places[k]!)
          .i32(strideOf(access, inner) * bytes)
          .i32(access.along * bytes);
      });
      pushQuantity(code, scratch);
      code.call(rows);
    };
    const at = (axis: number): void => {
      if (axis >= inner) {
        call();
        return;
      }
      code.for(code.local(Type.i32), 0, sizes[axis]!, 1, () => {
        at(axis + 1);
        move(code, arrays, places, axis, 1);
      });
      move(code, arrays, places, axis, -sizes[axis]!);
    };
    at(0);
  });
}

const strideOf = ({ strides }: RowAccess, axis: number): number => (strides[axis] ?? 0) as number;

/** Moves the places of all arrays by some indices along an axis. */
function move(
  code: FunctionWriter,
  arrays: readonly RowAccess[],
  places: readonly Local[],
  axis: number,
  by: number,
): void {
  arrays.forEach((access, k) => {
    code
      .get(places[k]!)
      .i32(by * strideOf(access, axis) * bytesOf[access.dtype])
      .emit(I.i32_add)
      .set(places[k]!);
  });
}
