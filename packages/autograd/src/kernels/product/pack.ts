// Copies of operands as the innermost loop likes them: lines (columns of b, rows of a) side by side in panels of a few
// vectors, one row of a panel for every k. The last panel is filled up with zeros to whole vectors. Each copy suits one
// way in which the elements lie; pack-any.ts has the one for all others.

import { type FunctionIndex, type FunctionWriter, type Local, Type } from "../assembler.ts";
import { I, M } from "../instructions.ts";
import type { KernelModule } from "../kernel-module.ts";
import { type Amount, advance, type Element, integers, parameters, times } from "./element.ts";

/** How panels are laid out: `vectors` wide, of which the next panel repeats what comes after `lines` of them. */
export interface Panel {
  readonly vectors: number;
  readonly lines: number;
}

/** Bytes from a panel's row to the next. */
export const rowBytes = (panel: Panel): number => 16 * panel.vectors;

/** The panels for tiles of so many rows. */
export function panelFor(element: Element, rows: number): Panel {
  return { vectors: Math.ceil(rows / element.lanes), lines: rows };
}

/** For every panel: `write` has `valid`, how many lines there are from its first one on, and `to`, where it goes. */
export function eachPanel(
  code: FunctionWriter,
  panel: Panel,
  at: { readonly lines: Local; readonly depth: Local; readonly to: Local },
  write: () => void,
): void {
  code.loop(() => {
    write();
    times(code.get(at.depth), rowBytes(panel)).get(at.to).emit(I.i32_add).set(at.to);
    code.get(at.lines).i32(panel.lines).emit(I.i32_sub).tee(at.lines).i32(0).emit(I.i32_gt_s).branchIf(0);
  });
}

/** The body, once for every k: `count` is a local for the purpose. */
export function eachDepth(code: FunctionWriter, depth: Local, count: Local, body: () => void): void {
  code.get(depth).set(count);
  code.loop(() => {
    body();
    code.get(count).i32(1).emit(I.i32_sub).tee(count).branchIf(0);
  });
}

/** Every vector of a panel by itself: whole where there are lines enough, else `some` lines of it, or none. */
export function eachVector(
  code: FunctionWriter,
  element: Element,
  panel: Panel,
  lines: Local,
  write: { whole(v: number): void; some(v: number): void; none(v: number): void },
): void {
  for (let v = 0; v < panel.vectors; v++) {
    code
      .get(lines)
      .i32((v + 1) * element.lanes)
      .emit(I.i32_ge_s);
    code.if(
      () => write.whole(v),
      () => {
        code
          .get(lines)
          .i32(v * element.lanes)
          .emit(I.i32_gt_s);
        code.if(
          () => write.some(v),
          () => write.none(v),
        );
      },
    );
  }
}

/** Zeros in vector v of every row of a panel. */
export function zeros(
  code: FunctionWriter,
  panel: Panel,
  v: number,
  at: { depth: Local; to: Local },
  pointer: Local,
  count: Local,
): void {
  code.get(at.to).set(pointer);
  eachDepth(code, at.depth, count, () => {
    code
      .get(pointer)
      .v128([0, 0, 0, 0])
      .memory(M.v128_store, 16 * v);
    advance(code, pointer, rowBytes(panel));
  });
}

/** (from, depthStride, to, lines, depth): lines lie side by side, and along k `depthStride` bytes apart. */
export function packAdjacentLines(module: KernelModule, element: Element, panel: Panel): FunctionIndex {
  return module.once(`packAdjacentLines ${element.name} ${panel.vectors} ${panel.lines}`, () =>
    module.writer.function(integers(5), [], (code) => {
      const at = parameters("from", "depthStride", "to", "lines", "depth");
      const [source, target, count, lane] = locals(code, 4);
      const walk = (copy: () => void) => {
        code.get(at.from).set(source!).get(at.to).set(target!);
        eachDepth(code, at.depth, count!, () => {
          copy();
          advance(code, source!, { local: at.depthStride });
          advance(code, target!, rowBytes(panel));
        });
      };
      const copyVector = (v: number) => {
        code
          .get(target!)
          .get(source!)
          .memory(M.v128_load, 16 * v)
          .memory(M.v128_store, 16 * v);
      };
      eachPanel(code, panel, at, () => {
        code
          .get(at.lines)
          .i32(panel.vectors * element.lanes)
          .emit(I.i32_ge_s);
        code.if(
          () => walk(() => range(panel.vectors).forEach(copyVector)),
          () =>
            eachVector(code, element, panel, at.lines, {
              whole: (v) => walk(() => copyVector(v)),
              some: (v) => {
                zeros(code, panel, v, at, target!, count!);
                for (let i = 0; i < element.lanes - 1; i++) {
                  const offset = 16 * v + i * element.bytes;
                  code
                    .get(at.lines)
                    .i32(v * element.lanes + i)
                    .emit(I.i32_gt_s);
                  code.if(() =>
                    walk(() =>
                      code
                        .get(target!)
                        .get(source!)
                        .memory(element.load, offset)
                        .memory(element.store, offset),
                    ),
                  );
                }
              },
              none: (v) => zeros(code, panel, v, at, target!, count!),
            }),
        );
        advance(code, at.from, panel.lines * element.bytes);
      });
      void lane;
    }),
  );
}

/** (from, lineStride, to, lines, depth): along k elements lie side by side, and lines `lineStride` bytes apart. */
export function packAdjacentDepth(module: KernelModule, element: Element, panel: Panel): FunctionIndex {
  return module.once(`packAdjacentDepth ${element.name} ${panel.vectors} ${panel.lines}`, () =>
    module.writer.function(integers(5), [], (code) => {
      const at = parameters("from", "lineStride", "to", "lines", "depth");
      const { lanes, bytes } = element;
      const [target, count, line] = locals(code, 3);
      const lines = locals(code, lanes);
      const vectors = range(lanes).map(() => code.local(Type.v128));
      const vectorsBytes = 16 * panel.vectors;
      /** Line i of vector v, all k, one by one. */
      const copyLine = (v: number, i: number) => {
        code.get(at.to).set(target!);
        code.get(at.from).get(at.lineStride);
        times(code, v * lanes + i)
          .emit(I.i32_add)
          .set(line!);
        eachDepth(code, at.depth, count!, () => {
          code
            .get(target!)
            .get(line!)
            .memory(element.load)
            .memory(element.store, 16 * v + i * bytes);
          advance(code, line!, bytes);
          advance(code, target!, vectorsBytes);
        });
      };
      const whole = (v: number) => {
        code.get(at.to).set(target!);
        lines.forEach((each, i) => {
          if (i === 0) times(code.get(at.lineStride), v * lanes).get(at.from);
          else code.get(lines[i - 1]!).get(at.lineStride);
          code.emit(I.i32_add).set(each);
        });
        // Squares of lanes × lanes elements first.
        code.get(at.depth).set(count!);
        code.block(() => {
          code.loop(() => {
            code.get(count!).i32(lanes).emit(I.i32_lt_s).branchIf(1);
            lines.forEach((each, i) => {
              code.get(each).memory(M.v128_load).set(vectors[i]!);
              advance(code, each, 16);
            });
            transpose(code, vectors);
            vectors.forEach((vector, i) =>
              code
                .get(target!)
                .get(vector)
                .memory(M.v128_store, 16 * v + i * vectorsBytes),
            );
            advance(code, target!, lanes * vectorsBytes);
            advance(code, count!, -lanes).branch(0);
          });
        });
        code.block(() => {
          code.loop(() => {
            code.get(count!).emit(I.i32_eqz).branchIf(1);
            lines.forEach((each, i) => {
              code
                .get(target!)
                .get(each)
                .memory(element.load)
                .memory(element.store, 16 * v + i * bytes);
              advance(code, each, bytes);
            });
            advance(code, target!, vectorsBytes);
            advance(code, count!, -1).branch(0);
          });
        });
      };
      eachPanel(code, panel, at, () => {
        eachVector(code, element, panel, at.lines, {
          whole,
          some: (v) => {
            zeros(code, panel, v, at, target!, count!);
            for (let i = 0; i < lanes - 1; i++) {
              code
                .get(at.lines)
                .i32(v * lanes + i)
                .emit(I.i32_gt_s);
              code.if(() => copyLine(v, i));
            }
          },
          none: (v) => zeros(code, panel, v, at, target!, count!),
        });
        code.get(at.lineStride);
        times(code, panel.lines).get(at.from).emit(I.i32_add).set(at.from);
      });
    }),
  );
}

/** A square of lanes: rows become columns. */
export function transpose(code: FunctionWriter, vectors: readonly Local[]): void {
  const pick = (a: Local, b: Local, words: readonly number[]) =>
    code
      .get(a)
      .get(b)
      .shuffle(words.flatMap((word) => [0, 1, 2, 3].map((byte) => 4 * word + byte)));
  if (vectors.length === 2) {
    const [a, b] = vectors as [Local, Local];
    pick(a, b, [2, 3, 6, 7]);
    pick(a, b, [0, 1, 4, 5]).set(a).set(b);
    return;
  }
  const [a, b, c, d] = vectors as [Local, Local, Local, Local];
  const halves = [0, 1, 2, 3].map(() => code.local(Type.v128)) as [Local, Local, Local, Local];
  const [low, high] = [
    [0, 4, 1, 5],
    [2, 6, 3, 7],
  ] as const;
  pick(a, b, low).set(halves[0]);
  pick(a, b, high).set(halves[1]);
  pick(c, d, low).set(halves[2]);
  pick(c, d, high).set(halves[3]);
  const [first, last] = [
    [0, 1, 4, 5],
    [2, 3, 6, 7],
  ] as const;
  pick(halves[0], halves[2], first).set(a);
  pick(halves[0], halves[2], last).set(b);
  pick(halves[1], halves[3], first).set(c);
  pick(halves[1], halves[3], last).set(d);
}

/** (from, fromRow, to, toRow, rows, bytes): rows as they are, closer together; distances in bytes. */
export function copyRows(module: KernelModule): FunctionIndex {
  return module.once("copyRows", () =>
    module.writer.function(integers(6), [], (code) => {
      const at = parameters("from", "fromRow", "to", "toRow", "rows", "bytes");
      code.loop(() => {
        code.get(at.to).get(at.from).get(at.bytes).memoryCopy();
        advance(code, at.from, { local: at.fromRow });
        advance(code, at.to, { local: at.toRow });
        code.get(at.rows).i32(1).emit(I.i32_sub).tee(at.rows).branchIf(0);
      });
    }),
  );
}

export const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

export function locals(code: FunctionWriter, count: number): Local[] {
  return range(count).map(() => code.local(Type.i32));
}

export type { Amount };
