// Packs an operand of any layout, whose lines and k may each be several axes. Tables (axis.ts) hold where each line and
// each k lies, so that the copy itself is two loops.

import { type FunctionIndex, type Local, Type } from "../assembler.ts";
import { I, M } from "../instructions.ts";
import type { KernelModule } from "../kernel-module.ts";
import type { Element } from "./element.ts";
import { eachK, eachPanel, type Panel } from "./panels.ts";
import { advance, integers, localList, locals, parameters } from "./writing.ts";

/** Writes (source, table of lines, table of k, target, number of lines, number of k) → (). */
export function packAny(module: KernelModule, element: Element, panel: Panel): FunctionIndex {
  return module.once(`packAny ${element.name} ${panel.vectors} ${panel.lines}`, () =>
    module.writer.function(integers(6), [], (code) => {
      const at = parameters(["from", "lineTable", "depthTable", "to", "lines", "depth"]);
      const { lanes, bytes } = element;
      const { pointer, entry, scattered } = locals(code, ["pointer", "entry", "scattered"]);
      const lines = localList(code, lanes, Type.i32);
      const walk = (copy: () => void) => {
        code.get(at.depthTable).set(entry);
        eachK(code, panel, { ...at, pointer }, () => {
          copy();
          advance(code, entry, 4);
        });
      };
      const lineAt = (index: number, to: Local) =>
        code
          .get(at.lineTable)
          .memory(M.i32_load, 4 * index)
          .get(at.from)
          .emit(I.i32_add)
          .set(to);
      const pushElement = (line: Local) => code.get(line).get(entry).memory(M.i32_load).emit(I.i32_add);
      const copyElement = (line: Local, offset: number) => {
        code.get(pointer);
        pushElement(line).memory(element.load).memory(element.store, offset);
      };
      eachPanel(
        code,
        element,
        panel,
        { ...at, pointer },
        {
          whole(v) {
            code.i32(0).set(scattered);
            lines.forEach((line, i) => {
              lineAt(v * lanes + i, line);
              if (i === 0) return;
              code
                .get(line)
                .get(lines[i - 1]!)
                .emit(I.i32_sub)
                .i32(bytes)
                .emit(I.i32_ne);
              code.get(scattered).emit(I.i32_or).set(scattered);
            });
            // Most vectors of windows have their elements side by side, although the axis is made of several.
            code.get(scattered).if(
              () =>
                walk(() => {
                  for (const [i, line] of lines.entries()) copyElement(line, 16 * v + i * bytes);
                }),
              () =>
                walk(() => {
                  code.get(pointer);
                  pushElement(lines[0]!)
                    .memory(M.v128_load)
                    .memory(M.v128_store, 16 * v);
                }),
            );
          },
          line(v, lane) {
            lineAt(v * lanes + lane, lines[0]!);
            walk(() => copyElement(lines[0]!, 16 * v + lane * bytes));
          },
          next: () => advance(code, at.lineTable, 4 * panel.lines),
        },
      );
    }),
  );
}
