// Sizes that may depend on the batch: found by comparing what a function does at several batch sizes.

/** So many times the batch, and so many more. */
export interface Size {
  readonly times: number;
  readonly plus: number;
}

export const fixed = (n: number): Size => ({ times: 0, plus: n });
export const isFixed = ({ times }: Size): boolean => times === 0;
export const sameSize = (a: Size, b: Size): boolean => a.times === b.times && a.plus === b.plus;
export const isOne = (size: Size): boolean => sameSize(size, fixed(1));

/** The name of the size of the batch in exported models. */
export const BATCH = "batch";

/** As shapes of the file have it: a number, or a name. */
export function dimensionOf({ times, plus }: Size): number | string {
  if (times === 0) return plus;
  const product = times === 1 ? BATCH : `${times}*${BATCH}`;
  return plus === 0 ? product : `${product}${plus < 0 ? "-" : "+"}${Math.abs(plus)}`;
}

/** The size that is `numbers` at the batch sizes `batches`; undefined where it is no multiple of the batch and a number. */
export function sizeAt(numbers: readonly number[], batches: readonly number[]): Size | undefined {
  const [first, second] = numbers as [number, number?];
  if (second === undefined || numbers.every((n) => n === first)) return fixed(first);
  const times = (second - first) / (batches[1]! - batches[0]!);
  const plus = first - times * batches[0]!;
  const fits = numbers.every((n, i) => n === times * batches[i]! + plus);
  return Number.isInteger(times) && fits ? { times, plus } : undefined;
}

/** The product of sizes; undefined where the batch occurs in more than one of them. */
export function productOf(sizes: readonly Size[]): Size | undefined {
  let product = fixed(1);
  for (const size of sizes) {
    if (!isFixed(product) && !isFixed(size)) return undefined;
    const [factor, other] = isFixed(size) ? [size.plus, product] : [product.plus, size];
    product = { times: other.times * factor, plus: other.plus * factor };
  }
  return product;
}

/** Whether tensors of some shapes broadcast to one of this shape together: each of its axes is that of one of them. */
export function coversTogether(shapes: readonly (readonly Size[])[], whole: readonly Size[]): boolean {
  return whole.every((size, axis) =>
    shapes.some((shape) => {
      const own = shape[axis - (whole.length - shape.length)];
      return own !== undefined && sameSize(own, size);
    }),
  );
}
