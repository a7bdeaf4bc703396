// The innermost loops of a product: a strip is a few columns of b against many rows of a, tile by tile. A tile of c
// stays in registers while k runs. Which strips a product needs, and where its operands lie, block.ts knows.

import { type FunctionIndex, type FunctionWriter, type Local, Type } from "../assembler.ts";
import { I, M } from "../instructions.ts";
import type { KernelModule } from "../kernel-module.ts";
import { advance, type Element, integers, parameters } from "./element.ts";

/** Vectors in a row of a full tile. */
export const TILE_VECTORS = 2;

/**
 * Rows of a full tile. V8 leaves 15 vector registers: with fused multiply-add 6·2 sums, 2 vectors of b and an element
 * of a fill them; apart, products take registers too, and V8 forms several of them ahead, so that 4·2 sums are what
 * stays without spilling.
 */
export function tileRows(module: KernelModule): number {
  return module.build === "relaxed" ? 6 : 4;
}

export const STRIP_PARAMETERS: readonly [
  "a",
  "aTile",
  "aStep",
  "aRow",
  "b",
  "bStep",
  "c",
  "cRow",
  "tiles",
  "depth",
  "more",
] = [
  /** The address of the first row. */
  "a",
  /** Bytes between tiles, along k, and between rows. */
  "aTile",
  "aStep",
  "aRow",
  /** The address of a row of b, and the bytes between rows. */
  "b",
  "bStep",
  "c",
  "cRow",
  /** How many tiles, below each other. */
  "tiles",
  /** How many k. */
  "depth",
  /** Whether the sums go on from what is in c. */
  "more",
];

/** The lanes that count, where a tile is narrower than a vector: from and to. */
const PART_PARAMETERS = ["from", "to"] as const;

/**
 * (STRIP_PARAMETERS, of `part` also the first lane and the end of the lanes that are stored) → nothing, or where `watch`
 * whether a NaN may be among the results.
 */
export function strip(
  module: KernelModule,
  element: Element,
  rows: number,
  vectors: number,
  part: boolean,
  watch: boolean,
): FunctionIndex {
  const names = [...STRIP_PARAMETERS, ...(part ? PART_PARAMETERS : [])];
  return module.once(`strip ${element.name} ${rows} ${vectors} ${part} ${watch}`, () =>
    module.writer.function(integers(names.length), watch ? [Type.i32] : [], (code) =>
      writeStrip(code, element, rows, vectors, part, watch),
    ),
  );
}

function writeStrip(
  code: FunctionWriter,
  element: Element,
  rows: number,
  vectors: number,
  part: boolean,
  watch: boolean,
): void {
  const at = parameters(...STRIP_PARAMETERS, ...PART_PARAMETERS);
  const sums = Array.from({ length: rows * vectors }, () => code.local(Type.v128));
  const columns = Array.from({ length: vectors }, () => code.local(Type.v128));
  const rowPointers = Array.from({ length: rows }, () => code.local(Type.i32));
  const [splat, seen] = [code.local(Type.v128), code.local(Type.v128)];
  const [bPointer, cPointer, count] = [code.local(Type.i32), code.local(Type.i32), code.local(Type.i32)];

  /** The sums of a row at a time, whose address is in cPointer. */
  const eachRow = (visit: (sums: readonly Local[]) => void) => {
    code.get(at.c).set(cPointer);
    for (let r = 0; r < rows; r++) {
      visit(sums.slice(r * vectors, (r + 1) * vectors));
      advance(code, cPointer, { local: at.cRow });
    }
  };
  const load = () => {
    if (part)
      eachRow(([sum]) =>
        eachLane(code, element, at, (lane, offset) => {
          code.get(cPointer).get(sum!).memoryLane(element.loadLane, lane, offset).set(sum!);
        }),
      );
    else
      eachRow((row) =>
        row.forEach((sum, v) =>
          code
            .get(cPointer)
            .memory(M.v128_load, 16 * v)
            .set(sum),
        ),
      );
  };
  const store = () => {
    if (part)
      eachRow(([sum]) =>
        eachLane(code, element, at, (lane, offset) => {
          code.get(cPointer).get(sum!).memoryLane(element.storeLane, lane, offset);
        }),
      );
    else
      eachRow((row) =>
        row.forEach((sum, v) =>
          code
            .get(cPointer)
            .get(sum)
            .memory(M.v128_store, 16 * v),
        ),
      );
  };

  code.loop(() => {
    for (const sum of sums) code.v128([0, 0, 0, 0]).set(sum);
    code.get(at.more).if(load);
    code.get(at.a).set(rowPointers[0]!);
    for (let r = 1; r < rows; r++)
      code
        .get(rowPointers[r - 1]!)
        .get(at.aRow)
        .emit(I.i32_add)
        .set(rowPointers[r]!);
    code.get(at.b).set(bPointer).get(at.depth).set(count);
    // V8 unrolls this loop itself; unrolled here, it keeps all operands of several k in registers, and spills.
    code.loop(() => {
      columns.forEach((column, v) =>
        code
          .get(bPointer)
          .memory(M.v128_load, 16 * v)
          .set(column),
      );
      rowPointers.forEach((pointer, r) => {
        code.get(pointer).memory(element.loadSplat).set(splat);
        columns.forEach((column, v) => element.multiplyAdd(code, splat, column, sums[r * vectors + v]!));
      });
      for (const pointer of rowPointers) advance(code, pointer, { local: at.aStep });
      advance(code, bPointer, { local: at.bStep });
      code.get(count).i32(1).emit(I.i32_sub).tee(count).branchIf(0);
    });
    store();
    // Infinities of both signs would make a NaN of their own here: then somebody looks in vain.
    if (watch) for (const sum of sums) code.get(seen).get(sum).emit(element.vectorAdd).set(seen);
    advance(code, at.a, { local: at.aTile });
    code.get(cPointer).set(at.c);
    code.get(at.tiles).i32(1).emit(I.i32_sub).tee(at.tiles).branchIf(0);
  });
  if (watch) code.get(seen).get(seen).emit(element.vectorNe, I.v128_any_true);
}

/** What is done for every lane that counts: its number and its offset in bytes. */
function eachLane(
  code: FunctionWriter,
  element: Element,
  at: Readonly<Record<"from" | "to", Local>>,
  write: (lane: number, offset: number) => void,
): void {
  for (let lane = 0; lane < element.lanes; lane++) {
    code.get(at.from).i32(lane).emit(I.i32_le_s).get(at.to).i32(lane).emit(I.i32_gt_s, I.i32_and);
    code.if(() => write(lane, lane * element.bytes));
  }
}
