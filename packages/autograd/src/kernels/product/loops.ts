// The loops over the blocks of a product: columns, then rows, then stretches of k, so that a block of c is complete
// while it is in cache. Packed columns of b are kept for all rows.

import { type FunctionWriter, type Local, Type } from "../assembler.ts";
import { I } from "../instructions.ts";
import type { KernelModule } from "../kernel-module.ts";
import { BLOCK_PARAMETERS, block } from "./block.ts";
import { type Amount, type Element, least, push } from "./element.ts";

/** The locals in which loops and what they call meet: where the current block is, and what `block` is called with. */
export type Place = Readonly<Record<(typeof BLOCK_PARAMETERS)[number] | "row" | "column" | "start", Local>>;

export interface Loops {
  readonly m: Amount;
  readonly n: Amount;
  readonly k: Amount;
  /** The most rows, columns and k of a block. */
  readonly rows: number;
  readonly columns: Amount;
  readonly stretch: number;
  readonly gated: boolean;
  /** Each sets those of `place` that say where its operand lies. */
  readonly prepareA: (place: Place) => void;
  readonly prepareB: (place: Place) => void;
  readonly prepareC: (place: Place) => void;
  /** Called when a block of c is complete; the local, where there is one, says whether it may have NaNs. */
  readonly finish: (place: Place, found: Local | null) => void;
}

export function placeIn(code: FunctionWriter): Place {
  const names = [...BLOCK_PARAMETERS, "row", "column", "start"] as const;
  return Object.fromEntries(names.map((name) => [name, code.local(Type.i32)])) as Place;
}

export function writeLoops(
  code: FunctionWriter,
  module: KernelModule,
  element: Element,
  place: Place,
  loops: Loops,
): void {
  const { m, n, k } = loops;
  const found = loops.gated ? code.local(Type.i32) : null;
  const multiply = block(module, element, loops.gated);
  const rest = (size: Amount, from: Local, most: Amount, to: Local) =>
    least(
      code,
      () => push(code, size).get(from).emit(I.i32_sub),
      () => push(code, most),
    ).set(to);
  steps(code, place.column, n, loops.columns, () => {
    rest(n, place.column, loops.columns, place.columns);
    steps(code, place.row, m, loops.rows, () => {
      rest(m, place.row, loops.rows, place.rows);
      loops.prepareC(place);
      if (found !== null) code.i32(0).set(found);
      steps(code, place.start, k, loops.stretch, () => {
        rest(k, place.start, loops.stretch, place.depth);
        code.get(place.start).set(place.more);
        loops.prepareB(place);
        loops.prepareA(place);
        for (const name of BLOCK_PARAMETERS) code.get(place[name]);
        code.call(multiply);
        if (found !== null) code.get(found).emit(I.i32_or).set(found);
      });
      loops.finish(place, found);
    });
  });
}

/** from 0 to `size` by `step`; once without a loop where that is known. */
function steps(code: FunctionWriter, counter: Local, size: Amount, step: Amount, body: () => void): void {
  code.i32(0).set(counter);
  if (typeof size === "number" && typeof step === "number" && size <= step) return body();
  code.loop(() => {
    body();
    push(code.get(counter), step).emit(I.i32_add).tee(counter);
    push(code, size).emit(I.i32_lt_s).branchIf(0);
  });
}
