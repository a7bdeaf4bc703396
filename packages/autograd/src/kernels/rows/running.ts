// Running sums, products, maxima and recurrences along rows: (see rowFunction) → (). Each element waits for the one before,
// so several rows are walked side by side, and where there is one only, its chain of operations sets the time.

import type { DType } from "../../array/dtype.ts";
import { type FunctionIndex, type FunctionWriter, type Local, Type, type ValueType } from "../assembler.ts";
import { I, type Instruction, M } from "../instructions.ts";
import type { RunningRule } from "../kernel.ts";
import type { KernelModule } from "../kernel-module.ts";

/** How many rows are walked side by side: an addition takes as long as four can be begun in. */
const ABREAST = 4;

/** A place in a row of each array, and what has run up to there. */
interface Row {
  readonly places: readonly Local[];
  readonly state: Local;
}

export function writeRunning(module: KernelModule, rule: RunningRule, dtype: DType): FunctionIndex {
  const operands = rule.combine === "affine" ? 2 : 1;
  const parameters = new Array<ValueType>(2 + 3 * (operands + 1) + 1).fill(Type.i32);
  return module.writer.function(parameters, [], (code) => {
    const [count, length]: [Local, Local] = [0, 1];
    const arrays = Array.from({ length: operands + 1 }, (_, k) => 2 + 3 * k);
    const combiner = new Combiner(code, rule, dtype);
    const together = (many: number) => {
      const rows = Array.from(
        { length: many },
        (): Row => ({
          places: arrays.map(() => code.local(Type.i32)),
          state: code.local(combiner.type),
        }),
      );
      rows.forEach(({ places, state }, r) => {
        combiner.pushStart();
        code.set(state);
        places.forEach((place, k) => {
          code
            .get(arrays[k]!)
            .get(arrays[k]! + 1)
            .i32(r)
            .emit(I.i32_mul, I.i32_add)
            .set(place);
        });
      });
      code.for(code.local(Type.i32), 0, { local: length }, 1, () => {
        for (const row of rows) {
          combiner.step(row);
          row.places.forEach((place, k) => {
            code
              .get(place)
              .get(arrays[k]! + 2)
              .emit(I.i32_add)
              .set(place);
          });
        }
      });
      for (const address of arrays)
        code
          .get(address)
          .get(address + 1)
          .i32(many)
          .emit(I.i32_mul, I.i32_add)
          .set(address);
      code.get(count).i32(many).emit(I.i32_sub).set(count);
    };
    for (const many of [ABREAST, 1])
      code.block(() => {
        code.loop(() => {
          code.get(count).i32(many).emit(I.i32_lt_s).branchIf(1);
          together(many);
          code.branch(0);
        });
      });
  });
}

const loads = { float32: M.f32_load, float64: M.f64_load, int32: M.i32_load, bool: M.i32_load8_u };
const stores = { float32: M.f32_store, float64: M.f64_store, int32: M.i32_store, bool: M.i32_store8 };

/** Writes how an element joins what has run so far. */
class Combiner {
  /** The type of what has run so far. Floats are added up and multiplied in float64; a maximum is one of the elements. */
  readonly type: ValueType;
  readonly #code: FunctionWriter;
  readonly #rule: RunningRule;
  readonly #dtype: DType;
  readonly #element: Local;
  readonly #factor: Local;

  constructor(code: FunctionWriter, rule: RunningRule, dtype: DType) {
    [this.#code, this.#rule, this.#dtype] = [code, rule, dtype];
    const isNarrow = dtype === "float32" && rule.combine === "largest";
    this.type = dtype === "int32" || dtype === "bool" ? Type.i32 : isNarrow ? Type.f32 : Type.f64;
    this.#element = code.local(this.type);
    this.#factor = code.local(this.type);
  }

  get #isWhole(): boolean {
    return this.type === Type.i32;
  }

  /** What stands before the first place. */
  pushStart(): void {
    const { combine } = this.#rule;
    const isLargest = combine === "largest";
    const start = combine === "product" ? 1 : 0;
    if (this.#isWhole) this.#code.i32(isLargest && this.#dtype === "int32" ? -(2 ** 31) : start);
    else if (this.type === Type.f32) this.#code.f32(-Infinity);
    else this.#code.f64(isLargest ? -Infinity : start);
  }

  #load(place: Local): void {
    this.#code.get(place).memory(loads[this.#dtype]);
    if (this.#dtype === "float32" && this.type === Type.f64) this.#code.emit(I.f64_promote_f32);
  }

  /** Stores what is at a place of a row. */
  step({ places, state }: Row): void {
    const code = this.#code;
    code.get(places.at(-1)!);
    switch (this.#rule.combine) {
      case "total":
        this.#joined(places[0]!, state, this.#isWhole ? I.i32_add : I.f64_add);
        break;
      case "product":
        this.#joined(places[0]!, state, this.#isWhole ? I.i32_mul : I.f64_mul);
        break;
      case "largest":
        this.#larger(places[0]!, state);
        break;
      case "affine":
        this.#recurring(places, state);
    }
    if (this.#dtype === "float32" && this.type === Type.f64) code.emit(I.f32_demote_f64);
    code.memory(stores[this.#dtype]);
    if (this.#rule.isLate) {
      this.#load(places[0]!);
      this.#gated(state);
      code.set(state);
    }
  }

  #joined(place: Local, state: Local, instruction: Instruction): void {
    this.#code.get(state);
    this.#load(place);
    this.#code.emit(instruction).tee(state);
  }

  #larger(place: Local, state: Local): void {
    const code = this.#code;
    const x = this.#element;
    const isNarrow = this.type === Type.f32;
    this.#load(place);
    code.tee(x).get(state).get(x).get(state);
    if (this.#isWhole) code.emit(I.i32_gt_s);
    else {
      code.emit(isNarrow ? I.f32_gt : I.f64_gt);
      code
        .get(x)
        .get(x)
        .emit(isNarrow ? I.f32_ne : I.f64_ne, I.i32_or);
    }
    code.emit(I.select).tee(state);
  }

  #recurring([factor, summand]: readonly Local[], state: Local): void {
    const code = this.#code;
    if (this.#rule.isLate) code.get(state);
    else {
      this.#load(factor!);
      this.#gated(state);
    }
    this.#load(summand!);
    code.emit(I.f64_add).tee(state);
  }

  /** The product of the factor on the stack and what has run so far; 0 if one of them is. */
  #gated(state: Local): void {
    const code = this.#code;
    const factor = this.#factor;
    code.set(factor);
    code.f64(0).get(factor).get(state).emit(I.f64_mul);
    code.get(factor).f64(0).emit(I.f64_eq).get(state).f64(0).emit(I.f64_eq, I.i32_or, I.select);
  }
}
