// Products of matrices in the heap by plain loops, with the bits of the kernel for all sizes (product/any-sizes.ts): the
// terms of an element are added in the order of k, each term and each sum rounded to the elements' type.

import { bytesOf, heap } from "../heap.ts";

/** The parameters of `writeProductFunction`, but for the scratch memory, of which none is needed. */
export function plainProduct(
  dtype: "float32" | "float64",
  gated: boolean,
): (...parameters: number[]) => void {
  const rounded = dtype === "float32" ? Math.fround : (x: number) => x;
  return (...parameters) => {
    const [firstA, firstB, firstC] = parameters.map((address) => address / bytesOf[dtype]);
    const [m, n, k, aRow, aColumn, bRow, bColumn] = parameters.slice(3) as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const memory = heap().view(dtype);
    for (let i = 0; i < m; i++) {
      const c = firstC! + i * n;
      memory.fill(0, c, c + n);
      for (let l = 0; l < k; l++) {
        const x = memory[firstA! + i * aRow + l * aColumn]!;
        const b = firstB! + l * bRow;
        for (let j = 0; j < n; j++) memory[c + j]! += rounded(x * memory[b + j * bColumn]!);
      }
      if (!gated) continue;
      // Only terms of a zero and of infinity or NaN are NaN and should be zero.
      for (let j = 0; j < n; j++) {
        if (!Number.isNaN(memory[c + j])) continue;
        memory[c + j] = 0;
        for (let l = 0; l < k; l++) {
          const x = memory[firstA! + i * aRow + l * aColumn]!;
          const y = memory[firstB! + l * bRow + j * bColumn]!;
          if (x !== 0 && y !== 0) memory[c + j]! += rounded(x * y);
        }
      }
    }
  };
}
