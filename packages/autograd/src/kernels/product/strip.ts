// The innermost loops of a product: a strip is rows of a, tile below tile, times one or two vectors of columns of b.
// The sums of a tile stay in registers while k runs. The caller decides which strips there are and where operands lie.

import { type FunctionIndex, type FunctionWriter, type Local, Type } from "../assembler.ts";
import { I, M } from "../instructions.ts";
import type { KernelModule } from "../kernel-module.ts";
import type { Element } from "./element.ts";
import { advance, integers, localList, locals, parameters, repeat } from "./writing.ts";

/** Vectors in a row of a full tile. */
export const TILE_VECTORS = 2;

/**
 * Rows of a full tile. V8 has 15 vector registers available. With fused multiply-add, 6·2 sums, 2 vectors of b and an
 * element of a fill them. Without it, products need registers as well, and V8 computes them ahead: up to 4·2 sums
 * don't spill.
 */
export const tileRows = (module: KernelModule): number => (module.build === "relaxed" ? 6 : 4);

const STRIP = [
  // The first row of a; bytes from tile to tile, along k, and from row to row.
  "a",
  "aTile",
  "aStep",
  "aRow",
  // The columns of b at the first k; bytes along k.
  "b",
  "bStep",
  "c",
  "cRow",
  // How many tiles, and how many k.
  "tiles",
  "depth",
  // Whether sums continue from what is in c.
  "more",
  // Where columns are fewer than a vector: the first lane that counts, and the end of the lanes that count.
  "from",
  "to",
] as const;
export type StripParameter = (typeof STRIP)[number];

/** The parameters of a strip; with `part`, of one that is narrower than a vector. */
export const stripParameters = (part: boolean): readonly StripParameter[] =>
  part ? STRIP : STRIP.slice(0, -2);

/** (stripParameters) → whether there may be a NaN among the results. */
export function strip(
  module: KernelModule,
  element: Element,
  rows: number,
  vectors: number,
  part: boolean,
): FunctionIndex {
  return module.once(`strip ${element.name} ${rows} ${vectors} ${part}`, () =>
    module.writer.function(integers(stripParameters(part).length), [Type.i32], (code) =>
      writeStrip(code, element, rows, vectors, part),
    ),
  );
}

function writeStrip(code: FunctionWriter, element: Element, rows: number, vectors: number, part: boolean) {
  const at = parameters(STRIP);
  const sums = Array.from({ length: rows }, () => localList(code, vectors, Type.v128));
  const columns = localList(code, vectors, Type.v128);
  const rowPointers = localList(code, rows, Type.i32);
  const { splat, seen } = locals(code, ["splat", "seen"], Type.v128);
  const { bPointer, cPointer } = locals(code, ["bPointer", "cPointer"]);
  const cVector = { code, element, at, pointer: cPointer, part };

  code.loop(() => {
    for (const sum of sums.flat()) code.v128([0, 0, 0, 0]).set(sum);
    code.get(at.more).if(() => eachRow(cVector, sums, loadVector));
    rowPointers.forEach((pointer, r) => {
      if (r === 0) code.get(at.a);
      else
        code
          .get(rowPointers[r - 1]!)
          .get(at.aRow)
          .emit(I.i32_add);
      code.set(pointer);
    });
    code.get(at.b).set(bPointer);
    // V8 unrolls this loop itself. Unrolled here, it would load the operands of several k first, which then spill.
    repeat(code, at.depth, () => {
      for (const [v, column] of columns.entries())
        code
          .get(bPointer)
          .memory(M.v128_load, 16 * v)
          .set(column);
      for (const [r, pointer] of rowPointers.entries()) {
        code.get(pointer).memory(element.loadSplat).set(splat);
        for (const [v, column] of columns.entries()) element.multiplyAdd(code, splat, column, sums[r]![v]!);
      }
      for (const pointer of rowPointers) advance(code, pointer, { local: at.aStep });
      advance(code, bPointer, { local: at.bStep });
    });
    eachRow(cVector, sums, storeVector);
    // A NaN in any element makes this sum NaN. So do infinities of both signs; then the block is searched in vain.
    for (const sum of sums.flat()) code.get(seen).get(sum).emit(element.vectorAdd).set(seen);
    advance(code, at.a, { local: at.aTile });
    code.get(cPointer).set(at.c);
    code.get(at.tiles).i32(1).emit(I.i32_sub).tee(at.tiles).branchIf(0);
  });
  code.get(seen).get(seen).emit(element.vectorNe, I.v128_any_true);
}

/** A vector of c; `pointer` points to its row. */
interface CVector {
  readonly code: FunctionWriter;
  readonly element: Element;
  readonly at: Readonly<Record<StripParameter, Local>>;
  readonly pointer: Local;
  readonly part: boolean;
}

/** Visits all vectors of a tile. Afterwards the pointer is below the tile. */
function eachRow(
  c: CVector,
  sums: readonly (readonly Local[])[],
  visit: (c: CVector, sum: Local, offset: number) => void,
): void {
  c.code.get(c.at.c).set(c.pointer);
  for (const row of sums) {
    for (const [v, sum] of row.entries()) visit(c, sum, 16 * v);
    advance(c.code, c.pointer, { local: c.at.cRow });
  }
}

function loadVector(c: CVector, sum: Local, offset: number): void {
  if (!c.part) c.code.get(c.pointer).memory(M.v128_load, offset).set(sum);
  else
    eachLane(c, (lane, bytes) =>
      c.code.get(c.pointer).get(sum).memoryLane(c.element.loadLane, lane, bytes).set(sum),
    );
}

function storeVector(c: CVector, sum: Local, offset: number): void {
  if (!c.part) c.code.get(c.pointer).get(sum).memory(M.v128_store, offset);
  else
    eachLane(c, (lane, bytes) => c.code.get(c.pointer).get(sum).memoryLane(c.element.storeLane, lane, bytes));
}

function eachLane({ code, element, at }: CVector, visit: (lane: number, bytes: number) => void): void {
  for (let lane = 0; lane < element.lanes; lane++) {
    code.get(at.from).i32(lane).emit(I.i32_le_s).get(at.to).i32(lane).emit(I.i32_gt_s, I.i32_and);
    code.if(() => visit(lane, lane * element.bytes));
  }
}
