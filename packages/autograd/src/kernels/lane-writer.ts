// Writes lanes as WebAssembly vectors: an operation becomes an instruction or two, whose result goes to a new local.
// Several vectors may go through the same operations side by side, each operation applied to all of them before the
// next: functions are long chains in which each operation waits for the one before, so with one chain after the other
// a processor would be idle most of the time. Atoms decide which operations are written, loops where lanes come from.
// An operation that has been applied to the same lanes before is not written again, since atoms have parts in common
// (softplus, logistic and their derivatives all begin with e^(−|x|)) and engines don't look for these.

import type { Lane, Lanes } from "../expression/lanes.ts";
import { type Block, type FunctionWriter, type Local, Type } from "./assembler.ts";
import { I, type Instruction, X } from "./instructions.ts";
import type { HostFunction, KernelModule } from "./kernel-module.ts";

/**
 * Lanes, and the v128 locals that hold them: one for each vector, or one for all vectors. Locals are never written
 * twice, so lanes may be used any number of times.
 */
export interface WrittenLane extends Lane {
  readonly locals: readonly Local[];
}

const scratch = new DataView(new ArrayBuffer(8));
// Bytes of two vectors, chosen by `shuffle`.
const HIGH_HALF = [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15];
const LOW_HALVES = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
const EVEN_WORDS = [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27];

// Relaxed SIMD: chooses whole lanes by masks in one instruction, where bitselect may take three.
const CHOOSE_NARROW: Instruction = 0xfd10b;
const CHOOSE_WIDE: Instruction = 0xfd10c;

/** The number of vectors on which an operation on these lanes works. */
function vectorsIn(lanes: readonly Lane[]): number {
  let most = 1;
  for (let i = 0; i < lanes.length; i++) most = Math.max(most, (lanes[i] as WrittenLane).locals.length);
  return most;
}

/** The local of one of the vectors. */
function localOf(lane: Lane, vector: number): Local {
  const { locals } = lane as WrittenLane;
  return locals.length === 1 ? locals[0]! : locals[vector]!;
}

function keyOf(name: number | string, operands: readonly Lane[]): string {
  let key = `${name}`;
  for (let i = 0; i < operands.length; i++) key += `,${(operands[i] as WrittenLane).locals.join(" ")}`;
  return key;
}

/** Writes operations on lanes of one width into a function. */
export class LaneWriter implements Lanes {
  readonly bits: 32 | 64;
  readonly #code: FunctionWriter;
  readonly #module: KernelModule;
  /** The writer of 64-bit lanes, for `wide`. */
  #wider: LaneWriter | undefined;
  /** The lanes that operations on other lanes gave, and where they were written. */
  readonly #known = new Map<string, { readonly lane: WrittenLane; readonly block: Block }>();

  constructor(code: FunctionWriter, bits: 32 | 64, module: KernelModule) {
    this.#code = code;
    this.bits = bits;
    this.#module = module;
  }

  /** The lanes of which others are the negations, by the others' locals. */
  readonly #negations = new Map<string, Lane>();

  /**
   * The lane itself, or the lane that it is the negation of, for operations to which the sign means nothing: so e^(−|x|)
   * is the same instructions for x and −x.
   */
  #unsigned(lane: Lane): Lane {
    return this.#negations.get((lane as WrittenLane).locals.join(" ")) ?? lane;
  }

  #doubled(): LaneWriter {
    return (this.#wider ??= new LaneWriter(this.#code, 64, this.#module));
  }

  /** The lanes that v128 locals hold. */
  lane(locals: readonly Local[], kind: Lane["kind"]): WrittenLane {
    return { kind, locals };
  }

  /**
   * New lanes, unless the same operation (`name`) has given them before: for each vector, `write` gets the operands' locals
   * and leaves the result on the stack.
   */
  #each(
    kind: Lane["kind"],
    name: number | string,
    operands: readonly Lane[],
    write: (code: FunctionWriter, a: Local, b: Local, c: Local) => void,
  ): WrittenLane {
    const key = keyOf(name, operands);
    const known = this.#known.get(key);
    if (known?.block.isOpen) return { kind, locals: known.lane.locals };
    const [a, b = a, c = a] = operands as readonly WrittenLane[];
    const locals: Local[] = [];
    for (let vector = 0; vector < vectorsIn(operands); vector++) {
      write(this.#code, localOf(a!, vector), localOf(b!, vector), localOf(c!, vector));
      locals.push(this.#top());
    }
    const lane = { kind, locals };
    this.#known.set(key, { lane, block: this.#code.innermost });
    return lane;
  }

  #top(): Local {
    const local = this.#code.local(Type.v128);
    this.#code.set(local);
    return local;
  }

  /** One instruction on all vectors. The last two are for operands that are not float lanes. */
  #apply(
    kind: Lane["kind"],
    operands: readonly Lane[],
    narrow: Instruction,
    wide: Instruction,
    narrowInt: Instruction = narrow,
    wideInt: Instruction = wide,
  ): WrittenLane {
    const isFloat = operands[0]!.kind === "float";
    const instruction = this.bits === 32 ? (isFloat ? narrow : narrowInt) : isFloat ? wide : wideInt;
    return this.#each(kind, instruction, operands, (code, ...locals) => {
      for (let i = 0; i < operands.length; i++) code.get(locals[i]!);
      code.emit(instruction);
    });
  }

  constant(value: number): WrittenLane {
    if (this.bits === 32) {
      scratch.setFloat32(0, value, true);
      scratch.setFloat32(4, value, true);
    } else scratch.setFloat64(0, value, true);
    return { kind: "float", locals: [this.#splat()], constant: value };
  }

  pattern(value: bigint): WrittenLane {
    const bits = BigInt.asUintN(this.bits, value);
    scratch.setBigUint64(0, this.bits === 32 ? bits | (bits << 32n) : bits, true);
    return { kind: "int", locals: [this.#splat()] };
  }

  /** A vector constant that holds the 64 bits of `scratch` twice. */
  #splat(): Local {
    const low = scratch.getUint32(0, true);
    const high = scratch.getUint32(4, true);
    return this.#code.constant([low, high, low, high]);
  }

  add(a: Lane, b: Lane): WrittenLane {
    return this.#apply("float", [a, b], I.f32x4_add, I.f64x2_add);
  }
  sub(a: Lane, b: Lane): WrittenLane {
    return this.#apply("float", [a, b], I.f32x4_sub, I.f64x2_sub);
  }
  mul(a: Lane, b: Lane): WrittenLane {
    return this.#apply("float", [a, b], I.f32x4_mul, I.f64x2_mul);
  }
  div(a: Lane, b: Lane): WrittenLane {
    return this.#apply("float", [a, b], I.f32x4_div, I.f64x2_div);
  }
  neg(a: Lane): WrittenLane {
    const negated = this.#apply("float", [a], I.f32x4_neg, I.f64x2_neg);
    this.#negations.set(negated.locals.join(" "), a);
    return negated;
  }
  abs(a: Lane): WrittenLane {
    return this.#apply("float", [this.#unsigned(a)], I.f32x4_abs, I.f64x2_abs);
  }
  sqrt(a: Lane): WrittenLane {
    return this.#apply("float", [a], I.f32x4_sqrt, I.f64x2_sqrt);
  }
  floor(a: Lane): WrittenLane {
    return this.#apply("float", [a], I.f32x4_floor, I.f64x2_floor);
  }
  ceil(a: Lane): WrittenLane {
    return this.#apply("float", [a], I.f32x4_ceil, I.f64x2_ceil);
  }
  trunc(a: Lane): WrittenLane {
    return this.#apply("float", [a], I.f32x4_trunc, I.f64x2_trunc);
  }
  nearest(a: Lane): WrittenLane {
    return this.#apply("float", [a], I.f32x4_nearest, I.f64x2_nearest);
  }

  madd(a: Lane, b: Lane, c: Lane): WrittenLane {
    if (this.#module.build === "relaxed")
      return this.#apply("float", [a, b, c], I.f32x4_relaxed_madd, I.f64x2_relaxed_madd);
    const [mul, add] = this.bits === 32 ? [I.f32x4_mul, I.f32x4_add] : [I.f64x2_mul, I.f64x2_add];
    return this.#each("float", "madd", [a, b, c], (code, a, b, c) =>
      code.get(a).get(b).emit(mul).get(c).emit(add),
    );
  }

  lesser(a: Lane, b: Lane): WrittenLane {
    return this.#apply("float", [a, b], I.f32x4_pmin, I.f64x2_pmin);
  }
  greater(a: Lane, b: Lane): WrittenLane {
    return this.#apply("float", [a, b], I.f32x4_pmax, I.f64x2_pmax);
  }

  isEqual(a: Lane, b: Lane): WrittenLane {
    return this.#apply("mask", [a, b], I.f32x4_eq, I.f64x2_eq, I.i32x4_eq, I.i64x2_eq);
  }
  isNotEqual(a: Lane, b: Lane): WrittenLane {
    return this.#apply("mask", [a, b], I.f32x4_ne, I.f64x2_ne, I.i32x4_ne, I.i64x2_ne);
  }
  isLess(a: Lane, b: Lane): WrittenLane {
    return this.#apply("mask", [a, b], I.f32x4_lt, I.f64x2_lt, I.i32x4_lt_s, I.i64x2_lt_s);
  }
  isLessEqual(a: Lane, b: Lane): WrittenLane {
    return this.#apply("mask", [a, b], I.f32x4_le, I.f64x2_le, I.i32x4_le_s, I.i64x2_le_s);
  }
  choose(mask: Lane, a: Lane, b: Lane): WrittenLane {
    if (this.#module.build === "simd")
      return this.#apply(a.kind, [a, b, mask], I.v128_bitselect, I.v128_bitselect);
    return this.#apply(a.kind, [a, b, mask], CHOOSE_NARROW, CHOOSE_WIDE);
  }

  and(a: Lane, b: Lane): WrittenLane {
    return this.#apply(a.kind, [a, b], I.v128_and, I.v128_and);
  }
  or(a: Lane, b: Lane): WrittenLane {
    const from = Object.is(b.constant, -0) ? this.#unsigned(a) : a;
    return this.#apply(a.kind, [from, b], I.v128_or, I.v128_or);
  }
  xor(a: Lane, b: Lane): WrittenLane {
    return this.#apply(a.kind, [a, b], I.v128_xor, I.v128_xor);
  }
  andNot(a: Lane, b: Lane): WrittenLane {
    return this.#apply(a.kind, [a, b], I.v128_andnot, I.v128_andnot);
  }
  not(a: Lane): WrittenLane {
    return this.#apply(a.kind, [a], I.v128_not, I.v128_not);
  }

  asInt(a: Lane): WrittenLane {
    return { kind: "int", locals: (a as WrittenLane).locals };
  }
  asFloat(a: Lane): WrittenLane {
    return { kind: "float", locals: (a as WrittenLane).locals };
  }
  intAdd(a: Lane, b: Lane): WrittenLane {
    return this.#apply("int", [a, b], I.i32x4_add, I.i64x2_add);
  }
  intSub(a: Lane, b: Lane): WrittenLane {
    return this.#apply("int", [a, b], I.i32x4_sub, I.i64x2_sub);
  }
  intMul(a: Lane, b: Lane): WrittenLane {
    return this.#apply("int", [a, b], I.i32x4_mul, I.i64x2_mul);
  }
  #shift(a: Lane, by: number, narrow: Instruction, wide: Instruction): WrittenLane {
    const instruction = this.bits === 32 ? narrow : wide;
    return this.#each("int", `${instruction} ${by}`, [a], (code, a) => code.get(a).i32(by).emit(instruction));
  }
  shiftLeft(a: Lane, by: number): WrittenLane {
    return this.#shift(a, by, I.i32x4_shl, I.i64x2_shl);
  }
  shiftRight(a: Lane, by: number): WrittenLane {
    return this.#shift(a, by, I.i32x4_shr_s, I.i64x2_shr_s);
  }
  shiftRightUnsigned(a: Lane, by: number): WrittenLane {
    return this.#shift(a, by, I.i32x4_shr_u, I.i64x2_shr_u);
  }

  toInt(a: Lane): WrittenLane {
    return this.#each("int", "toInt", [a], (code, a) => {
      code.get(a);
      if (this.bits === 32) code.emit(I.i32x4_trunc_sat_f32x4_s);
      else code.emit(I.i32x4_trunc_sat_f64x2_s_zero, I.i64x2_extend_low_i32x4_s);
    });
  }
  toFloat(a: Lane): WrittenLane {
    return this.#each("float", "toFloat", [a], (code, a) => {
      code.get(a);
      if (this.bits === 32) code.emit(I.f32x4_convert_i32x4_s);
      else code.get(a).shuffle(EVEN_WORDS).emit(I.f64x2_convert_low_i32x4_s);
    });
  }

  wide(compute: (lanes: Lanes, ...operands: Lane[]) => Lane, ...operands: Lane[]): WrittenLane {
    if (this.bits === 64) return compute(this, ...operands) as WrittenLane;
    const lanes = this.#doubled();
    const half = (high: boolean) => {
      const widened = operands.map((operand) =>
        this.#each(
          operand.kind,
          `${operand.kind} ${high ? "high" : "low"} half`,
          [operand],
          (code, local) => {
            code.get(local);
            if (high) code.get(local).shuffle(HIGH_HALF);
            const isFloat = operand.kind === "float";
            code.emit(isFloat ? I.f64x2_promote_low_f32x4 : I.i64x2_extend_low_i32x4_s);
          },
        ),
      );
      return compute(lanes, ...widened);
    };
    const [low, high] = [half(false), half(true)];
    return this.#each(low.kind, `${low.kind} halves`, [low, high], (code, a, b) => {
      if (low.kind === "float") {
        code.get(a).emit(I.f32x4_demote_f64x2_zero);
        code.get(b).emit(I.f32x4_demote_f64x2_zero).shuffle(LOW_HALVES);
      } else {
        code.get(a).get(b).shuffle(EVEN_WORDS);
      }
    });
  }

  exceptWhere(
    mask: Lane,
    usual: Lane,
    value: (...operands: number[]) => number,
    ...operands: Lane[]
  ): WrittenLane {
    const narrow = this.bits === 32;
    const number = this.#module.hostFunction(value as HostFunction);
    const code = this.#code;
    const locals: Local[] = [];
    for (let vector = 0; vector < vectorsIn([mask, usual, ...operands]); vector++) {
      const isMeant = localOf(mask, vector);
      code.get(localOf(usual, vector));
      const result = this.#top();
      locals.push(result);
      code.get(isMeant).emit(I.v128_any_true);
      code.if(() => {
        for (let at = 0; at < 128 / this.bits; at++) {
          code.get(isMeant).lane(X.i32x4_extract_lane, narrow ? at : 2 * at);
          code.if(() => {
            code.get(result).i32(number);
            for (let k = 0; k < 3; k++) {
              const operand = operands[k];
              if (operand === undefined) {
                code.f64(0);
                continue;
              }
              code.get(localOf(operand, vector));
              if (narrow) code.lane(X.f32x4_extract_lane, at).emit(I.f64_promote_f32);
              else code.lane(X.f64x2_extract_lane, at);
            }
            code.call(this.#module.host);
            if (narrow) code.emit(I.f32_demote_f64).lane(X.f32x4_replace_lane, at);
            else code.lane(X.f64x2_replace_lane, at);
            code.set(result);
          });
        }
      });
    }
    return { kind: usual.kind, locals };
  }
}
