// A block of a product: as many rows and columns as stay in cache, cut into strips, for a stretch of k. How operands
// came to lie as they do is pack.ts's business, and which blocks there are that of product.ts.

import { type FunctionIndex, type FunctionWriter, type Local, Type } from "../assembler.ts";
import { I } from "../instructions.ts";
import type { KernelModule } from "../kernel-module.ts";
import { advance, type Element, integers, parameters, times } from "./element.ts";
import { strip, TILE_VECTORS, tileRows } from "./strip.ts";

export const BLOCK_PARAMETERS: readonly [
  "a",
  "aTile",
  "aStep",
  "aRow",
  "b",
  "bStep",
  "c",
  "cRow",
  "rows",
  "depth",
  "more",
  "columns",
  "bPanel",
  "overlap",
] = [
  /** The address of the first row of a; bytes between full tiles of rows, along k, and between rows. */
  "a",
  "aTile",
  "aStep",
  "aRow",
  /** The address of the first panel of b: columns of a full tile, side by side; bytes between its rows. */
  "b",
  "bStep",
  "c",
  "cRow",
  "rows",
  "depth",
  /** Whether the sums go on from what is in c. */
  "more",
  "columns",
  /** Bytes between panels of b. */
  "bPanel",
  /** Whether the last vector of columns ends with the last column, and not with zeros after it: for b that isn't packed. */
  "overlap",
];

/** (BLOCK_PARAMETERS) → nothing, or where `watch` whether a NaN may be among the results. */
export function block(module: KernelModule, element: Element, watch: boolean): FunctionIndex {
  return module.once(`block ${element.name} ${watch}`, () => {
    const full = panel(module, element, TILE_VECTORS, false, watch);
    const single = panel(module, element, 1, false, watch);
    const part = panel(module, element, 1, true, watch);
    return module.writer.function(integers(BLOCK_PARAMETERS.length), watch ? [Type.i32] : [], (code) =>
      writeBlock(code, element, { full, single, part }, watch),
    );
  });
}

interface Panels {
  readonly full: FunctionIndex;
  readonly single: FunctionIndex;
  readonly part: FunctionIndex;
}

function writeBlock(code: FunctionWriter, element: Element, panels: Panels, watch: boolean): void {
  const at = parameters(...BLOCK_PARAMETERS);
  const [found, back] = [code.local(Type.i32), code.local(Type.i32)];
  const width = TILE_VECTORS * element.lanes;
  const call = (panel: FunctionIndex, lanes?: () => void) => {
    for (let p: Local = 0; p <= at.more; p++) code.get(p);
    lanes?.();
    code.call(panel);
    if (watch) code.get(found).emit(I.i32_or).set(found);
  };
  const next = (columns: number, bytes: Local | null) => {
    if (bytes === null) advance(code, at.b, columns * element.bytes);
    else advance(code, at.b, { local: bytes });
    advance(code, at.c, columns * element.bytes);
    advance(code, at.columns, -columns);
  };
  code.block(() => {
    code.loop(() => {
      code.get(at.columns).i32(width).emit(I.i32_lt_s).branchIf(1);
      call(panels.full);
      next(width, at.bPanel);
      code.branch(0);
    });
  });
  for (let v = 1; v < TILE_VECTORS; v++) {
    code.get(at.columns).i32(element.lanes).emit(I.i32_ge_s);
    code.if(() => {
      call(panels.single);
      next(element.lanes, null);
    });
  }
  code.get(at.columns).if(() => {
    code.get(at.overlap).if(() => {
      // Lanes of columns that are done already come first: computed again, not stored.
      code.i32(element.lanes).get(at.columns).emit(I.i32_sub).set(back);
      for (const pointer of [at.b, at.c]) {
        times(code.get(pointer).get(back), element.bytes).emit(I.i32_sub).set(pointer);
      }
    });
    call(panels.part, () => code.get(back).get(back).get(at.columns).emit(I.i32_add));
  });
  if (watch) code.get(found);
}

const PANEL_PARAMETERS = [...BLOCK_PARAMETERS.slice(0, 11), "from", "to"] as const;

/** A panel of b against all rows: full tiles first, then tiles of fewer and fewer rows. */
function panel(
  module: KernelModule,
  element: Element,
  vectors: number,
  part: boolean,
  watch: boolean,
): FunctionIndex {
  const most = tileRows(module);
  const strips = [most, ...[4, 2, 1].filter((rows) => rows < most)].map((rows) => ({
    rows,
    index: strip(module, element, rows, vectors, part, watch),
  }));
  const count = PANEL_PARAMETERS.length - (part ? 0 : 2);
  return module.writer.function(integers(count), watch ? [Type.i32] : [], (code) => {
    const at = parameters(...BLOCK_PARAMETERS.slice(0, 11), "from", "to") as Record<
      (typeof BLOCK_PARAMETERS)[number] | "from" | "to",
      Local
    >;
    const [tiles, found] = [code.local(Type.i32), code.local(Type.i32)];
    const call = (index: FunctionIndex) => {
      for (const name of ["a", "aTile", "aStep", "aRow", "b", "bStep", "c", "cRow"] as const)
        code.get(at[name]);
      code.get(tiles).get(at.depth).get(at.more);
      if (part) code.get(at.from).get(at.to);
      code.call(index);
      if (watch) code.get(found).emit(I.i32_or).set(found);
    };
    for (const { rows, index } of strips) {
      code.get(at.rows).i32(rows).emit(I.i32_div_u).tee(tiles);
      code.if(() => {
        call(index);
        if (rows === 1) return;
        // The full tiles lie aTile apart; within what is left, rows lie aRow apart.
        const [down, across] = [code.get(tiles), code];
        if (rows === most) down.get(at.aTile).emit(I.i32_mul);
        else times(down, rows).get(at.aRow).emit(I.i32_mul);
        across.get(at.a).emit(I.i32_add).set(at.a);
        times(code.get(tiles), rows).get(at.cRow).emit(I.i32_mul).get(at.c).emit(I.i32_add).set(at.c);
        code.get(at.rows).i32(rows).emit(I.i32_rem_u).set(at.rows);
      });
    }
    if (watch) code.get(found);
  });
}
