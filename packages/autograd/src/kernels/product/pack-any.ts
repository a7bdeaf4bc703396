// The copy for operands whose elements lie in any way: lines and k may each be several axes. Where each line and each k
// lies is written into tables first, so that the copy itself is two loops.

import { type FunctionIndex, type FunctionWriter, type Local, Type } from "../assembler.ts";
import { I, M } from "../instructions.ts";
import type { KernelModule } from "../kernel-module.ts";
import { type Amount, advance, type Element, integers, parameters, push, times } from "./element.ts";
import { eachDepth, eachPanel, eachVector, locals, type Panel, range, rowBytes, zeros } from "./pack.ts";

/** An axis of a matrix: several axes of an array, the last the fastest. The first one's size doesn't matter. */
export type Axis = readonly { readonly size: number; readonly stride: Amount }[];

/** Leaves on the stack by how many bytes an index lies after the first. Strides are in elements. */
export function offset(code: FunctionWriter, element: Element, axis: Axis, index: Local): FunctionWriter {
  const rest = code.local(Type.i32);
  code.get(index).set(rest);
  for (let i = axis.length - 1; i > 0; i--) {
    const { size, stride } = axis[i]!;
    times(code.get(rest).i32(size).emit(I.i32_rem_u), stride);
    if (i < axis.length - 1) code.emit(I.i32_add);
    code.get(rest).i32(size).emit(I.i32_div_u).set(rest);
  }
  times(code.get(rest), axis[0]!.stride);
  if (axis.length > 1) code.emit(I.i32_add);
  return times(code, element.bytes);
}

/** Writes a table: where `count` indices from `start` on lie, in bytes. */
export function fillTable(
  code: FunctionWriter,
  element: Element,
  axis: Axis,
  table: Amount,
  start: Amount,
  count: Amount,
): void {
  const [pointer, index, left] = locals(code, 3) as [Local, Local, Local];
  push(code, table).set(pointer);
  push(code, start).set(index);
  push(code, count).set(left);
  code.loop(() => {
    code.get(pointer);
    offset(code, element, axis, index).memory(M.i32_store);
    advance(code, pointer, 4);
    advance(code, index, 1);
    code.get(left).i32(1).emit(I.i32_sub).tee(left).branchIf(0);
  });
}

/** (from, lineTable, depthTable, to, lines, depth): the element of a line and a k lies at the sum of the first and two from the tables. */
export function packAny(module: KernelModule, element: Element, panel: Panel): FunctionIndex {
  return module.once(`packAny ${element.name} ${panel.vectors} ${panel.lines}`, () =>
    module.writer.function(integers(6), [], (code) => {
      const at = parameters("from", "lineTable", "depthTable", "to", "lines", "depth");
      const { lanes, bytes } = element;
      const [target, count, table, scattered, line] = locals(code, 5) as [Local, Local, Local, Local, Local];
      const lines = locals(code, lanes);
      const walk = (copy: () => void) => {
        code.get(at.to).set(target).get(at.depthTable).set(table);
        eachDepth(code, at.depth, count, () => {
          copy();
          advance(code, table, 4);
          advance(code, target, rowBytes(panel));
        });
      };
      const lineAt = (v: number, i: number) =>
        code
          .get(at.lineTable)
          .memory(M.i32_load, 4 * (v * lanes + i))
          .get(at.from)
          .emit(I.i32_add);
      const elementAt = (pointer: Local) => code.get(pointer).get(table).memory(M.i32_load).emit(I.i32_add);
      eachPanel(code, panel, at, () => {
        eachVector(code, element, panel, at.lines, {
          whole(v) {
            code.i32(0).set(scattered);
            lines.forEach((each, i) => {
              lineAt(v, i).set(each);
              if (i === 0) return;
              code
                .get(each)
                .get(lines[i - 1]!)
                .emit(I.i32_sub)
                .i32(bytes)
                .emit(I.i32_ne);
              code.get(scattered).emit(I.i32_or).set(scattered);
            });
            code.get(scattered).if(
              () =>
                walk(() =>
                  lines.forEach((each, i) => {
                    code.get(target);
                    elementAt(each)
                      .memory(element.load)
                      .memory(element.store, 16 * v + i * bytes);
                  }),
                ),
              () =>
                walk(() => {
                  code.get(target);
                  elementAt(lines[0]!)
                    .memory(M.v128_load)
                    .memory(M.v128_store, 16 * v);
                }),
            );
          },
          some(v) {
            zeros(code, panel, v, at, target, count);
            for (const i of range(lanes - 1)) {
              code
                .get(at.lines)
                .i32(v * lanes + i)
                .emit(I.i32_gt_s);
              code.if(() => {
                lineAt(v, i).set(line);
                walk(() => {
                  code.get(target);
                  elementAt(line)
                    .memory(element.load)
                    .memory(element.store, 16 * v + i * bytes);
                });
              });
            }
          },
          none: (v) => zeros(code, panel, v, at, target, count),
        });
        advance(code, at.lineTable, 4 * panel.lines);
      });
    }),
  );
}
