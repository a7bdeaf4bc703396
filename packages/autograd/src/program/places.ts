// A scan as data: what it repeats, along how many places, and its numbers place by place.

import type { Description } from "../array/description.ts";
import { allocate, isFloat, type TypedArray } from "../array/dtype.ts";
import { NDArray, type Pending } from "../array/ndarray.ts";
import { sizeOf } from "../array/shape.ts";
import type { ProgramBody } from "./parts.ts";

export interface Scan {
  /**
   * What is done at each place. Inputs: the carries, the parts of what is scanned, and what all places share. Outputs: the
   * next carries, and a part of each further result.
   */
  readonly body: ProgramBody;
  readonly carries: number;
  readonly scanned: number;
  readonly length: number;
  /** Whether the last place comes first. */
  readonly reverse: boolean;
  /** The function's name, for listings. */
  readonly name: string;
}

/** The operands of a scan, or what belongs to them. */
export interface Sorted<T> {
  readonly carries: readonly T[];
  readonly scanned: readonly T[];
  readonly shared: readonly T[];
}

export const sorted = <T>(all: readonly T[], { carries, scanned }: Scan): Sorted<T> => ({
  carries: all.slice(0, carries),
  scanned: all.slice(carries, carries + scanned),
  shared: all.slice(carries + scanned),
});

export const partOf = ({ shape, dtype }: Description): Description => ({ shape: shape.slice(1), dtype });

/** Numbers of the places beside each other, put together when somebody asks for them. */
class Together implements Pending {
  readonly #parts: readonly NDArray[];

  constructor(parts: readonly NDArray[]) {
    this.#parts = parts;
  }

  read(): TypedArray {
    const { dtype, size, buffer } = this.#parts[0]!;
    const count = this.#parts.length * size;
    // Arrays may have more digits than their type, where somebody computes with those.
    const all =
      isFloat(dtype) && buffer instanceof Float64Array ? new Float64Array(count) : allocate(dtype, count);
    this.#parts.forEach((part, i) => {
      all.set(part.data, i * size);
    });
    return all;
  }
}

/** The places in the order in which they come. */
export const placesOf = ({ length, reverse }: Pick<Scan, "length" | "reverse">): readonly number[] =>
  Array.from({ length }, (_, i) => (reverse ? length - 1 - i : i));

const slicedAt = ({ dtype, shape, buffer, strides, offset }: NDArray, place: number): NDArray =>
  new NDArray(dtype, shape.slice(1), buffer, strides.slice(1), offset + place * strides[0]!);

/** The numbers of a scan's results, by what runs the body on arrays. */
export function evaluatePlaces(
  inputs: readonly NDArray[],
  attributes: Scan,
  run: (operands: readonly NDArray[]) => readonly NDArray[],
): readonly NDArray[] {
  const { body, carries, length } = attributes;
  const operands = sorted(inputs, attributes);
  let carried = operands.carries;
  const parts: NDArray[][] = body.outputs.slice(carries).map(() => []);
  for (const place of placesOf(attributes)) {
    const slices = operands.scanned.map((each) => slicedAt(each, place));
    const made = run([...carried, ...slices, ...operands.shared]);
    carried = made.slice(0, carries);
    made.slice(carries).forEach((part, k) => {
      parts[k]![place] = part;
    });
  }
  const together = body.outputs.slice(carries).map(({ dtype, shape }, k) => {
    const isEmpty = length * sizeOf(shape) === 0;
    return new NDArray(dtype, [length, ...shape], isEmpty ? allocate(dtype, 0) : new Together(parts[k]!));
  });
  return [...carried, ...together];
}
