// The order of bytes within an element, and of elements within an array. Both move bytes and leave them as they are, so that
// every NaN keeps its bits.

type Units = Uint8Array | Uint16Array | Uint32Array | BigUint64Array;

/** The bytes of elements as whole numbers of the elements' size. */
function unitsOf({ buffer }: Uint8Array<ArrayBuffer>, size: number): Units {
  if (size === 1) return new Uint8Array(buffer);
  if (size === 2) return new Uint16Array(buffer);
  return size === 4 ? new Uint32Array(buffer) : new BigUint64Array(buffer);
}

/** Turns the bytes of each element round, in place. */
export function reverseElements(bytes: Uint8Array<ArrayBuffer>, size: number): void {
  for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse();
}

/** How far apart neighbours along each axis lie where the first axis runs fastest. */
export function fortranStrides(shape: readonly number[]): number[] {
  let stride = 1;
  return shape.map((n) => {
    const own = stride;
    stride *= n;
    return own;
  });
}

/** Elements whose first axis runs fastest, in the order in which the last one does. */
export function inRowOrder(
  bytes: Uint8Array<ArrayBuffer>,
  size: number,
  shape: readonly number[],
): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(bytes.length);
  // Axes of size 1 move nothing.
  const strides = fortranStrides(shape).filter((_, axis) => shape[axis] !== 1);
  const sizes = shape.filter((n) => n !== 1);
  const [from, to] = [unitsOf(bytes, size), unitsOf(result, size)];
  const place = sizes.map(() => 0);
  let source = 0;
  for (let i = 0; i < to.length; i++) {
    to[i] = from[source]!;
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      source += strides[axis]!;
      if (++place[axis]! < sizes[axis]!) break;
      source -= strides[axis]! * sizes[axis]!;
      place[axis] = 0;
    }
  }
  return result;
}
