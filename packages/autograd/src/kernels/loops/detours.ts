// Detours: the numbers of bytes by which indices that the body computes move walks. They are computed from lanes of
// whole numbers. Whatever an index is, nothing outside the array is accessed.

import { type FunctionWriter, Type } from "../assembler.ts";
import { bytesOf } from "../heap.ts";
import { I, X } from "../instructions.ts";
import type { LoopKernel, Quantity } from "../kernel.ts";
import type { Conversions, TypedLanes } from "./conversions.ts";

/** An offset that is computed from an index, beside the nodes of the body. */
export interface Detour {
  /** The node of the index. */
  readonly index: number;
  readonly size: Quantity;
  readonly stride: Quantity;
  /** The size of an element. */
  readonly bytes: number;
}

/** The detours of a kernel, each once, and for each walk of an array the place of the detour that it takes. */
export function detoursOf({ reads, outputs }: LoopKernel): {
  readonly detours: readonly Detour[];
  readonly taken: readonly (number | undefined)[];
} {
  const detours: Detour[] = [];
  const keys: string[] = [];
  const taken = [...reads, ...outputs.map(({ write }) => write)].map(({ by, dtype }) => {
    if (by === undefined) return undefined;
    const detour = { index: by.node, size: by.size, stride: by.stride, bytes: bytesOf[dtype] };
    const key = JSON.stringify(detour);
    const known = keys.indexOf(key);
    if (known >= 0) return known;
    keys.push(key);
    return detours.push(detour) - 1;
  });
  return { detours, taken };
}

/** Whether a detour may lead to a lower address. */
export const leadsBack = ({ stride }: Detour): boolean => typeof stride !== "number" || stride < 0;

/** Computes a detour: one i32 for each of the first lanes, or one for all lanes. */
export function writeDetour(
  code: FunctionWriter,
  bits: 32 | 64,
  conversions: Conversions,
  { size, stride, bytes }: Detour,
  value: TypedLanes,
  isVector: boolean,
): TypedLanes {
  const index = code.local(Type.v128);
  code.get(conversions.convert(value, "int32").local);
  if (bits === 64) code.emit(I.i32x4_trunc_sat_f64x2_s_zero);
  code.tee(index);
  // Negative indices count from the end. As unsigned numbers, indices outside on either side are too large.
  code.get(index).i32(31).emit(I.i32x4_shr_s);
  pushAll(code, size, 0, 1);
  code.emit(I.v128_and, I.i32x4_add);
  pushAll(code, size, -1, 1);
  code.emit(I.i32x4_min_u);
  pushAll(code, stride, 0, bytes);
  code.emit(I.i32x4_mul);
  if (!isVector) code.lane(X.i32x4_extract_lane, 0);
  const local = code.local(isVector ? Type.v128 : Type.i32);
  code.set(local);
  return { dtype: "int32", local };
}

/** Pushes (quantity + more) · times in all lanes. */
function pushAll(code: FunctionWriter, quantity: Quantity, more: number, times: number): void {
  if (typeof quantity === "number") {
    const word = (quantity + more) * times;
    code.get(code.constant([word, word, word, word]));
  } else {
    code.get(quantity.parameter).i32(more).emit(I.i32_add).i32(times).emit(I.i32_mul, I.i32x4_splat);
  }
}
