// Reductions in registers: how vectors are merged and collected, and how lanes finally become one number. Each reducer
// works on vectors of the output's type, however they were computed.

import { type FunctionWriter, type Local, Type } from "../assembler.ts";
import { I, type Instruction } from "../instructions.ts";
import type { Output } from "../kernel.ts";

type Bits = 32 | 64;

/** Bytes for `shuffle` that move lanes of a vector down: the upper half, or the second lane of four. */
const UPPER_HALF = [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7];
const SECOND_WORD = [4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11];
const LOW_HALVES = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
const EVEN_WORDS = [0, 1, 2, 3, 8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11];

/** Collects vectors in registers. With `across`, all lanes become one number; otherwise each lane becomes one. */
export abstract class Reducer {
  protected readonly code: FunctionWriter;
  protected readonly bits: Bits;
  protected readonly across: boolean;
  readonly #neutral: readonly [number, number, number, number];

  constructor(
    code: FunctionWriter,
    bits: Bits,
    across: boolean,
    neutral: readonly [number, number, number, number],
  ) {
    this.code = code;
    this.bits = bits;
    this.across = across;
    this.#neutral = neutral;
  }

  /** Sets the registers to the result of a reduction over no elements. */
  abstract begin(): void;
  /** A vector of which `active` lanes count, prepared for merging. */
  prepare(vector: Local, active: number): Local {
    const lanes = 128 / this.bits;
    if (!this.across || active === lanes) return vector;
    const counts = [0, 1, 2, 3].map((word) => (word < (active * 4) / lanes ? -1 : 0));
    this.code
      .get(vector)
      .get(this.code.constant(this.#neutral))
      .get(this.code.constant(counts as [number, number, number, number]))
      .emit(I.v128_bitselect);
    return this.top();
  }
  /** Merges two prepared vectors into one. */
  abstract merge(a: Local, b: Local): Local;
  /** Collects a prepared vector. */
  abstract take(vector: Local): void;
  /** The result, in lanes of the output's type: in the first lane, or in each. */
  abstract finish(): Local;

  protected top(): Local {
    const local = this.code.local(Type.v128);
    this.code.set(local);
    return local;
  }

  protected apply(instruction: Instruction, a: Local, b: Local): Local {
    this.code.get(a).get(b).emit(instruction);
    return this.top();
  }

  /** The lanes of a vector combined, in the first lane. */
  protected folded(vector: Local, instruction: Instruction, lanes: number): Local {
    let result = vector;
    for (const bytes of lanes === 4 ? [UPPER_HALF, SECOND_WORD] : [UPPER_HALF]) {
      this.code.get(result).get(result).get(result).shuffle(bytes).emit(instruction);
      result = this.top();
    }
    return result;
  }
}

/** Collects vectors by one instruction. */
class PlainReducer extends Reducer {
  readonly #instruction: Instruction;
  readonly #accumulator: Local;
  readonly #first: readonly [number, number, number, number];

  constructor(
    code: FunctionWriter,
    bits: Bits,
    across: boolean,
    instruction: Instruction,
    neutral: readonly [number, number, number, number],
  ) {
    super(code, bits, across, neutral);
    this.#instruction = instruction;
    this.#first = neutral;
    this.#accumulator = code.local(Type.v128);
  }

  begin(): void {
    this.code.get(this.code.constant(this.#first)).set(this.#accumulator);
  }
  merge(a: Local, b: Local): Local {
    return this.apply(this.#instruction, a, b);
  }
  take(vector: Local): void {
    this.code.get(this.#accumulator).get(vector).emit(this.#instruction).set(this.#accumulator);
  }
  finish(): Local {
    if (!this.across) return this.#accumulator;
    return this.folded(this.#accumulator, this.#instruction, 128 / this.bits);
  }
}

const ZERO = [0, 0, 0, 0] as const;

/** Divides vectors of float64. */
function divided(code: FunctionWriter, vector: Local, divisor: number): Local {
  if (divisor === 1) return vector;
  const result = code.local(Type.v128);
  code.get(vector).f64(divisor).emit(I.f64x2_splat, I.f64x2_div).set(result);
  return result;
}

/** Vectors of float64, of which a float32 result is made. */
class Float64Total extends PlainReducer {
  readonly #divisor: number;

  constructor(code: FunctionWriter, across: boolean, divisor: number) {
    super(code, 64, across, I.f64x2_add, ZERO);
    this.#divisor = divisor;
  }

  override finish(): Local {
    return divided(this.code, super.finish(), this.#divisor);
  }
}

/** Float32 vectors, added up as two vectors of float64 each, so that a total is rounded to float32 once. */
class Float32Total extends Reducer {
  readonly #divisor: number;
  readonly #low: Local;
  readonly #high: Local;
  /** For each prepared or merged vector, which is the lower half, the upper half. */
  readonly #upper = new Map<Local, Local>();

  constructor(code: FunctionWriter, across: boolean, divisor: number) {
    super(code, 32, across, ZERO);
    this.#divisor = divisor;
    this.#low = code.local(Type.v128);
    this.#high = code.local(Type.v128);
  }

  begin(): void {
    const zero = this.code.constant(ZERO);
    this.code.get(zero).set(this.#low).get(zero).set(this.#high);
  }
  override prepare(vector: Local, active: number): Local {
    const { code } = this;
    const prepared = super.prepare(vector, active);
    code.get(prepared).emit(I.f64x2_promote_low_f32x4);
    const low = this.top();
    code.get(prepared).get(prepared).shuffle(UPPER_HALF).emit(I.f64x2_promote_low_f32x4);
    this.#upper.set(low, this.top());
    return low;
  }
  merge(a: Local, b: Local): Local {
    const low = this.apply(I.f64x2_add, a, b);
    this.#upper.set(low, this.apply(I.f64x2_add, this.#upper.get(a)!, this.#upper.get(b)!));
    return low;
  }
  take(vector: Local): void {
    const { code } = this;
    code.get(this.#low).get(vector).emit(I.f64x2_add).set(this.#low);
    code.get(this.#high).get(this.#upper.get(vector)!).emit(I.f64x2_add).set(this.#high);
  }
  finish(): Local {
    const result = (total: Local) => divided(this.code, total, this.#divisor);
    if (this.across) {
      const both = this.apply(I.f64x2_add, this.#low, this.#high);
      this.code.get(result(this.folded(both, I.f64x2_add, 2))).emit(I.f32x4_demote_f64x2_zero);
    } else {
      const [low, high] = [result(this.#low), result(this.#high)];
      this.code.get(low).emit(I.f32x4_demote_f64x2_zero);
      this.code.get(high).emit(I.f32x4_demote_f64x2_zero).shuffle(LOW_HALVES);
    }
    return this.top();
  }
}

/** The total of whole numbers in float64 lanes, collected as integers of 64 bits and taken modulo 2³² in the end. */
class WholeTotal extends PlainReducer {
  constructor(code: FunctionWriter, across: boolean) {
    super(code, 64, across, I.i64x2_add, ZERO);
  }

  override prepare(vector: Local, active: number): Local {
    this.code.get(vector).emit(I.i32x4_trunc_sat_f64x2_s_zero, I.i64x2_extend_low_i32x4_s);
    return super.prepare(this.top(), active);
  }
  override finish(): Local {
    const total = super.finish();
    this.code.get(total).get(total).shuffle(EVEN_WORDS).emit(I.f64x2_convert_low_i32x4_s);
    return this.top();
  }
}

/** The extreme of floats; NaN if one is NaN. Of zeros with different signs, either may be the result. */
class FloatExtreme extends PlainReducer {
  readonly #nan: Local;
  /** For each prepared or merged vector, a mask of the lanes that have had a NaN. Masks are merged like the vectors. */
  readonly #nanIn = new Map<Local, Local>();

  constructor(
    code: FunctionWriter,
    bits: Bits,
    across: boolean,
    instruction: Instruction,
    neutral: readonly [number, number, number, number],
  ) {
    super(code, bits, across, instruction, neutral);
    this.#nan = code.local(Type.v128);
  }

  override begin(): void {
    super.begin();
    this.code.get(this.code.constant(ZERO)).set(this.#nan);
  }
  override prepare(vector: Local, active: number): Local {
    const prepared = super.prepare(vector, active);
    this.#nanIn.set(prepared, this.apply(this.bits === 32 ? I.f32x4_ne : I.f64x2_ne, prepared, prepared));
    return prepared;
  }
  override merge(a: Local, b: Local): Local {
    const merged = super.merge(a, b);
    this.#nanIn.set(merged, this.apply(I.v128_or, this.#nanIn.get(a)!, this.#nanIn.get(b)!));
    return merged;
  }
  override take(vector: Local): void {
    super.take(vector);
    this.code.get(this.#nan).get(this.#nanIn.get(vector)!).emit(I.v128_or).set(this.#nan);
  }
  override finish(): Local {
    const { code } = this;
    // A lane in which all bits are set is a NaN.
    code.get(super.finish());
    if (this.across) code.i32(0).get(this.#nan).emit(I.v128_any_true, I.i32_sub, I.i32x4_splat);
    else code.get(this.#nan);
    code.emit(I.v128_or);
    return this.top();
  }
}

const ALL = [-1, -1, -1, -1] as const;
const every = (word: number, bits: Bits) =>
  bits === 32 ? ([word, word, word, word] as const) : ([0, word, 0, word] as const);
const NEGATIVE_INFINITY = { 32: 0xff800000, 64: 0xfff00000 };
const INFINITY = { 32: 0x7f800000, 64: 0x7ff00000 };

/** The reducer of an output. */
export function reducerOf(
  code: FunctionWriter,
  bits: Bits,
  { combine, divisor = 1, write: { dtype } }: Output,
  across: boolean,
): Reducer {
  if (combine === "store" || combine === "accumulate") throw new Error(`loops: ${combine} reduces nothing`);
  const narrow = bits === 32;
  if (combine === "total") {
    if (dtype === "bool") throw new Error("loops: truth values have no total");
    if (dtype === "int32")
      return narrow ? new PlainReducer(code, 32, across, I.i32x4_add, ZERO) : new WholeTotal(code, across);
    return narrow ? new Float32Total(code, across, divisor) : new Float64Total(code, across, divisor);
  }
  const largest = combine === "largest";
  if (dtype === "bool")
    return new PlainReducer(code, bits, across, largest ? I.v128_or : I.v128_and, largest ? ZERO : ALL);
  if (dtype === "int32" && narrow) {
    const [instruction, first] = largest ? [I.i32x4_max_s, 0x80000000] : [I.i32x4_min_s, 0x7fffffff];
    return new PlainReducer(code, 32, across, instruction, every(first, 32));
  }
  const neutral = every((largest ? NEGATIVE_INFINITY : INFINITY)[bits], bits);
  const instruction = largest ? (narrow ? I.f32x4_pmax : I.f64x2_pmax) : narrow ? I.f32x4_pmin : I.f64x2_pmin;
  if (dtype === "int32") return new PlainReducer(code, bits, across, instruction, neutral);
  return new FloatExtreme(code, bits, across, instruction, neutral);
}
