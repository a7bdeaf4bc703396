// Products of a few numbers, written out term by term: blocks and strips cost more than the work there is.

import type { FunctionWriter, Local } from "../assembler.ts";
import { I } from "../instructions.ts";
import type { Factor, ProductKernel } from "../kernel.ts";
import type { Element } from "./element.ts";
import { localList, range } from "./writing.ts";

/** How many elements further than the first each index of an axis lies. */
function offsetsOf(factors: readonly Factor[]): number[] {
  return factors.reduce<number[]>(
    (outer, { size, stride }) => outer.flatMap((offset) => range(size).map((i) => offset + i * stride)),
    [0],
  );
}

/** Writes c = a·b, each sum in the order of k. `first` has the addresses of the first elements, rows of c are n wide. */
export function writeTerms(
  code: FunctionWriter,
  element: Element,
  { m, n, k, a, b, gated }: Pick<ProductKernel, "m" | "n" | "k" | "a" | "b" | "gated">,
  first: Readonly<Record<"a" | "b" | "c", Local>>,
): void {
  const { type, bytes } = element;
  /** The matrix in locals, row by row. */
  const read = (from: Local, rows: readonly Factor[], columns: readonly Factor[]): Local[][] =>
    offsetsOf(rows).map((down) =>
      offsetsOf(columns).map((across) => {
        const offset = (down + across) * bytes;
        code.get(from);
        // What an instruction adds is not negative.
        if (offset < 0) code.i32(offset).emit(I.i32_add);
        const [local] = localList(code, 1, type) as [Local];
        code.memory(element.load, Math.max(0, offset)).set(local);
        return local;
      }),
    );
  const left = read(first.a, a.rows, a.columns);
  const right = read(first.b, b.rows, b.columns);
  const term = (x: Local, y: Local) => {
    if (!gated) return code.get(x).get(y).emit(element.mul);
    element.zero(code).get(x).get(y).emit(element.mul);
    for (const factor of [x, y]) element.zero(code.get(factor)).emit(element.eq);
    return code.emit(I.i32_or, I.select);
  };
  for (let row = 0; row < m; row++) {
    for (let column = 0; column < n; column++) {
      element.zero(code.get(first.c));
      for (let at = 0; at < k; at++) term(left[row]![at]!, right[at]![column]!).emit(element.add);
      code.memory(element.store, (row * n + column) * bytes);
    }
  }
}
