// Packed operands: lines (rows of a, columns of b) side by side in panels of a few vectors, with a row for every k. The
// last panel is filled up with zeros. pack-*.ts write them, each for one layout of the elements.

import type { FunctionWriter, Local } from "../assembler.ts";
import { I, M } from "../instructions.ts";
import type { Element } from "./element.ts";
import { TILE_VECTORS } from "./strip.ts";
import { advance, repeat, setSum, times } from "./writing.ts";

export interface Panel {
  /** How wide it is. */
  readonly vectors: number;
  /** Its number of lines; where vectors hold more, lines of the next panel follow, which are not read. */
  readonly lines: number;
}

export const panelOfA = (element: Element, rows: number): Panel => ({
  vectors: Math.ceil(rows / element.lanes),
  lines: rows,
});

export const panelOfB = (element: Element): Panel => ({
  vectors: TILE_VECTORS,
  lines: TILE_VECTORS * element.lanes,
});

/** Bytes from k to k. */
export const rowBytes = (panel: Panel): number => 16 * panel.vectors;

/** The locals of copies: where panels are written, and the numbers of lines and of k. */
export interface Target {
  readonly to: Local;
  readonly lines: Local;
  readonly depth: Local;
  /** Runs along a panel. */
  readonly pointer: Local;
}

/** How a vector of a panel is written: all its lanes, or only the existing ones, with zeros beside them. */
export interface VectorCopy {
  whole(v: number): void;
  line(v: number, lane: number): void;
}

/** Writes all panels; `next` moves the source to the next panel's lines. */
export function eachPanel(
  code: FunctionWriter,
  element: Element,
  panel: Panel,
  at: Target,
  copy: VectorCopy & { panel?(): void; next(): void },
): void {
  const { lanes } = element;
  const vector = (v: number) => {
    code
      .get(at.lines)
      .i32((v + 1) * lanes)
      .emit(I.i32_ge_s);
    code.if(
      () => copy.whole(v),
      () => {
        eachK(code, panel, at, () =>
          code
            .get(at.pointer)
            .v128([0, 0, 0, 0])
            .memory(M.v128_store, 16 * v),
        );
        for (let lane = 0; lane < lanes - 1; lane++) {
          code
            .get(at.lines)
            .i32(v * lanes + lane)
            .emit(I.i32_gt_s);
          code.if(() => copy.line(v, lane));
        }
      },
    );
  };
  const vectors = () => {
    for (let v = 0; v < panel.vectors; v++) vector(v);
  };
  code.loop(() => {
    if (copy.panel === undefined) vectors();
    else {
      code
        .get(at.lines)
        .i32(panel.vectors * lanes)
        .emit(I.i32_ge_s);
      code.if(() => copy.panel!(), vectors);
    }
    setSum(code, at.to, { local: at.to }, () => times(code.get(at.depth), rowBytes(panel)));
    copy.next();
    code.get(at.lines).i32(panel.lines).emit(I.i32_sub).tee(at.lines).i32(0).emit(I.i32_gt_s).branchIf(0);
  });
}

/** The body for every k; the pointer is at the panel's row. */
export function eachK(code: FunctionWriter, panel: Panel, at: Target, body: () => void): void {
  code.get(at.to).set(at.pointer);
  repeat(code, at.depth, () => {
    body();
    advance(code, at.pointer, rowBytes(panel));
  });
}
