// Products of float32 matrices in the heap by plain loops, with the bits of the kernel for all sizes
// (product/any-sizes.ts): the terms of an element are added in the order of k, each term and each sum rounded to float32. In
// float64 the plain loops for small products (primitives/multiply.ts) give the kernel's bits.

import { heap } from "../heap.ts";

/** The parameters of `writeProductFunction` for float32, but for the scratch memory, of which none is needed. */
export const plainProduct =
  (gated: boolean) =>
  (...parameters: number[]): void => {
    const [firstA, firstB, firstC] = parameters.map((address) => address / 4) as [number, number, number];
    const [m, n, k, aRow, aColumn, bRow, bColumn] = parameters.slice(3) as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const memory = heap().view("float32");
    const { fround } = Math;
    for (let j = 0; j < n; j += 4) {
      // Four columns at a time. What has no column of its own repeats the first one, and is not stored.
      const [one, two, three] = [1, 2, 3].map((more) => (j + more < n ? more * bColumn : 0)) as [
        number,
        number,
        number,
      ];
      for (let i = 0; i < m; i++) {
        let [c0, c1, c2, c3] = [0, 0, 0, 0];
        let p = firstA + i * aRow;
        let q = firstB + j * bColumn;
        for (let l = 0; l < k; l++, p += aColumn, q += bRow) {
          const x = memory[p]!;
          c0 = fround(c0 + fround(x * memory[q]!));
          c1 = fround(c1 + fround(x * memory[q + one]!));
          c2 = fround(c2 + fround(x * memory[q + two]!));
          c3 = fround(c3 + fround(x * memory[q + three]!));
        }
        const sums = [c0, c1, c2, c3];
        for (let column = j; column < Math.min(n, j + 4); column++) {
          const sum = sums[column - j]!;
          // Only terms of a zero and of infinity or NaN are NaN and should be zero.
          memory[firstC + i * n + column] =
            gated && Number.isNaN(sum)
              ? gatedSum(memory, firstA + i * aRow, aColumn, firstB + column * bColumn, bRow, k)
              : sum;
        }
      }
    }
  };

function gatedSum(
  memory: ArrayLike<number>,
  a: number,
  aStep: number,
  b: number,
  bStep: number,
  k: number,
): number {
  let sum = 0;
  for (let l = 0; l < k; l++) {
    const [x, y] = [memory[a + l * aStep]!, memory[b + l * bStep]!];
    if (x !== 0 && y !== 0) sum = Math.fround(sum + Math.fround(x * y));
  }
  return sum;
}
