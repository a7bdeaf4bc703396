// Loads and stores of a single lane: the lane's number follows the memory operand.

import type { MemoryInstruction } from "./instruction.ts";

export const v128_load8_lane: MemoryInstruction = { code: 0xfd054, align: 0 };
export const v128_load32_lane: MemoryInstruction = { code: 0xfd056, align: 2 };
export const v128_load64_lane: MemoryInstruction = { code: 0xfd057, align: 3 };
export const v128_store8_lane: MemoryInstruction = { code: 0xfd058, align: 0 };
export const v128_store16_lane: MemoryInstruction = { code: 0xfd059, align: 1 };
export const v128_store32_lane: MemoryInstruction = { code: 0xfd05a, align: 2 };
export const v128_store64_lane: MemoryInstruction = { code: 0xfd05b, align: 3 };
