// How the elements of a product are loaded, multiplied and stored: the instructions that depend on their type and on
// the build. Knows no matrices.

import type { FunctionWriter, Local } from "../assembler.ts";
import { Type, type ValueType } from "../assembler.ts";
import { I, type Instruction, L, M, type MemoryInstruction } from "../instructions.ts";
import type { KernelModule } from "../kernel-module.ts";

/** A number that is known when the code is written, or a local of the function that is written. */
export type Amount = number | { readonly local: Local };

export function push(code: FunctionWriter, amount: Amount): FunctionWriter {
  return typeof amount === "number" ? code.i32(amount) : code.get(amount.local);
}

/** Multiplies the number on the stack by an amount. */
export function times(code: FunctionWriter, amount: Amount): FunctionWriter {
  if (amount === 1) return code;
  if (typeof amount === "number" && amount > 0 && (amount & (amount - 1)) === 0)
    return code.i32(Math.log2(amount)).emit(I.i32_shl);
  return push(code, amount).emit(I.i32_mul);
}

/** The type of a product's elements, as instructions. */
export interface Element {
  readonly name: "float32" | "float64";
  readonly type: ValueType;
  readonly bytes: number;
  /** Elements in a vector. */
  readonly lanes: number;
  /** Of single elements. */
  readonly load: MemoryInstruction;
  readonly store: MemoryInstruction;
  readonly add: Instruction;
  readonly mul: Instruction;
  readonly ne: Instruction;
  /** An element in the first lane, zeros in the others. */
  readonly loadFirst: MemoryInstruction;
  readonly loadLane: MemoryInstruction;
  readonly storeLane: MemoryInstruction;
  /** An element in every lane. */
  readonly loadSplat: MemoryInstruction;
  readonly vectorAdd: Instruction;
  readonly vectorNe: Instruction;
  /** acc += a·b on vectors: rounded once where the build has such an instruction, else twice. */
  multiplyAdd(code: FunctionWriter, a: Local, b: Local, acc: Local): void;
}

export function elementOf(module: KernelModule, name: "float32" | "float64"): Element {
  const narrow = name === "float32";
  const [mul, add, madd] = narrow
    ? [I.f32x4_mul, I.f32x4_add, I.f32x4_relaxed_madd]
    : [I.f64x2_mul, I.f64x2_add, I.f64x2_relaxed_madd];
  return {
    name,
    type: narrow ? Type.f32 : Type.f64,
    bytes: narrow ? 4 : 8,
    lanes: narrow ? 4 : 2,
    load: narrow ? M.f32_load : M.f64_load,
    store: narrow ? M.f32_store : M.f64_store,
    add: narrow ? I.f32_add : I.f64_add,
    mul: narrow ? I.f32_mul : I.f64_mul,
    ne: narrow ? I.f32_ne : I.f64_ne,
    loadFirst: narrow ? M.v128_load32_zero : M.v128_load64_zero,
    loadLane: narrow ? L.v128_load32_lane : L.v128_load64_lane,
    storeLane: narrow ? L.v128_store32_lane : L.v128_store64_lane,
    loadSplat: narrow ? M.v128_load32_splat : M.v128_load64_splat,
    vectorAdd: add,
    vectorNe: narrow ? I.f32x4_ne : I.f64x2_ne,
    multiplyAdd(code, a, b, acc) {
      code.get(a).get(b);
      if (module.build === "relaxed") code.get(acc).emit(madd).set(acc);
      else code.emit(mul).get(acc).emit(add).set(acc);
    },
  };
}

/** The locals of a function's parameters, by name, in their order. */
export function parameters<Name extends string>(...names: readonly Name[]): Record<Name, Local> {
  return Object.fromEntries(names.map((name, i) => [name, i])) as Record<Name, Local>;
}

/** So many parameters of i32. */
export function integers(count: number): ValueType[] {
  return new Array<ValueType>(count).fill(Type.i32);
}

/** target += amount */
export function advance(code: FunctionWriter, target: Local, amount: Amount): FunctionWriter {
  return push(code.get(target), amount).emit(I.i32_add).set(target);
}

/** Leaves the lesser of two signed numbers on the stack. */
export function least(code: FunctionWriter, a: () => void, b: () => void): FunctionWriter {
  const [first, second] = [code.local(Type.i32), code.local(Type.i32)];
  a();
  code.set(first);
  b();
  return code.set(second).get(first).get(second).get(first).get(second).emit(I.i32_lt_s, I.select);
}
