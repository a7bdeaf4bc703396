// The loops over the blocks of a product: columns, then rows, then stretches of k, so that a block of c is complete
// while it is in cache. The caller says where operands and results are.

import type { FunctionWriter, Local } from "../assembler.ts";
import { I } from "../instructions.ts";
import type { KernelModule } from "../kernel-module.ts";
import { BLOCK_PARAMETERS, type BlockParameter, block, cutsOf } from "./block.ts";
import type { Element } from "./element.ts";
import {
  VECTOR_PARAMETERS,
  type VectorParameter,
  vectorByDepth,
  vectorByLine,
  vectorHeld,
} from "./vector.ts";
import { type Amount, locals, push } from "./writing.ts";

/** The current block: where it is, how large it is, and where its operands lie. */
export type Place = Readonly<Record<BlockParameter | "row" | "column" | "start", Local>>;

export const placeIn = (code: FunctionWriter): Place =>
  locals(code, [...BLOCK_PARAMETERS, "row", "column", "start"]);

export interface Sizes {
  readonly m: Amount;
  readonly n: Amount;
  readonly k: Amount;
}

export interface Loops extends Sizes {
  /** The most rows, columns and k of a block. */
  readonly most: { readonly rows: number; readonly columns: Amount; readonly depth: number };
  /** Each function sets the locals of the place that say where its operand lies. */
  readonly a: () => void;
  readonly b: () => void;
  readonly c: () => void;
  /** Called when a block of c is complete; `found` tells whether there may be a NaN in it. */
  readonly finish: (found: Local) => void;
}

export function writeLoops(
  code: FunctionWriter,
  module: KernelModule,
  element: Element,
  place: Place,
  loops: Loops,
): void {
  const { m, n, k, most } = loops;
  const { found } = locals(code, ["found"]);
  const multiply = block(module, element, cutsOf(module, element, m, n));
  steps(code, place.column, n, most.columns, place.columns, () =>
    steps(code, place.row, m, most.rows, place.rows, () => {
      loops.c();
      code.i32(0).set(found);
      steps(code, place.start, k, most.depth, place.depth, () => {
        code.get(place.start).set(place.more);
        loops.b();
        loops.a();
        for (const name of BLOCK_PARAMETERS) code.get(place[name]);
        code.call(multiply).get(found).emit(I.i32_or).set(found);
      });
      loops.finish(found);
    }),
  );
}

/** Steps from 0 to `size`, at most `most` at once: `from` is where a step starts, `count` its length. */
function steps(
  code: FunctionWriter,
  from: Local,
  size: Amount,
  most: Amount,
  count: Local,
  body: () => void,
): void {
  code.i32(0).set(from);
  if (typeof size === "number" && typeof most === "number" && size <= most) {
    code.i32(size).set(count);
    body();
    return;
  }
  code.loop(() => {
    push(code, size).get(from).emit(I.i32_sub).set(count);
    push(push(code, most).get(count), most).get(count).emit(I.i32_lt_s, I.select).set(count);
    body();
    push(code.get(from).get(count).emit(I.i32_add).tee(from), size).emit(I.i32_lt_s).branchIf(0);
  });
}

/** A matrix times a vector: where the matrix's lines and the vector are. */
export interface VectorLoop {
  /** What lies side by side in the matrix: its lines, or the elements of each line. */
  readonly beside: "lines" | "depth";
  /** Whether it stays in the nearest cache. */
  readonly isSmall: boolean;
  readonly lines: Amount;
  readonly depth: Amount;
  /** The most lines at once. */
  readonly most: number;
  /** Sets `matrix`, `stride`, `x`, `xStride` and `y` for the lines of this step, which begin at `start`. */
  readonly prepare: (at: VectorPlace) => void;
  readonly finish: (at: VectorPlace) => void;
}

export type VectorPlace = Readonly<Record<VectorParameter | "start", Local>>;

export function writeVectorLoop(
  code: FunctionWriter,
  module: KernelModule,
  element: Element,
  loop: VectorLoop,
): void {
  const at = locals(code, [...VECTOR_PARAMETERS, "start"]);
  const byDepth = loop.isSmall ? vectorHeld : vectorByDepth;
  const write = loop.beside === "lines" ? byDepth : vectorByLine;
  const multiply = write(module, element);
  push(code, loop.depth).set(at.depth);
  code.i32(0).set(at.start);
  code.loop(() => {
    push(code, loop.lines).get(at.start).emit(I.i32_sub).set(at.lines);
    // The last step also includes lines that would be too few for a step of their own.
    code.i32(loop.most).get(at.lines);
    code
      .get(at.lines)
      .i32(loop.most + element.lanes)
      .emit(I.i32_ge_s, I.select)
      .set(at.lines);
    loop.prepare(at);
    for (const name of VECTOR_PARAMETERS) code.get(at[name]);
    code.call(multiply);
    loop.finish(at);
    push(code.get(at.start).get(at.lines).emit(I.i32_add).tee(at.start), loop.lines);
    code.emit(I.i32_lt_s).branchIf(0);
  });
}
