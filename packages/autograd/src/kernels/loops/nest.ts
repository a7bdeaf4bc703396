// Writes the loops of a plan, from outside to inside. What does not change in a loop is computed before the loop, and
// the vectors' axis ends with the lanes that don't fill a vector.

import { type FunctionWriter, type Local, Type } from "../assembler.ts";
import { I } from "../instructions.ts";
import type { LoopKernel } from "../kernel.ts";
import type { KernelModule } from "../kernel-module.ts";
import { LaneWriter } from "../lane-writer.ts";
import { Body, type Writers } from "./body.ts";
import { Conversions } from "./conversions.ts";
import { Outputs } from "./outputs.ts";
import type { Plan } from "./plan.ts";
import { Pointers, pushQuantity } from "./pointers.ts";
import { type Copy, moved, type Position, repeat } from "./position.ts";
import { type Copies, copiesFor } from "./unrolling.ts";
import type { Axis } from "./walks.ts";

/** Writes one kernel into a function. */
export class Nest {
  readonly #code: FunctionWriter;
  readonly #plan: Plan;
  readonly #bits: 32 | 64;
  readonly #pointers: Pointers;
  readonly #writers: Writers;
  readonly #body: Body;
  readonly #outputs: Outputs;
  readonly #unroll: Copies;

  constructor(
    kernel: LoopKernel,
    module: KernelModule,
    code: FunctionWriter,
    plan: Plan,
    bits: 32 | 64,
    weight: number,
  ) {
    [this.#code, this.#plan, this.#bits] = [code, plan, bits];
    const pointers = new Pointers(code, plan);
    const conversions = new Conversions(code, bits, module);
    this.#pointers = pointers;
    this.#writers = { code, lanes: new LaneWriter(code, bits, module), conversions, pointers };
    this.#body = new Body(kernel, plan, bits);
    this.#outputs = new Outputs(kernel, plan, bits, this.#body, this.#writers);
    this.#unroll = copiesFor(plan, 128 / bits, weight);
  }

  write(): void {
    this.#leaveIfEmpty();
    const copy: Copy = { cursors: this.#pointers.begin(), values: [], reducers: [], row: 0 };
    this.#at(0, { copies: [copy], active: this.#plan.vector < 0 ? 1 : 128 / this.#bits });
  }

  /** Writes a return for empty axes: code before a loop may read memory, so no loop may be entered if one is empty. */
  #leaveIfEmpty(): void {
    const code = this.#code;
    for (const { extent } of this.#plan.axes) {
      if (typeof extent === "number") continue;
      pushQuantity(code, extent.from);
      pushQuantity(code, extent.to);
      code.emit(I.i32_ge_s).if(() => code.emit(I.return));
    }
  }

  /** Writes everything inside the first `depth` loops. */
  #at(depth: number, { copies, active }: Position): void {
    const { axes, vector } = this.#plan;
    // What is computed here is known only inside this loop.
    const position = { copies: copies.map((copy) => ({ ...copy, values: copy.values.slice() })), active };
    if (depth < axes.length) this.#compute(depth, position);
    const inside = this.#outputs.begin(depth, position);
    if (depth === axes.length) {
      this.#compute(depth, inside);
      this.#outputs.take(inside);
    } else if (depth === vector) this.#vectors(depth, inside);
    else this.#loop(depth, inside);
    this.#outputs.finish(depth, inside);
  }

  /** Computes the nodes that change in the last of the first `depth` loops, and in none inside it. */
  #compute(depth: number, { copies, active }: Position): void {
    const { order, depths, needed, isVector } = this.#body;
    // A node that is the same in all lanes is the same in all vectors, so one copy of each row computes it.
    const first = copies.filter(({ row }, i) => copies.findIndex((each) => each.row === row) === i);
    for (let i = 0; i < order.length; i++) {
      const node = order[i]!;
      if (depths[node] !== depth || !needed[node]) continue;
      this.#body.write(node, isVector[node] ? copies : first, active, this.#writers);
      if (isVector[node]) continue;
      for (const copy of copies)
        copy.values[node] ??= first.find(({ row }) => row === copy.row)!.values[node];
    }
  }

  #repeat(
    count: number | { readonly local: Local },
    depth: number,
    by: number,
    position: Position,
    body: (inside: Position) => void,
  ): Position {
    return repeat(this.#code, this.#pointers, count, depth, by, position, body);
  }

  /** Writes a loop over an axis that is not the vectors'. */
  #loop(depth: number, position: Position): void {
    const { extent } = this.#plan.axes[depth]!;
    if (typeof extent !== "number") {
      this.#repeat({ local: this.#extent(extent) }, depth, 1, position, (inside) =>
        this.#at(depth + 1, inside),
      );
      return;
    }
    const times = this.#unroll.loops[depth]!;
    const after = this.#repeat(Math.floor(extent / times), depth, times, position, (inside) =>
      this.#along(depth, inside, times),
    );
    if (extent % times > 0) this.#along(depth, after, extent % times);
  }

  /** Writes out some indices of such an axis. */
  #along(depth: number, position: Position, count: number): void {
    const positions = Array.from({ length: count }, (_, k) => moved(this.#pointers, position, depth, k));
    const { vector } = this.#plan;
    if (vector < 0 || depth < vector) {
      for (const each of positions) this.#at(depth + 1, each);
      return;
    }
    // Inside the vectors' axis, results may be reduced: the copies go side by side, so that their vectors merge first.
    const copies = positions.flatMap((each, k) =>
      each.copies.map((copy) => ({ ...copy, row: copy.row * count + k })),
    );
    this.#at(depth + 1, { ...position, copies });
  }

  /** Writes the vectors' axis: several vectors at a time, then the remaining ones, then lanes that don't fill one. */
  #vectors(depth: number, position: Position): void {
    const { extent } = this.#plan.axes[depth]!;
    const lanes = 128 / this.#bits;
    const many = this.#unroll.vectors;
    const body = (count: number, active: number) => (inside: Position) => {
      const vectors = Array.from({ length: count }, (_, k) =>
        moved(this.#pointers, inside, depth, k * lanes),
      );
      this.#at(depth + 1, { copies: vectors.flatMap(({ copies }) => copies), active });
    };
    if (typeof extent === "number") {
      const rounds = Math.floor(extent / (many * lanes));
      const rest = Math.floor(extent / lanes) % many;
      let after = this.#repeat(rounds, depth, many * lanes, position, body(many, lanes));
      // Vectors that remain after the rounds are computed one by one, which costs little time and saves code.
      if (rounds > 0) after = this.#repeat(rest, depth, lanes, after, body(1, lanes));
      else if (rest > 0) after = this.#repeat(1, depth, rest * lanes, after, body(rest, lanes));
      if (extent % lanes > 0) body(1, extent % lanes)(after);
      return;
    }
    const size = this.#extent(extent);
    let after = position;
    if (many > 1) {
      const rounds = this.#part(size, undefined, many * lanes);
      after = this.#repeat(rounds, depth, many * lanes, after, body(many, lanes));
    }
    const rest = this.#part(size, many > 1 ? many * lanes : undefined, lanes);
    after = this.#repeat(rest, depth, lanes, after, body(1, lanes));
    this.#repeat(this.#part(size, lanes, 1), depth, 1, after, body(1, 1));
  }

  #extent({ from, to }: Exclude<Axis["extent"], number>): Local {
    const local = this.#code.local(Type.i32);
    pushQuantity(this.#code, to);
    pushQuantity(this.#code, from);
    this.#code.emit(I.i32_sub).set(local);
    return local;
  }

  /** (size mod modulo) / by, rounded down. */
  #part(size: Local, modulo: number | undefined, by: number): { readonly local: Local } {
    const local = this.#code.local(Type.i32);
    this.#code.get(size);
    if (modulo !== undefined) this.#code.i32(modulo).emit(I.i32_rem_u);
    this.#code.i32(by).emit(I.i32_div_u).set(local);
    return { local };
  }
}
