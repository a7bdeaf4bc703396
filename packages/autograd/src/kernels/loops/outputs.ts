// Writes what is done with results: they are stored, added to what is stored, or reduced. Where a reduction begins and
// ends in the nest follows from the axes that it goes over.

import { type FunctionWriter, type Local, Type } from "../assembler.ts";
import { I } from "../instructions.ts";
import type { LoopKernel } from "../kernel.ts";
import type { Body, Writers } from "./body.ts";
import type { Conversions, TypedLanes } from "./conversions.ts";
import { pushElements, storeElements } from "./memory-lanes.ts";
import type { Plan } from "./plan.ts";
import type { Pointers } from "./pointers.ts";
import type { Copy, Position } from "./position.ts";
import { type Reducer, reducerOf } from "./reducers.ts";

/** A vector that has been merged from 2ʳᵃⁿᵏ others. */
interface Merged {
  readonly vector: Local;
  readonly rank: number;
}

/** Writes the code for the results of one kernel. */
export class Outputs {
  readonly #kernel: LoopKernel;
  readonly #plan: Plan;
  readonly #bits: 32 | 64;
  readonly #code: FunctionWriter;
  readonly #pointers: Pointers;
  readonly #conversions: Conversions;
  readonly #body: Body;
  /** For each output, the number of loops around its reduction; −1 where it has none. */
  readonly #outside: readonly number[];

  constructor(
    kernel: LoopKernel,
    plan: Plan,
    bits: 32 | 64,
    body: Body,
    { code, pointers, conversions }: Writers,
  ) {
    [this.#kernel, this.#plan, this.#bits, this.#body] = [kernel, plan, bits, body];
    [this.#code, this.#pointers, this.#conversions] = [code, pointers, conversions];
    this.#outside = kernel.outputs.map(({ reduced }, o) => {
      if (reduced.length === 0) return -1;
      const first = plan.axes.findIndex(({ reducedBy }) => reducedBy >= plan.reducesFrom[o]!);
      return first < 0 ? plan.axes.length : first;
    });
  }

  /** Whether a reduction that begins inside the first `depth` loops makes one number of all lanes. */
  #isAcross(depth: number): boolean {
    return this.#plan.vector < 0 || depth <= this.#plan.vector;
  }

  /** Begins the reductions that go over all loops inside this position. */
  begin(depth: number, position: Position): Position {
    if (!this.#outside.includes(depth)) return position;
    const copies = position.copies.map((copy) => {
      const reducers = this.#kernel.outputs.map((output, o) => {
        if (this.#outside[o] !== depth) return copy.reducers[o];
        const reducer = reducerOf(this.#code, this.#bits, output, this.#isAcross(depth));
        reducer.begin();
        return reducer;
      });
      return { ...copy, reducers };
    });
    return { ...position, copies };
  }

  /** Ends these reductions, and stores their results. */
  finish(depth: number, { copies, active }: Position): void {
    for (const copy of copies) {
      this.#kernel.outputs.forEach(({ write: { dtype } }, o) => {
        if (this.#outside[o] !== depth) return;
        const value: TypedLanes = { dtype, local: copy.reducers[o]!.finish() };
        this.#store(o, value, copy, this.#isAcross(depth) ? 1 : active);
      });
    }
  }

  /** Stores, adds or reduces the results of each copy. */
  take({ copies, active }: Position): void {
    const waiting = new Map<Reducer, Merged[]>();
    for (const copy of copies) {
      this.#kernel.outputs.forEach(({ node, combine, write: { dtype } }, o) => {
        const value = this.#conversions.convert(copy.values[node]!, dtype);
        if (this.#outside[o] !== -1) gather(waiting, copy.reducers[o]!, value.local, active);
        else
          this.#store(
            o,
            combine === "accumulate" ? this.#added(o, value, copy, active) : value,
            copy,
            active,
          );
      });
    }
    for (const [reducer, vectors] of waiting) {
      let { vector } = vectors.pop()!;
      for (const before of vectors.toReversed()) vector = reducer.merge(before.vector, vector);
      reducer.take(vector);
    }
  }

  /** The sum of a value and what is stored in its place. */
  #added(o: number, { dtype, local }: TypedLanes, copy: Copy, active: number): TypedLanes {
    if (dtype === "bool") throw new Error("loops: truth values are not added");
    const code = this.#code;
    pushElements(code, this.#bits, this.#elements(o, copy, active));
    code.get(local);
    if (this.#bits === 64) code.emit(I.f64x2_add);
    else code.emit(dtype === "int32" ? I.i32x4_add : I.f32x4_add);
    const sum = code.local(Type.v128);
    code.set(sum);
    const isRaw = dtype === "int32" && this.#bits === 64;
    return this.#conversions.convert({ dtype, local: sum, isRaw }, dtype);
  }

  #store(o: number, { local }: TypedLanes, copy: Copy, active: number): void {
    storeElements(this.#code, this.#bits, this.#elements(o, copy, active), local);
  }

  #elements(o: number, { cursors, values }: Copy, active: number) {
    const { dtype } = this.#kernel.outputs[o]!.write;
    const walk = this.#kernel.reads.length + o;
    const by = this.#body.moved(walk, values);
    return this.#pointers.elements(walk, cursors, dtype, this.#plan.vector, active, by);
  }
}

/** Merges vectors in a tree, so that few wait at a time and all terms of a total are rounded about equally often. */
function gather(waiting: Map<Reducer, Merged[]>, reducer: Reducer, vector: Local, active: number): void {
  const vectors = waiting.get(reducer) ?? [];
  waiting.set(reducer, vectors);
  let merged: Merged = { vector: reducer.prepare(vector, active), rank: 0 };
  while (vectors.at(-1)?.rank === merged.rank) {
    merged = { vector: reducer.merge(vectors.pop()!.vector, merged.vector), rank: merged.rank + 1 };
  }
  vectors.push(merged);
}
