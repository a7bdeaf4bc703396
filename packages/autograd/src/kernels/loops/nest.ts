// Writes the loops of a plan. A place in the nest is a set of cursors; where loops are unrolled, or several vectors go
// through inner loops together, a place has several copies, which differ by constants only.

import { type FunctionWriter, type Local, Type } from "../assembler.ts";
import { I } from "../instructions.ts";
import type { LoopKernel, Output } from "../kernel.ts";
import type { KernelModule } from "../kernel-module.ts";
import { LaneWriter } from "../lane-writer.ts";
import { Body, type Writers } from "./body.ts";
import { Conversions, type Value } from "./conversions.ts";
import { pushElements, storeElements } from "./memory-lanes.ts";
import type { Plan } from "./plan.ts";
import { type Cursor, Pointers, pushQuantity } from "./pointers.ts";
import { type Reducer, reducerOf } from "./reducers.ts";
import { type Copies, copiesFor } from "./unrolling.ts";

/** One of the things that a piece of code does side by side. */
interface Copy {
  readonly cursors: readonly Cursor[];
  /** What has been computed at this place, by node. */
  readonly values: (Value | undefined)[];
  /** By output. */
  readonly reducers: readonly (Reducer | undefined)[];
  /** Copies along other axes than the vectors' differ in this. */
  readonly row: number;
}

interface Place {
  readonly copies: readonly Copy[];
  /** How many lanes count. */
  readonly active: number;
}

/** Writes one kernel into a function. */
export class Nest {
  readonly #kernel: LoopKernel;
  readonly #module: KernelModule;
  readonly #code: FunctionWriter;
  readonly #plan: Plan;
  readonly #bits: 32 | 64;
  readonly #pointers: Pointers;
  readonly #conversions: Conversions;
  readonly #body: Body;
  readonly #unroll: Copies;
  /** For each output the number of loops around what it gathers. */
  readonly #outside: readonly number[];

  constructor(
    kernel: LoopKernel,
    module: KernelModule,
    code: FunctionWriter,
    plan: Plan,
    bits: 32 | 64,
    weight: number,
  ) {
    [this.#kernel, this.#module, this.#code, this.#plan, this.#bits] = [kernel, module, code, plan, bits];
    this.#pointers = new Pointers(code, plan);
    this.#conversions = new Conversions(code, bits, module);
    this.#body = new Body(kernel, plan, bits);
    this.#unroll = copiesFor(plan, 128 / bits, weight);
    let reduction = 0;
    this.#outside = kernel.outputs.map(({ reduced }) => {
      if (reduced.length === 0) return -1;
      const bit = 1 << reduction++;
      const first = plan.axes.findIndex(({ reducedBy }) => (reducedBy & bit) !== 0);
      return first < 0 ? plan.axes.length : first;
    });
  }

  write(): void {
    this.#leaveIfEmpty();
    const copy: Copy = { cursors: this.#pointers.begin(), values: [], reducers: [], row: 0 };
    this.#at(0, { copies: [copy], active: this.#plan.vector < 0 ? 1 : 128 / this.#bits });
  }

  /** What runs before a loop may read, so none may be entered where another turns out to have no indices. */
  #leaveIfEmpty(): void {
    const code = this.#code;
    for (const { extent } of this.#plan.axes) {
      if (typeof extent === "number") continue;
      pushQuantity(code, extent.from);
      pushQuantity(code, extent.to);
      code.emit(I.i32_ge_s).if(() => code.emit(I.return));
    }
  }

  #writers(): Writers {
    const lanes = new LaneWriter(this.#code, this.#bits, this.#module);
    return { code: this.#code, lanes, conversions: this.#conversions, pointers: this.#pointers };
  }

  /** Everything inside so many loops. */
  #at(depth: number, place: Place): void {
    const { axes, vector } = this.#plan;
    this.#hoist(depth, place);
    const copies = place.copies.map((copy) => this.#beginReductions(depth, copy));
    const inside = { copies, active: place.active };
    if (depth === axes.length) this.#innermost(depth, inside);
    else if (depth === vector) this.#vectors(depth, inside);
    else this.#loop(depth, inside);
    for (const copy of copies) this.#finishReductions(depth, copy, place.active);
  }

  /** Computes what doesn't change in the loops further inside. */
  #hoist(depth: number, { copies, active }: Place): void {
    if (depth === this.#plan.axes.length) return;
    const writers = this.#writers();
    for (const copy of copies) this.#compute(depth, copy, copies, active, writers);
  }

  #compute(depth: number, copy: Copy, copies: readonly Copy[], active: number, writers: Writers): void {
    const { depths, needed, isVector } = this.#body;
    for (let node = 0; node < depths.length; node++) {
      if (depths[node] !== depth || !needed[node]) continue;
      const twin = isVector[node] ? undefined : copies.find((other) => other.row === copy.row);
      copy.values[node] =
        twin?.values[node] ?? this.#body.write(node, copy.values, copy.cursors, active, writers);
    }
  }

  #beginReductions(depth: number, copy: Copy): Copy {
    if (!this.#outside.includes(depth)) return copy;
    const { axes, vector } = this.#plan;
    const reducers = this.#kernel.outputs.map((output, o) => {
      if (this.#outside[o] !== depth) return copy.reducers[o];
      // Lanes stay apart where the vectors lie along an axis that is kept.
      const across = vector < 0 || depth <= vector || axes.length === 0;
      const reducer = reducerOf(this.#code, this.#bits, output.write.dtype, output.combine, across);
      reducer.begin();
      return reducer;
    });
    return { ...copy, reducers };
  }

  #finishReductions(depth: number, copy: Copy, active: number): void {
    this.#kernel.outputs.forEach(({ write: { dtype } }, o) => {
      if (this.#outside[o] !== depth) return;
      const { vector } = this.#plan;
      const across = vector < 0 || depth <= vector;
      const value: Value = { dtype, local: copy.reducers[o]!.finish() };
      this.#store(o, value, copy, across ? 1 : active);
    });
  }

  /** The body, for each copy: first all that is computed, then what becomes of it. */
  #innermost(depth: number, { copies, active }: Place): void {
    const writers = this.#writers();
    const waiting = new Map<Reducer, { vector: Local; rank: number }[]>();
    for (const copy of copies) {
      this.#compute(depth, copy, copies, active, writers);
      this.#kernel.outputs.forEach((output, o) => {
        const value = this.#conversions.convert(copy.values[output.node]!, output.write.dtype);
        if (this.#outside[o] === -1) this.#put(o, output, value, copy, active);
        else gather(waiting, copy.reducers[o]!, value.local, active);
      });
    }
    for (const [reducer, vectors] of waiting) {
      let merged = vectors.pop()!.vector;
      for (const { vector } of vectors.toReversed()) merged = reducer.merge(vector, merged);
      reducer.take(merged);
    }
  }

  #put(o: number, { combine, write }: Output, value: Value, copy: Copy, active: number): void {
    if (combine !== "accumulate") {
      this.#store(o, value, copy, active);
      return;
    }
    const { dtype } = write;
    const code = this.#code;
    const walk = this.#kernel.reads.length + o;
    pushElements(
      code,
      this.#bits,
      this.#pointers.elements(walk, copy.cursors, dtype, this.#plan.vector, active),
    );
    code.get(value.local);
    if (dtype === "bool") throw new Error("loops: truth values are not added");
    const isRaw = dtype === "int32" && this.#bits === 64;
    if (this.#bits === 64) code.emit(I.f64x2_add);
    else code.emit(dtype === "int32" ? I.i32x4_add : I.f32x4_add);
    const local = code.local(Type.v128);
    code.set(local);
    this.#store(o, this.#conversions.convert({ dtype, local, isRaw }, dtype), copy, active);
  }

  #store(o: number, { dtype, local }: Value, { cursors }: Copy, active: number): void {
    const walk = this.#kernel.reads.length + o;
    const elements = this.#pointers.elements(walk, cursors, dtype, this.#plan.vector, active);
    storeElements(this.#code, this.#bits, elements, local);
  }

  /** A loop over an axis, one index at a time. */
  #loop(depth: number, place: Place): void {
    const { extent } = this.#plan.axes[depth]!;
    const times = this.#unroll.loops[depth]!;
    if (typeof extent !== "number") {
      const local = this.#extent(extent);
      this.#repeat({ local }, depth, 1, place, (inside) => this.#at(depth + 1, inside));
      return;
    }
    const { rounds, rest } = divided(extent, times, this.#pointers.isConstant(depth));
    const body = (count: number) => (inside: Place) => this.#along(depth, inside, count);
    const after = rounds === 0 ? place : this.#repeat(rounds, depth, times, place, body(times));
    if (rest > 0) body(rest)(after);
  }

  /** So many indices of an axis that is not the vectors', without a loop. */
  #along(depth: number, place: Place, count: number): void {
    const at = (index: number, row: (copy: Copy) => number) =>
      place.copies.map((copy) => this.#copy(copy, depth, index, row(copy)));
    if (depth > this.#plan.vector && this.#plan.vector >= 0) {
      // Side by side, to be merged before they are gathered.
      const copies = Array.from({ length: count }, (_, k) => at(k, ({ row }) => row * count + k)).flat();
      this.#at(depth + 1, { copies, active: place.active });
      return;
    }
    for (let k = 0; k < count; k++)
      this.#at(depth + 1, { copies: at(k, ({ row }) => row), active: place.active });
  }

  #copy(copy: Copy, axis: number, by: number, row: number): Copy {
    const cursors = this.#pointers.shifted(copy.cursors, axis, by)!;
    return { cursors, values: copy.values.slice(), reducers: copy.reducers, row };
  }

  /** Vectors along an axis: several at a time, the rest of them, and the lanes that fill none. */
  #vectors(depth: number, place: Place): void {
    const { extent } = this.#plan.axes[depth]!;
    const lanes = 128 / this.#bits;
    const many = this.#unroll.vectors;
    const body = (count: number, active: number) => (inside: Place) => {
      const [copy] = inside.copies;
      const copies = Array.from({ length: count }, (_, k) => this.#copy(copy!, depth, k * lanes, copy!.row));
      this.#at(depth + 1, { copies, active });
    };
    if (typeof extent === "number") {
      const { rounds, rest } = divided(Math.floor(extent / lanes), many, this.#pointers.isConstant(depth));
      let after = rounds === 0 ? place : this.#repeat(rounds, depth, many * lanes, place, body(many, lanes));
      if (rest > 0) {
        body(rest, lanes)(after);
        after = {
          ...after,
          copies: after.copies.map((copy) => this.#copy(copy, depth, rest * lanes, copy.row)),
        };
      }
      if (extent % lanes > 0) body(1, extent % lanes)(after);
      return;
    }
    const code = this.#code;
    const count = this.#extent(extent);
    const part = (from: number, modulo: number | undefined) => {
      const local = code.local(Type.i32);
      code.get(count);
      if (modulo !== undefined) code.i32(modulo).emit(I.i32_rem_u);
      code.i32(from).emit(I.i32_div_u).set(local);
      return { local };
    };
    let after = place;
    if (many > 1)
      after = this.#repeat(part(many * lanes, undefined), depth, many * lanes, after, body(many, lanes));
    after = this.#repeat(
      part(lanes, many > 1 ? many * lanes : undefined),
      depth,
      lanes,
      after,
      body(1, lanes),
    );
    this.#repeat(part(1, lanes), depth, 1, after, body(1, 1));
  }

  #extent({ from, to }: Exclude<Plan["axes"][number]["extent"], number>): Local {
    const local = this.#code.local(Type.i32);
    pushQuantity(this.#code, to);
    pushQuantity(this.#code, from);
    this.#code.emit(I.i32_sub).set(local);
    return local;
  }

  /** A loop whose rounds go on by so many indices of an axis; the place after it. A count that is a local may be 0. */
  #repeat(
    count: number | { readonly local: Local },
    depth: number,
    by: number,
    place: Place,
    body: (inside: Place) => void,
  ): Place {
    if (count === 1 && this.#pointers.isConstant(depth)) {
      body(place);
      return { ...place, copies: place.copies.map((copy) => this.#copy(copy, depth, by, copy.row)) };
    }
    const code = this.#code;
    // Outer loops need their own places again, so this one has locals for what moves.
    const [first] = place.copies;
    const moving = this.#pointers.groups.map(({ steps }, g) => {
      const step = steps[depth]!;
      if (step === 0) return undefined;
      const local = code.local(Type.i32);
      const { local: from, delta } = first!.cursors[g]!;
      // Constants stay in the instructions, unless the place would become negative without.
      const goesBack = steps.some((each) => typeof each !== "number" || each < 0);
      const taken = from === undefined && goesBack ? delta : 0;
      if (from === undefined) code.i32(taken);
      else code.get(from);
      code.set(local);
      return { local, step, taken };
    });
    const copies = place.copies.map((copy) => ({
      ...copy,
      values: copy.values.slice(),
      cursors: copy.cursors.map(({ local, delta }, g) => ({
        local: moving[g]?.local ?? local,
        delta: delta - (moving[g]?.taken ?? 0),
      })),
    }));
    const left = code.local(Type.i32);
    const rounds = () =>
      code.loop(() => {
        body({ ...place, copies });
        for (const each of moving) {
          if (each === undefined) continue;
          code.get(each.local);
          this.#pointers.pushStep(each.step, by);
          code.emit(I.i32_add).set(each.local);
        }
        code.get(left).i32(1).emit(I.i32_sub).tee(left).branchIf(0);
      });
    if (typeof count === "number") {
      code.i32(count).set(left);
      rounds();
    } else {
      code.get(count.local).tee(left);
      code.if(rounds);
    }
    return { ...place, copies };
  }
}

/** How many rounds of a loop, and what is left over. */
function divided(n: number, by: number, mayUnroll: boolean): { rounds: number; rest: number } {
  const rounds = Math.floor(n / by);
  // A loop that runs once is none.
  return n === by && mayUnroll ? { rounds: 0, rest: n } : { rounds, rest: n % by };
}

/** Puts vectors together in a tree, so that few wait at a time and totals are rounded evenly. */
function gather(
  waiting: Map<Reducer, { vector: Local; rank: number }[]>,
  reducer: Reducer,
  vector: Local,
  active: number,
): void {
  let vectors = waiting.get(reducer);
  if (vectors === undefined) waiting.set(reducer, (vectors = []));
  let merged = { vector: reducer.prepare(vector, active), rank: 0 };
  while (vectors.at(-1)?.rank === merged.rank) {
    merged = { vector: reducer.merge(vectors.pop()!.vector, merged.vector), rank: merged.rank + 1 };
  }
  vectors.push(merged);
}
