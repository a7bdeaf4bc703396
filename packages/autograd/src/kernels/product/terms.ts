// Writes out products of a few numbers term by term: for these, blocks and strips would cost more than the product
// itself.

import { type FunctionWriter, type Local, Type } from "../assembler.ts";
import { I } from "../instructions.ts";
import type { Factor, ProductKernel } from "../kernel.ts";
import type { Element } from "./element.ts";
import { localList, locals, range } from "./writing.ts";

/** The offset of each index of an axis from the first, in elements. */
function offsetsOf(factors: readonly Factor[]): number[] {
  return factors.reduce<number[]>(
    (outer, { size, stride }) => outer.flatMap((offset) => range(size).map((i) => offset + i * stride)),
    [0],
  );
}

/**
 * Writes c = a·b, each sum in the order of k, in float64 and rounded once, as plain loops do. `first` has the addresses
 * of the first elements. Rows of c are n wide.
 */
export function writeTerms(
  code: FunctionWriter,
  element: Element,
  { m, n, k, a, b, gated }: Pick<ProductKernel, "m" | "n" | "k" | "a" | "b" | "gated">,
  first: Readonly<Record<"a" | "b" | "c", Local>>,
): void {
  const { bytes } = element;
  const narrow = element.name === "float32";
  /** Reads a matrix into locals, row by row. */
  const read = (from: Local, rows: readonly Factor[], columns: readonly Factor[]): Local[][] =>
    offsetsOf(rows).map((down) =>
      offsetsOf(columns).map((across) => {
        const offset = (down + across) * bytes;
        code.get(from);
        // The constant that an instruction adds can't be negative.
        if (offset < 0) code.i32(offset).emit(I.i32_add);
        const [local] = localList(code, 1, Type.f64) as [Local];
        code.memory(element.load, Math.max(0, offset));
        if (narrow) code.emit(I.f64_promote_f32);
        code.set(local);
        return local;
      }),
    );
  const left = read(first.a, a.rows, a.columns);
  const right = read(first.b, b.rows, b.columns);
  const plain = (x: Local, y: Local) => code.get(x).get(y).emit(I.f64_mul);
  const withZeros = (x: Local, y: Local) => {
    plain(x, y).f64(0);
    for (const factor of [x, y]) code.get(factor).f64(0).emit(I.f64_ne);
    return code.emit(I.i32_and, I.select);
  };
  const [sum] = localList(code, 1, Type.f64) as [Local];
  const eachSum = (term: (x: Local, y: Local) => FunctionWriter, after = () => {}) => {
    for (let row = 0; row < m; row++) {
      for (let column = 0; column < n; column++) {
        code.get(first.c).f64(0);
        for (let at = 0; at < k; at++) term(left[row]![at]!, right[at]![column]!).emit(I.f64_add);
        code.set(sum).get(sum);
        if (narrow) code.emit(I.f32_demote_f64);
        code.memory(element.store, (row * n + column) * bytes);
        after();
      }
    }
  };
  if (!gated) {
    eachSum(plain);
    return;
  }
  // 0 times an infinity or NaN makes the sum NaN, and only then zeros have to be looked for.
  const { found } = locals(code, ["found"]);
  code.i32(0).set(found);
  eachSum(plain, () => {
    code.get(sum).get(sum).emit(I.f64_ne).get(found).emit(I.i32_or).set(found);
  });
  code.get(found).if(() => eachSum(withZeros));
}
