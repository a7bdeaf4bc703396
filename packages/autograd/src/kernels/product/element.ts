// The instructions for the elements of a product: all that depends on their type, and on whether the build has a fused
// multiply-add. Nothing here depends on matrices.

import { type FunctionWriter, type Local, Type, type ValueType } from "../assembler.ts";
import { I, type Instruction, L, M, type MemoryInstruction } from "../instructions.ts";
import type { KernelModule } from "../kernel-module.ts";

export interface Element {
  readonly name: "float32" | "float64";
  readonly type: ValueType;
  readonly bytes: number;
  /** Elements in a vector. */
  readonly lanes: number;
  /** For single elements. */
  readonly load: MemoryInstruction;
  readonly store: MemoryInstruction;
  readonly add: Instruction;
  readonly mul: Instruction;
  readonly ne: Instruction;
  /** For one element of a vector. `loadFirst` sets the other lanes to zero, `loadSplat` to the same element. */
  readonly loadFirst: MemoryInstruction;
  readonly loadSplat: MemoryInstruction;
  readonly loadLane: MemoryInstruction;
  readonly storeLane: MemoryInstruction;
  readonly vectorAdd: Instruction;
  readonly vectorNe: Instruction;
  zero(code: FunctionWriter): FunctionWriter;
  /** sum += a·b on vectors, rounded once in the relaxed build, else twice. */
  multiplyAdd(code: FunctionWriter, a: Local, b: Local, sum: Local): void;
}

export function elementOf(module: KernelModule, name: Element["name"]): Element {
  const fused = module.build === "relaxed";
  const rounding = (mul: Instruction, add: Instruction, madd: Instruction): Element["multiplyAdd"] =>
    fused
      ? (code, a, b, sum) => code.get(a).get(b).get(sum).emit(madd).set(sum)
      : (code, a, b, sum) => code.get(a).get(b).emit(mul).get(sum).emit(add).set(sum);
  if (name === "float32") {
    return {
      name,
      type: Type.f32,
      bytes: 4,
      lanes: 4,
      load: M.f32_load,
      store: M.f32_store,
      add: I.f32_add,
      mul: I.f32_mul,
      ne: I.f32_ne,
      loadFirst: M.v128_load32_zero,
      loadSplat: M.v128_load32_splat,
      loadLane: L.v128_load32_lane,
      storeLane: L.v128_store32_lane,
      vectorAdd: I.f32x4_add,
      vectorNe: I.f32x4_ne,
      zero: (code) => code.f32(0),
      multiplyAdd: rounding(I.f32x4_mul, I.f32x4_add, I.f32x4_relaxed_madd),
    };
  }
  return {
    name,
    type: Type.f64,
    bytes: 8,
    lanes: 2,
    load: M.f64_load,
    store: M.f64_store,
    add: I.f64_add,
    mul: I.f64_mul,
    ne: I.f64_ne,
    loadFirst: M.v128_load64_zero,
    loadSplat: M.v128_load64_splat,
    loadLane: L.v128_load64_lane,
    storeLane: L.v128_store64_lane,
    vectorAdd: I.f64x2_add,
    vectorNe: I.f64x2_ne,
    zero: (code) => code.f64(0),
    multiplyAdd: rounding(I.f64x2_mul, I.f64x2_add, I.f64x2_relaxed_madd),
  };
}
