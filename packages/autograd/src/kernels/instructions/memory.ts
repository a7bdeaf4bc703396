// Loads and stores of whole values.

import type { MemoryInstruction } from "./instruction.ts";

export const i32_load: MemoryInstruction = { code: 0x28, align: 2 };
export const i64_load: MemoryInstruction = { code: 0x29, align: 3 };
export const f32_load: MemoryInstruction = { code: 0x2a, align: 2 };
export const f64_load: MemoryInstruction = { code: 0x2b, align: 3 };
export const i32_load8_u: MemoryInstruction = { code: 0x2d, align: 0 };
export const i32_store: MemoryInstruction = { code: 0x36, align: 2 };
export const i64_store: MemoryInstruction = { code: 0x37, align: 3 };
export const f32_store: MemoryInstruction = { code: 0x38, align: 2 };
export const f64_store: MemoryInstruction = { code: 0x39, align: 3 };
export const i32_store8: MemoryInstruction = { code: 0x3a, align: 0 };
export const v128_load: MemoryInstruction = { code: 0xfd000, align: 4 };
export const v128_load8_splat: MemoryInstruction = { code: 0xfd007, align: 0 };
export const v128_load16_splat: MemoryInstruction = { code: 0xfd008, align: 1 };
export const v128_load32_splat: MemoryInstruction = { code: 0xfd009, align: 2 };
export const v128_load64_splat: MemoryInstruction = { code: 0xfd00a, align: 3 };
export const v128_store: MemoryInstruction = { code: 0xfd00b, align: 4 };
export const v128_load32_zero: MemoryInstruction = { code: 0xfd05c, align: 2 };
export const v128_load64_zero: MemoryInstruction = { code: 0xfd05d, align: 3 };
