// Packs an operand whose elements lie side by side along k: squares of elements are transposed in registers.

import { type FunctionIndex, type FunctionWriter, type Local, Type } from "../assembler.ts";
import { M } from "../instructions.ts";
import type { KernelModule } from "../kernel-module.ts";
import type { Element } from "./element.ts";
import { eachK, eachPanel, type Panel, rowBytes } from "./panels.ts";
import {
  advance,
  integers,
  localList,
  locals,
  parameters,
  range,
  setSum,
  takeOff,
  times,
} from "./writing.ts";

/** Writes (source, bytes from line to line, target, number of lines, number of k) → (). */
export function packDepth(module: KernelModule, element: Element, panel: Panel): FunctionIndex {
  return module.once(`packDepth ${element.name} ${panel.vectors} ${panel.lines}`, () =>
    module.writer.function(integers(5), [], (code) => {
      const at = parameters(["from", "stride", "to", "lines", "depth"]);
      const { pointer, left, line } = locals(code, ["pointer", "left", "line"]);
      const { lanes, bytes } = element;
      const lines = localList(code, lanes, Type.i32);
      const square = localList(code, lanes, Type.v128);
      const lineAt = (index: number, to: Local) =>
        setSum(code, to, { local: at.from }, () => times(code.get(at.stride), index));
      const copyElement = (from: Local, offset: number) => {
        code.get(pointer).get(from).memory(element.load).memory(element.store, offset);
        advance(code, from, bytes);
      };
      eachPanel(
        code,
        element,
        panel,
        { ...at, pointer },
        {
          whole(v) {
            for (const [i, each] of lines.entries()) lineAt(v * lanes + i, each);
            code.get(at.to).set(pointer).get(at.depth).set(left);
            takeOff(code, left, lanes, () => {
              lines.forEach((each, i) => {
                code.get(each).memory(M.v128_load).set(square[i]!);
                advance(code, each, 16);
              });
              transpose(code, square);
              for (const [i, row] of square.entries())
                code
                  .get(pointer)
                  .get(row)
                  .memory(M.v128_store, 16 * v + i * rowBytes(panel));
              advance(code, pointer, lanes * rowBytes(panel));
            });
            takeOff(code, left, 1, () => {
              for (const [i, each] of lines.entries()) copyElement(each, 16 * v + i * bytes);
              advance(code, pointer, rowBytes(panel));
            });
          },
          line(v, lane) {
            lineAt(v * lanes + lane, line);
            eachK(code, panel, { ...at, pointer }, () => copyElement(line, 16 * v + lane * bytes));
          },
          next: () => lineAt(panel.lines, at.from),
        },
      );
    }),
  );
}

/** Transposes a square: its rows become its columns, in the same locals. */
export function transpose(code: FunctionWriter, square: readonly Local[]): void {
  const words = 4 / square.length;
  /** Pushes a vector of elements that are chosen from two vectors. */
  const choose = (a: Local, b: Local, elements: readonly number[]) =>
    code
      .get(a)
      .get(b)
      .shuffle(elements.flatMap((element) => range(4 * words).map((byte) => 4 * words * element + byte)));
  if (square.length === 2) {
    const [a, b] = square as [Local, Local];
    choose(a, b, [1, 3]);
    choose(a, b, [0, 2]).set(a).set(b);
    return;
  }
  const [a, b, c, d] = square as [Local, Local, Local, Local];
  const { low, high, low2, high2 } = locals(code, ["low", "high", "low2", "high2"], Type.v128);
  choose(a, b, [0, 4, 1, 5]).set(low);
  choose(a, b, [2, 6, 3, 7]).set(high);
  choose(c, d, [0, 4, 1, 5]).set(low2);
  choose(c, d, [2, 6, 3, 7]).set(high2);
  choose(low, low2, [0, 1, 4, 5]).set(a);
  choose(low, low2, [2, 3, 6, 7]).set(b);
  choose(high, high2, [0, 1, 4, 5]).set(c);
  choose(high, high2, [2, 3, 6, 7]).set(d);
}
