// Packs operands whose lines lie side by side, so that vectors are copied unchanged. Also copies whole rows.

import { type FunctionIndex, type Local, Type } from "../assembler.ts";
import { I, M } from "../instructions.ts";
import type { KernelModule } from "../kernel-module.ts";
import type { Element } from "./element.ts";
import { eachK, eachPanel, type Panel } from "./panels.ts";
import { advance, integers, parameters, range } from "./writing.ts";

/** Writes (source, bytes from one k to the next, target, number of lines, number of k) → (). */
export function packLines(module: KernelModule, element: Element, panel: Panel): FunctionIndex {
  return module.once(`packLines ${element.name} ${panel.vectors} ${panel.lines}`, () =>
    module.writer.function(integers(5), [], (code) => {
      const at = parameters(["from", "stride", "to", "lines", "depth"]);
      const [source, pointer] = [code.local(Type.i32), code.local(Type.i32)] as [Local, Local];
      const target = { ...at, pointer };
      const walk = (copy: () => void) => {
        code.get(at.from).set(source);
        eachK(code, panel, target, () => {
          copy();
          advance(code, source, { local: at.stride });
        });
      };
      const vector = (v: number) =>
        code
          .get(pointer)
          .get(source)
          .memory(M.v128_load, 16 * v)
          .memory(M.v128_store, 16 * v);
      eachPanel(code, element, panel, target, {
        panel: () => walk(() => range(panel.vectors).forEach(vector)),
        whole: (v) => walk(() => vector(v)),
        line: (v, lane) => {
          const offset = 16 * v + lane * element.bytes;
          walk(() =>
            code.get(pointer).get(source).memory(element.load, offset).memory(element.store, offset),
          );
        },
        next: () => advance(code, at.from, panel.lines * element.bytes),
      });
    }),
  );
}

/** Writes (source, bytes from row to row, target, bytes from row to row, number of rows, bytes in a row) → (). */
export function copyRows(module: KernelModule): FunctionIndex {
  return module.once("copyRows", () =>
    module.writer.function(integers(6), [], (code) => {
      const at = parameters(["from", "fromRow", "to", "toRow", "rows", "bytes"]);
      code.loop(() => {
        code.get(at.to).get(at.from).get(at.bytes).memoryCopy();
        advance(code, at.from, { local: at.fromRow });
        advance(code, at.to, { local: at.toRow });
        code.get(at.rows).i32(1).emit(I.i32_sub).tee(at.rows).branchIf(0);
      });
    }),
  );
}
