// Vectors and matrices as plain arrays, and the four products that the lecture writes with them.
// Stops at algebra: nothing here knows of neurons, layers or losses, and nothing is optimised.

/** The entry at `index`; throws RangeError outside the array, so that a wrong index is never a silent NaN. */
export function at<T>(items: T[], index: number): T {
  if (!Number.isInteger(index) || index < 0 || index >= items.length) {
    throw new RangeError(`at: index ${index} is outside 0..${items.length - 1}`);
  }
  return items[index] as T;
}

/** The sum of a vector's entries; 0 of none. */
export function sum(v: number[]): number {
  let total = 0;
  for (const entry of v) total += entry;
  return total;
}

/** Wᵀx, the product that carries activations forward. W: [m, n], x: [m] → [n]. Throws RangeError otherwise. */
export function transposeTimes(W: number[][], x: number[]): number[] {
  if (W.length !== x.length) {
    throw new RangeError(
      `transposeTimes: ${shape(W)}ᵀ · [${x.length}]: W must have a row for each entry of x`,
    );
  }
  const product = at(W, 0).map(() => 0);
  for (let i = 0; i < W.length; i++) {
    for (let j = 0; j < product.length; j++) product[j] = at(product, j) + at(at(W, i), j) * at(x, i);
  }
  return product;
}

/** Wd, the product that carries errors backward. W: [m, n], d: [n] → [m]. Throws RangeError otherwise. */
export function times(W: number[][], d: number[]): number[] {
  return W.map((row) => {
    if (row.length !== d.length) {
      throw new RangeError(`times: ${shape(W)} · [${d.length}]: W must have a column for each entry of d`);
    }
    let total = 0;
    for (let j = 0; j < row.length; j++) total += at(row, j) * at(d, j);
    return total;
  });
}

/** xdᵀ, every product of an entry of x with one of d. x: [m], d: [n] → [m, n]. */
export function outer(x: number[], d: number[]): number[][] {
  return x.map((xi) => d.map((dj) => xi * dj));
}

/** a ∘ b, entry by entry. Throws RangeError when the lengths differ. */
export function hadamard(a: number[], b: number[]): number[] {
  if (a.length !== b.length) {
    throw new RangeError(`hadamard: [${a.length}] ∘ [${b.length}]: the lengths must agree`);
  }
  return a.map((entry, i) => entry * at(b, i));
}

function shape(W: number[][]): string {
  return `[${W.length}, ${at(W, 0).length}]`;
}
