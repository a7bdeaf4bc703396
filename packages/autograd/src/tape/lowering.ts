// What a primitive tells a compiler of loops: in which family its loops are. Where a primitive says
// nothing, a program calls its `evaluate`.

import type { Description } from "../array/description.ts";
import type { DType } from "../array/dtype.ts";
import type { NDArray } from "../array/ndarray.ts";
import type { Expression } from "../expression/expression.ts";

/** The value at one index of a result, as it is being put together. */
export interface Element {
  /** The element's type. */
  readonly dtype: DType;
}

/** How the element of a result is put together from elements of the operands. */
export interface ElementBuilder {
  /** The element of operand i at the same index; axes of size 1 repeat. */
  read(operand: number): Element;
  /**
   * The element of operand i at the same index but along an axis: there at an index that is an element, int32, counted
   * from the end where negative. An operand that is read so is read in no other way.
   */
  readAt(operand: number, axis: number, index: Element): Element;
  /** The index along an axis of the result, int32. */
  index(axis: number): Element;
  constant(value: number, dtype: DType): Element;
  /** A function of elements, as an expression of them. */
  expression(expression: Expression, operands: readonly Element[]): Element;
  /** The element converted to a type; to its own type, it is rounded as when it is stored. */
  convert(element: Element, dtype: DType): Element;
}

/** How each axis of a result walks the operand. Several axes may walk one (windows), and an axis may walk none (broadcasting). */
export interface View {
  /** For each axis of the operand the index at which the result begins. */
  readonly starts: readonly number[];
  /** For each axis of the result the axis of the operand that it walks, and by how much; null where it walks none. */
  readonly axes: readonly ({ readonly axis: number; readonly step: number } | null)[];
}

/** A program inside a step. */
export interface Inner {
  readonly inputs: readonly Description[];
  readonly outputs: readonly Description[];
}

/** Which programs inside a step run, and how often. */
export type Control =
  /** Once, on the operands. */
  | { readonly kind: "call"; readonly body: Inner }
  /** One of two, as operand 0 says, on the other operands. */
  | { readonly kind: "choice"; readonly onTrue: Inner; readonly onFalse: Inner }
  /**
   * At each place along an axis. The first operands are carried from place to place, the next are taken apart along their
   * first axes, and all places share the others. The first outputs of the body are the next carries; of each other output
   * the step gives the parts beside each other.
   */
  | {
      readonly kind: "repeat";
      readonly body: Inner;
      readonly carries: number;
      readonly scanned: number;
      readonly length: number;
      readonly reverse: boolean;
    }
  /** As long as the condition's output is true; both take the carries, then what all times share, and the body gives the carries. */
  | { readonly kind: "while"; readonly condition: Inner; readonly body: Inner; readonly carries: number };

/**
 * What the elements up to each one become. "affine", of operands a and b: yₖ = aₖ·yₖ₋₁ + bₖ from the start, and
 * yₖ = aₖ₊₁·yₖ₊₁ + bₖ from the end, so that aₖ stands between the places k − 1 and k either way; before the first place
 * there is 0, and a factor that is zero is stronger than infinity and NaN. The others have one operand. Floats are
 * combined in float64, and what is stored is rounded at each place.
 */
export type Running = "total" | "product" | "largest" | "affine";

export type Lowering<A> =
  /** The one operand's elements, read in another order. */
  | { readonly family: "view"; readonly view: View }
  /** The operand's elements, row-major, under another shape. */
  | { readonly family: "regroup" }
  /** Element by element; an axis of an operand may have size 1 where the result's has another size. */
  | {
      readonly family: "elements";
      element(
        build: ElementBuilder,
        attributes: A,
        output: Description,
        inputs: readonly Description[],
      ): Element;
    }
  /** Over the axes that the result lacks, or has with size 1. */
  | {
      readonly family: "reduction";
      readonly combine: "total" | "largest" | "least";
      /** What a total of float32 elements is divided by before it is rounded; 1 by default. */
      readonly divisor?: number;
    }
  /** Along an axis, at each place what the elements up to it combine to, from the start or (reverse) from the end. */
  | {
      readonly family: "running";
      readonly combine: Running;
      readonly axis: number;
      readonly reverse: boolean;
    }
  /** Along an axis, the places of the elements in order, int32: equals in the order in which they stand, NaN the largest. */
  | { readonly family: "order"; readonly axis: number; readonly descending: boolean }
  /** [...batch, m, k] · [...batch, k, n]. `gated`: a zero factor is stronger than infinity and NaN. */
  | { readonly family: "product"; readonly gated: boolean }
  /** Zeros, to which each element of operand 0 is added, along an axis at its index in operand 1 (negative: from the end). */
  | { readonly family: "scatter"; readonly axis: number }
  /** Zeros, into parts of which the operands are written, or added where the parts overlap. */
  | {
      readonly family: "parts";
      readonly combine: "store" | "accumulate";
      /** For each operand, the part of the result that it goes to, as a view of the result. */
      parts(result: NDArray, attributes: A, inputs: readonly Description[]): readonly NDArray[];
    }
  /** Programs inside the step. */
  | { readonly family: "control"; readonly control: Control };
