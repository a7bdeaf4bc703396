// Packed operands: lines (rows of a, columns of b) side by side in panels of a few vectors, with a row for each k. The
// last panel is filled up with zeros. Each pack-*.ts writes panels from operands of one layout.

import type { FunctionWriter, Local } from "../assembler.ts";
import { I, M } from "../instructions.ts";
import type { Element } from "./element.ts";
import { TILE_VECTORS } from "./strip.ts";
import { advance, repeat, setSum, times } from "./writing.ts";

export interface Panel {
  /** The width of the panel. */
  readonly vectors: number;
  /** The number of lines. Where vectors hold more, lines of the next panel follow, which are not read. */
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

/** Bytes from one k to the next. */
export const rowBytes = (panel: Panel): number => 16 * panel.vectors;

/** The locals of a copy: where panels are written, and the numbers of lines and of k. */
export interface Target {
  readonly to: Local;
  readonly lines: Local;
  readonly depth: Local;
  /** The place in a panel that is written. */
  readonly pointer: Local;
}

/** Writes a vector of a panel: all its lanes, or one lane if lines are missing. Missing lines have zeros. */
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

/** Repeats the body for each k, with the pointer at the panel's row of that k. */
export function eachK(code: FunctionWriter, panel: Panel, at: Target, body: () => void): void {
  code.get(at.to).set(at.pointer);
  repeat(code, at.depth, () => {
    body();
    advance(code, at.pointer, rowBytes(panel));
  });
}
