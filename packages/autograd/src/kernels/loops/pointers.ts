// The places that the walks of a kernel have reached while its code runs. Walks with the same steps share one running
// place. They differ by constants, which the instructions that read or write add.

import type { DType } from "../../array/dtype.ts";
import { type FunctionWriter, type Local, Type } from "../assembler.ts";
import { I, X } from "../instructions.ts";
import type { Quantity } from "../kernel.ts";
import type { Elements } from "./memory-lanes.ts";
import type { Plan } from "./plan.ts";
import type { Step, Walk } from "./walks.ts";

/** The running place of some walks: a local (undefined: 0) plus a constant. */
export interface Cursor {
  readonly local: Local | undefined;
  readonly delta: number;
}

/** How many bytes beyond the place of its walk an array is read or written. */
export interface Moved {
  /** An i32; with `isVector` one for each lane. */
  readonly local: Local;
  readonly isVector: boolean;
  /** Whether it may be negative. */
  readonly leadsBack: boolean;
}

interface Group {
  readonly steps: readonly Step[];
}

/** Pushes a quantity. */
export function pushQuantity(code: FunctionWriter, quantity: Quantity): void {
  if (typeof quantity === "number") code.i32(quantity);
  else code.get(quantity.parameter);
}

/** The walks of a plan, in groups. */
export class Pointers {
  readonly groups: readonly Group[];
  /** For each walk, its group and its own constant. */
  readonly #of: readonly { readonly group: number; readonly home: number }[];
  readonly #code: FunctionWriter;
  readonly #starts: readonly { readonly start: number; readonly terms: Walk["terms"] }[];

  constructor(code: FunctionWriter, plan: Plan) {
    this.#code = code;
    const keys: string[] = [];
    const groups: Group[] = [];
    const starts: { start: number; terms: Walk["terms"] }[] = [];
    this.#of = plan.walks.map((walk) => {
      const back = wayBack(walk, plan);
      // Neither a place nor what an instruction adds to it may be negative.
      const shared = back !== undefined && walk.start >= back && !walk.startsAnywhere;
      const home = shared ? walk.start - back : 0;
      const start = walk.start - home;
      const key = JSON.stringify([walk.steps, walk.terms, start]);
      let group = keys.indexOf(key);
      if (group < 0) {
        group = keys.push(key) - 1;
        groups.push({ steps: walk.steps });
        starts.push({ start, terms: walk.terms });
      }
      return { group, home };
    });
    this.groups = groups;
    this.#starts = starts;
  }

  /** The places of the groups at the start. Writes the code of sums that depend on parameters. */
  begin(): Cursor[] {
    const code = this.#code;
    return this.#starts.map(({ start, terms }) => {
      if (terms.length === 0) return { local: undefined, delta: start };
      code.i32(start);
      for (const { parameters, times } of terms) {
        parameters.forEach((parameter, k) => {
          code.get(parameter);
          if (k > 0) code.emit(I.i32_mul);
        });
        if (times !== 1) code.i32(times).emit(I.i32_mul);
        code.emit(I.i32_add);
      }
      const local = code.local(Type.i32);
      code.set(local);
      return { local, delta: 0 };
    });
  }

  step(walk: number, axis: number): Step {
    return this.groups[this.#of[walk]!.group]!.steps[axis]!;
  }

  /** Pushes the place of a walk plus some bytes; returns a constant that the instruction has to add. */
  push(walk: number, cursors: readonly Cursor[], more = 0): number {
    const { group, home } = this.#of[walk]!;
    const { local, delta } = cursors[group]!;
    const rest = home + delta + more;
    if (local === undefined) {
      this.#code.i32(0);
      return rest;
    }
    this.#code.get(local);
    if (rest >= 0) return rest;
    this.#code.i32(rest).emit(I.i32_add);
    return 0;
  }

  /** Pushes the bytes of a step, times a number. */
  pushStep(step: Step, times: number): void {
    if (typeof step === "number") this.#code.i32(step * times);
    else
      this.#code
        .get(step.parameter)
        .i32(step.times * times)
        .emit(I.i32_mul);
  }

  /**
   * The elements of a walk from these cursors on, along the vectors' axis (−1: none), moved by `by` if it is present.
   */
  elements(
    walk: number,
    cursors: readonly Cursor[],
    dtype: DType,
    axis: number,
    active: number,
    by?: Moved,
  ): Elements {
    const step = axis < 0 ? 0 : this.step(walk, axis);
    const straight = (lane: number, more: number) => {
      if (typeof step === "number") return this.push(walk, cursors, lane * step + more);
      const rest = this.push(walk, cursors, more);
      if (lane === 0) return rest;
      // The step may be negative, so nothing is left for the instruction to add.
      this.#code.i32(rest).emit(I.i32_add);
      this.pushStep(step, lane);
      this.#code.emit(I.i32_add);
      return 0;
    };
    const push = (lane: number, more = 0) => {
      const rest = straight(lane, more);
      if (by === undefined) return rest;
      // Nor is anything left where the detour may be negative.
      if (rest !== 0 && by.leadsBack) this.#code.i32(rest).emit(I.i32_add);
      this.#code.get(by.local);
      if (by.isVector) this.#code.lane(X.i32x4_extract_lane, lane);
      this.#code.emit(I.i32_add);
      return by.leadsBack ? 0 : rest;
    };
    const isEven = typeof step === "number" && by?.isVector !== true;
    return { dtype, active, step: isEven ? step : "unknown", push };
  }

  /** The places `by` indices further along an axis; its steps must be known unless `by` is 0. */
  shifted(cursors: readonly Cursor[], axis: number, by: number): readonly Cursor[] {
    if (by === 0) return cursors;
    return cursors.map(({ local, delta }, g) => {
      const step = this.groups[g]!.steps[axis]!;
      if (typeof step !== "number") throw new Error("loops: a parameter as a step can't be written out");
      return { local, delta: delta + by * step };
    });
  }

  /** Whether all steps along an axis are known. */
  isConstant(axis: number): boolean {
    return this.groups.every(({ steps }) => typeof steps[axis] === "number");
  }
}

/** How far before its start a walk reaches; undefined where that is not known. */
function wayBack({ steps }: Walk, { axes }: Plan): number | undefined {
  let back = 0;
  for (const [k, step] of steps.entries()) {
    const { extent } = axes[k]!;
    if (typeof step !== "number") return undefined;
    if (step >= 0) continue;
    if (typeof extent !== "number") return undefined;
    back -= step * (extent - 1);
  }
  return back;
}
