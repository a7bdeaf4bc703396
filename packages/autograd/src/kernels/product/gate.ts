// Computes elements that are NaN again, as sums in which a zero factor is stronger than infinity and NaN. Such elements
// are rare, so the operands are read where they are, whatever their layout.

import type { FunctionIndex } from "../assembler.ts";
import { I } from "../instructions.ts";
import type { KernelModule } from "../kernel-module.ts";
import { type Axis, evenly, pushOffset } from "./axis.ts";
import type { Element } from "./element.ts";
import { advance, integers, locals, parameters } from "./writing.ts";

/** Where the elements of an operand lie: its lines (rows of a, columns of b), and along k. */
export interface Ways {
  readonly lines: Axis;
  readonly depth: Axis;
}

const GATE = [
  // Addresses of the operands' first elements.
  "a",
  "b",
  "k",
  // The block: its address and bytes from row to row, its size, and where in the product it is.
  "c",
  "cRow",
  "rows",
  "columns",
  "row",
  "column",
  // For strides, in elements, that are not known when the code is written.
  "aRowStride",
  "aColumnStride",
  "bRowStride",
  "bColumnStride",
] as const;
/** The parameters of `gate`, by name. Strides of operands may be among them. */
export const gateParameters: Readonly<Record<(typeof GATE)[number], number>> = parameters(GATE);

/** Operands whose rows and columns are single axes: their strides are parameters of `gate`. */
export const EVEN: Readonly<Record<"a" | "b", Ways>> = {
  a: { lines: evenly(gateParameters.aRowStride), depth: evenly(gateParameters.aColumnStride) },
  b: { lines: evenly(gateParameters.bColumnStride), depth: evenly(gateParameters.bRowStride) },
};

/** (gateParameters): computes the NaN elements of a block again. */
export function gate(module: KernelModule, element: Element, a: Ways, b: Ways): FunctionIndex {
  return module.once(`gate ${element.name} ${JSON.stringify([a, b])}`, () =>
    module.writer.function(integers(GATE.length), [], (code) => {
      const at = gateParameters;
      const { i, j, k, left, right } = locals(code, ["i", "j", "k", "left", "right"]);
      const { row, column, pointer } = locals(code, ["row", "column", "pointer"]);
      const { x, y, sum } = locals(code, ["x", "y", "sum"], element.type);
      const isNotZero = (value: number) => element.zero(code.get(value)).emit(element.ne);
      const again = () => {
        code.get(at.a).get(at.row).get(i).emit(I.i32_add).set(row);
        pushOffset(code, element, a.lines, row).emit(I.i32_add).set(left);
        code.get(at.b).get(at.column).get(j).emit(I.i32_add).set(column);
        pushOffset(code, element, b.lines, column).emit(I.i32_add).set(right);
        element.zero(code).set(sum);
        code.for(k, 0, { local: at.k }, 1, () => {
          pushOffset(code.get(left), element, a.depth, k).emit(I.i32_add).memory(element.load).set(x);
          pushOffset(code.get(right), element, b.depth, k).emit(I.i32_add).memory(element.load).set(y);
          isNotZero(x);
          isNotZero(y).emit(I.i32_and);
          code.if(() => code.get(sum).get(x).get(y).emit(element.mul, element.add).set(sum));
        });
        code.get(pointer).get(sum).memory(element.store);
      };
      code.for(i, 0, { local: at.rows }, 1, () => {
        code.get(at.c).set(pointer);
        code.for(j, 0, { local: at.columns }, 1, () => {
          code.get(pointer).memory(element.load).tee(x).get(x).emit(element.ne).if(again);
          advance(code, pointer, element.bytes);
        });
        advance(code, at.c, { local: at.cRow });
      });
    }),
  );
}
