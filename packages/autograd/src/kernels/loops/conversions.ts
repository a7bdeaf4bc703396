// Converts lanes of one element type to another. In lanes of 32 bits, float32 is a float and int32 an int. In lanes of
// 64 bits, every number is a float64, and int32 a whole one. Truth values are masks. Memory is not accessed here.

import type { DType } from "../../array/dtype.ts";
import { type FunctionIndex, type FunctionWriter, type Local, Type } from "../assembler.ts";
import { I, X } from "../instructions.ts";
import type { KernelModule } from "../kernel-module.ts";

/** A vector of elements of a type. */
export interface TypedLanes {
  readonly dtype: DType;
  readonly local: Local;
  /** In lanes of 64 bits: an int32 that was computed in float64 and is not yet reduced to 32 bits. */
  readonly isRaw?: boolean;
  /** The number in each lane, if it is known and the same in all. */
  readonly constant?: number;
}

const scratch = new DataView(new ArrayBuffer(8));

/** The 32-bit words of a vector whose lanes all hold a number of a type. */
function wordsOf(value: number, dtype: DType, bits: 32 | 64): [number, number, number, number] {
  if (dtype !== "bool" && bits === 64) {
    scratch.setFloat64(0, dtype === "float32" ? Math.fround(value) : value, true);
    const [low, high] = [scratch.getUint32(0, true), scratch.getUint32(4, true)];
    return [low, high, low, high];
  }
  if (dtype === "bool") scratch.setInt32(0, value !== 0 ? -1 : 0, true);
  else if (dtype === "int32") scratch.setInt32(0, value, true);
  else scratch.setFloat32(0, value, true);
  const word = scratch.getUint32(0, true);
  return [word, word, word, word];
}

/** Writes conversions into a function. */
export class Conversions {
  readonly #code: FunctionWriter;
  readonly #bits: 32 | 64;
  readonly #module: KernelModule;

  constructor(code: FunctionWriter, bits: 32 | 64, module: KernelModule) {
    this.#code = code;
    this.#bits = bits;
    this.#module = module;
  }

  #top(dtype: DType): TypedLanes {
    const local = this.#code.local(Type.v128);
    this.#code.set(local);
    return { dtype, local };
  }

  /** The value converted to another type. */
  convert(value: TypedLanes, dtype: DType): TypedLanes {
    if (value.dtype === dtype && value.isRaw !== true) return value;
    if (dtype === "bool") return this.#isNotZero(value);
    if (value.dtype === "bool") return this.#numberOf(value, dtype);
    if (dtype === "int32") return this.#toInt32(value);
    if (this.#bits === 32) {
      // Only int32 to float32 remains.
      this.#code.get(value.local).emit(I.f32x4_convert_i32x4_s);
      return this.#top(dtype);
    }
    if (dtype === "float64") return { dtype, local: value.local };
    return this.rounded({ dtype, local: value.local });
  }

  /** Float64 lanes rounded to float32. */
  rounded({ local }: TypedLanes): TypedLanes {
    this.#code.get(local).emit(I.f32x4_demote_f64x2_zero, I.f64x2_promote_low_f32x4);
    return this.#top("float32");
  }

  #isNotZero({ dtype, local }: TypedLanes): TypedLanes {
    this.#code.get(local).get(this.#code.constant([0, 0, 0, 0]));
    if (this.#bits === 64) this.#code.emit(I.f64x2_ne);
    else this.#code.emit(dtype === "int32" ? I.i32x4_ne : I.f32x4_ne);
    return this.#top("bool");
  }

  #numberOf({ local }: TypedLanes, dtype: DType): TypedLanes {
    this.#code.get(local).get(this.constant(1, dtype).local).emit(I.v128_and);
    return this.#top(dtype);
  }

  /** Converts to int32: without the fraction, modulo 2³². */
  #toInt32({ local }: TypedLanes): TypedLanes {
    const code = this.#code;
    const narrow = this.#bits === 32;
    const whole = code.local(Type.v128);
    code.get(local);
    code.emit(narrow ? I.i32x4_trunc_sat_f32x4_s : I.i32x4_trunc_sat_f64x2_s_zero).set(whole);
    // Then numbers that don't fit, which are rare, are converted one by one. NaN has correctly become 0.
    code.get(local).emit(narrow ? I.f32x4_abs : I.f64x2_abs);
    code.get(this.constant(2 ** 31, narrow ? "float32" : "float64").local);
    code.emit(narrow ? I.f32x4_ge : I.f64x2_ge);
    code.emit(I.v128_any_true).if(() => {
      const modulo = toInt32(this.#module);
      for (let lane = 0; lane < 128 / this.#bits; lane++) {
        code.get(whole).get(local);
        if (narrow) code.lane(X.f32x4_extract_lane, lane).emit(I.f64_promote_f32);
        else code.lane(X.f64x2_extract_lane, lane);
        code.call(modulo).lane(X.i32x4_replace_lane, lane).set(whole);
      }
    });
    if (narrow) return { dtype: "int32", local: whole };
    code.get(whole).emit(I.f64x2_convert_low_i32x4_s);
    return this.#top("int32");
  }

  /** The same number in every lane. */
  constant(value: number, dtype: DType): TypedLanes {
    return { dtype, local: this.#code.constant(wordsOf(value, dtype, this.#bits)), constant: value };
  }

  /** Lanes that start with the i32 on top of the stack and count up by `step` from lane to lane. */
  indices(step: 0 | 1): TypedLanes {
    const code = this.#code;
    code.emit(I.i32x4_splat);
    if (step === 1) code.get(code.constant([0, 1, 2, 3])).emit(I.i32x4_add);
    if (this.#bits === 64) code.emit(I.f64x2_convert_low_i32x4_s);
    return this.#top("int32");
  }
}

/** f64 → i32, modulo 2³²: what `x | 0` is in JavaScript. */
function toInt32(module: KernelModule): FunctionIndex {
  return module.once("ToInt32", () =>
    module.writer.function([Type.f64], [Type.i32], (code) => {
      const below = (bound: number) => code.get(0).emit(I.f64_abs).f64(bound).emit(I.f64_lt);
      below(2 ** 63).if(() => code.get(0).emit(I.i64_trunc_sat_f64_s, I.i32_wrap_i64, I.return));
      // From 2⁸⁴ on every number is a multiple of 2³².
      below(2 ** 84).if(() =>
        code
          .i32(module.hostFunction(wrapped))
          .get(0)
          .f64(0)
          .f64(0)
          .call(module.host)
          .emit(I.i32_trunc_sat_f64_s, I.return),
      );
      code.i32(0);
    }),
  );
}

const wrapped = (x: number): number => x | 0;
