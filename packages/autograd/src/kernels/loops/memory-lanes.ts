// Loads and stores up to a vector of elements of any type, which lie side by side or apart. Lanes of 32 bits hold
// float32 and int32 as they are; lanes of 64 bits hold all numbers as float64. A truth value is a byte in memory and a
// mask in lanes. There are no other conversions here.

import type { DType } from "../../array/dtype.ts";
import { type FunctionWriter, type Local, Type } from "../assembler.ts";
import { bytesOf } from "../heap.ts";
import { I, L, M, type MemoryInstruction } from "../instructions.ts";

/** Elements in memory that belong to the lanes of a vector. */
export interface Elements {
  readonly dtype: DType;
  /** How many of the lanes, from the first, have an element. */
  readonly active: number;
  /** Bytes from an element to the next; "unknown" before the code runs. */
  readonly step: number | "unknown";
  /** Pushes the address of a lane's element; returns a constant that the instruction has to add. */
  readonly push: (lane: number, moreBytes?: number) => number;
}

const loadSplat = { 1: M.v128_load8_splat, 4: M.v128_load32_splat, 8: M.v128_load64_splat } as const;
const loadFirst = { 1: M.v128_load8_splat, 4: M.v128_load32_zero, 8: M.v128_load64_zero } as const;
const loadLane = { 1: L.v128_load8_lane, 4: L.v128_load32_lane, 8: L.v128_load64_lane } as const;
const storeLane = { 1: L.v128_store8_lane, 4: L.v128_store32_lane, 8: L.v128_store64_lane } as const;

type Size = keyof typeof loadSplat;
const sizeOf = (dtype: DType): Size => bytesOf[dtype] as Size;

/** The first byte of each of four lanes of 32 bits, or two of 64 bits. */
const FIRST_BYTES = {
  32: [0, 4, 8, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  64: [0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
} as const;

/** Pushes the elements as lanes. Lanes without an element may hold anything. */
export function pushElements(code: FunctionWriter, bits: 32 | 64, elements: Elements): void {
  const { dtype, active, step, push } = elements;
  const size = sizeOf(dtype);
  if (step === 0) code.memory(loadSplat[size], push(0));
  else if (step === size) pushNeighbours(code, size, active, push);
  else if (!pushPicked(code, bits, elements)) {
    code.memory(loadFirst[size], push(0));
    if (active > 1) {
      const vector = code.local(Type.v128);
      for (let lane = 1; lane < active; lane++) {
        code.set(vector);
        const more = push(lane);
        code.get(vector).memoryLane(loadLane[size], lane, more);
      }
    }
  }
  widen(code, bits, dtype);
}

function pushNeighbours(code: FunctionWriter, size: Size, active: number, push: Elements["push"]): void {
  const bytes = size * active;
  if (bytes === 16) code.memory(M.v128_load, push(0));
  else if (bytes >= 8) code.memory(M.v128_load64_zero, push(0));
  else if (bytes >= 4) code.memory(M.v128_load32_zero, push(0));
  else if (bytes >= 2) code.memory(M.v128_load16_splat, push(0));
  else code.memory(M.v128_load8_splat, push(0));
  const last = bytes === 12 ? 2 : bytes === 3 ? 2 : undefined;
  if (last === undefined) return;
  const vector = code.local(Type.v128);
  code.set(vector);
  const more = push(0, last * size);
  code.get(vector).memoryLane(loadLane[size], last, more);
}

/**
 * Pushes four elements that are two or three apart, or in reverse order, picked from one or two whole vectors. Returns
 * false for other elements.
 */
function pushPicked(code: FunctionWriter, bits: 32 | 64, { dtype, active, step, push }: Elements): boolean {
  if (bits !== 32 || active !== 4 || sizeOf(dtype) !== 4 || step === "unknown") return false;
  const word = (at: number) => [4 * at, 4 * at + 1, 4 * at + 2, 4 * at + 3];
  if (step === 8 || step === 12) {
    const apart = step / 4;
    // The second vector ends with the last element, so that nothing beyond it is read.
    code.memory(M.v128_load, push(0));
    code.memory(M.v128_load, push(0, 3 * step - 12));
    code.shuffle([0, apart, 7 - apart, 7].flatMap(word));
    return true;
  }
  if (step === -4) {
    const vector = code.local(Type.v128);
    code.memory(M.v128_load, push(0, -12)).tee(vector).get(vector);
    code.shuffle([3, 2, 1, 0].flatMap(word));
    return true;
  }
  return false;
}

function widen(code: FunctionWriter, bits: 32 | 64, dtype: DType): void {
  if (dtype === "bool") {
    code.emit(I.i16x8_extend_low_i8x16_u, I.i32x4_extend_low_i16x8_u);
    if (bits === 32) code.emit(I.i32x4_neg);
    else code.emit(I.i64x2_extend_low_i32x4_u, I.i64x2_neg);
  } else if (bits === 64) {
    if (dtype === "float32") code.emit(I.f64x2_promote_low_f32x4);
    if (dtype === "int32") code.emit(I.f64x2_convert_low_i32x4_s);
  }
}

/** Stores lanes of the elements' type; int32 in lanes of 64 bits must be an int32 already. */
export function storeElements(code: FunctionWriter, bits: 32 | 64, elements: Elements, lanes: Local): void {
  const { dtype, active, step, push } = elements;
  const size = sizeOf(dtype);
  const vector = narrowed(code, bits, dtype, lanes);
  const store = (instruction: MemoryInstruction, lane: number, at: number) => {
    const more = push(0, at);
    code.get(vector).memoryLane(instruction, lane, more);
  };
  if (step === 0) {
    // All lanes go to the same place, where the last one remains.
    store(storeLane[size], active - 1, 0);
  } else if (step === size) {
    const bytes = size * active;
    if (bytes === 16) {
      const more = push(0);
      code.get(vector).memory(M.v128_store, more);
    } else if (bytes >= 8) {
      store(L.v128_store64_lane, 0, 0);
      if (bytes === 12) store(L.v128_store32_lane, 2, 8);
    } else if (bytes >= 4) {
      store(L.v128_store32_lane, 0, 0);
    } else if (bytes >= 2) {
      store(L.v128_store16_lane, 0, 0);
      if (bytes === 3) store(L.v128_store8_lane, 2, 2);
    } else {
      store(L.v128_store8_lane, 0, 0);
    }
  } else {
    for (let lane = 0; lane < active; lane++) {
      const more = push(lane);
      code.get(vector).memoryLane(storeLane[size], lane, more);
    }
  }
}

/** Lanes in the form in which they are stored. */
function narrowed(code: FunctionWriter, bits: 32 | 64, dtype: DType, lanes: Local): Local {
  if (dtype === "float64" || (bits === 32 && dtype !== "bool")) return lanes;
  const result = code.local(Type.v128);
  code.get(lanes);
  if (dtype === "float32") code.emit(I.f32x4_demote_f64x2_zero);
  else if (dtype === "int32") code.emit(I.i32x4_trunc_sat_f64x2_s_zero);
  else {
    const one = bits === 32 ? ([1, 1, 1, 1] as const) : ([1, 0, 1, 0] as const);
    code.get(code.constant(one)).emit(I.v128_and).tee(result).get(result).shuffle(FIRST_BYTES[bits]);
  }
  code.set(result);
  return result;
}
