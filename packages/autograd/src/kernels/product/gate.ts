// Elements that came out NaN, once more, as sums in which a zero factor is stronger than infinity and NaN. Slow and
// rare: it reads the operands where they are.

import { type FunctionIndex, Type } from "../assembler.ts";
import { I } from "../instructions.ts";
import type { KernelModule } from "../kernel-module.ts";
import { advance, type Element, integers, parameters, times } from "./element.ts";
import type { Axis } from "./pack-any.ts";
import { offset } from "./pack-any.ts";

/** Where an operand's elements lie, after its first. */
export interface Walk {
  readonly lines: Axis;
  readonly depth: Axis;
}

/** The parameters that strides of `a` and `b` may refer to, in elements. */
export const GATE_STRIDES: readonly ["aLine", "aDepth", "bLine", "bDepth"] = [
  "aLine",
  "aDepth",
  "bLine",
  "bDepth",
];
const GATE_PARAMETERS = [
  "a",
  "b",
  "k",
  "c",
  "cRow",
  "rows",
  "columns",
  "row",
  "column",
  ...GATE_STRIDES,
] as const;

/** The places of those parameters. */
export const gateParameters: Readonly<Record<(typeof GATE_PARAMETERS)[number], number>> = parameters(
  ...GATE_PARAMETERS,
);

/**
 * (addresses of the operands' first elements, k; address of a block of c, bytes between its rows, how many rows and
 * columns, which is its first row and column; GATE_STRIDES): NaNs of the block are computed again.
 */
export function gate(module: KernelModule, element: Element, a: Walk, b: Walk): FunctionIndex {
  return module.once(`gate ${element.name} ${JSON.stringify([a, b])}`, () =>
    module.writer.function(integers(GATE_PARAMETERS.length), [], (code) => {
      const at = gateParameters;
      const [i, j, k, pointer, left, right] = [0, 0, 0, 0, 0, 0].map(() => code.local(Type.i32)) as [
        number,
        number,
        number,
        number,
        number,
        number,
      ];
      const [row, column] = [code.local(Type.i32), code.local(Type.i32)];
      const [x, y, sum] = [code.local(element.type), code.local(element.type), code.local(element.type)];
      const isNotZero = (value: number) => {
        code.get(value);
        if (element.bytes === 4) code.f32(0);
        else code.f64(0);
        code.emit(element.ne);
      };
      const again = () => {
        code.get(at.row).get(i).emit(I.i32_add).set(row);
        code.get(at.column).get(j).emit(I.i32_add).set(column);
        code.get(at.a);
        offset(code, element, a.lines, row).emit(I.i32_add).set(left);
        code.get(at.b);
        offset(code, element, b.lines, column).emit(I.i32_add).set(right);
        if (element.bytes === 4) code.f32(0);
        else code.f64(0);
        code.set(sum);
        code.for(k, 0, { local: at.k }, 1, () => {
          code.get(left);
          offset(code, element, a.depth, k).emit(I.i32_add).memory(element.load).set(x);
          code.get(right);
          offset(code, element, b.depth, k).emit(I.i32_add).memory(element.load).set(y);
          isNotZero(x);
          isNotZero(y);
          code.emit(I.i32_and).if(() => {
            code.get(sum).get(x).get(y).emit(element.mul, element.add).set(sum);
          });
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
      void times;
    }),
  );
}
