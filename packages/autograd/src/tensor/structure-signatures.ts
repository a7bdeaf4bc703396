// The methods of tensors that primitives/structure.ts defines: what they take and give, in types and in words.

import type { Shortened, Split, Unstacked } from "../array/axis-types.ts";
import type { ElementCount } from "../array/reshape-types.ts";
import type { Shape } from "../array/shape-types.ts";
import type { Tensor } from "./tensor.ts";

interface AlongAxis<Axis> {
  readonly axis?: Axis;
}

/** A tensor for each shape of a list. */
type TensorsOfShapes<Shapes extends readonly Shape[]> = { [K in keyof Shapes]: Tensor<Shapes[K]> };

/** The signatures of the methods from the table of structure, with their docstrings. */
export interface StructureSignatures {
  /**
   * Parts along an axis, the first by default: as many as a number says, all of one size, or of the sizes in a list
   * (NumPy's `split` takes indices instead). [5, 2] with [2, 3] → [2, 2] and [3, 2]. Throws ShapeError where they don't
   * fill the axis, or for an axis that is none.
   */
  split<A extends Shape, const Parts extends number | readonly number[], const Axis extends number = 0>(
    this: Tensor<A>,
    parts: Parts,
    options?: AlongAxis<Axis>,
  ): TensorsOfShapes<Split<A, Parts, Axis>>;
  /**
   * The slices along an axis, the first by default, as a list without that axis. [n, ...] → n of [...]. Throws
   * ShapeError for an axis that is none. PyTorch's `unbind`.
   */
  unstack<A extends Shape, const Axis extends number = 0>(
    this: Tensor<A>,
    options?: AlongAxis<Axis>,
  ): TensorsOfShapes<Unstacked<A, Axis>>;
  /**
   * The whole tensor repeated a number of times along each axis (NumPy's `tile`): [2, 3] with [2, 1] → [4, 3]. With
   * more numbers than axes there are new axes in front. Throws ShapeError for a number that is not whole or below 0.
   */
  tile(this: Tensor, repeats: readonly number[]): Tensor;
  /**
   * Each element repeated a number of times, one after another, along an axis, or in the flat tensor where none is
   * given (NumPy's `repeat`): [n, ...] → [n·times, ...]. Throws RangeError for a number of times that is not whole or
   * below 0, ShapeError for an axis that is none.
   */
  repeat(this: Tensor, times: number, options?: AlongAxis<number>): Tensor;
  /**
   * Elements moved up by a number of indices along an axis, those beyond the end to the start; in the flat tensor where
   * no axis is given (NumPy's `roll`). The shape stays. Throws RangeError for a shift that is not whole, ShapeError for
   * an axis that is none.
   */
  roll<A extends Shape>(this: Tensor<A>, shift: number, options?: AlongAxis<number>): Tensor<A>;
  /**
   * Each element less the one before it along an axis, the last by default, n times (1 by default): [.., m, ..] → [..,
   * m − n, ..], or no elements where there are too few (NumPy's `diff`). Throws DTypeError for truth values, RangeError
   * for an n that is not whole or below 0, ShapeError for an axis that is none.
   */
  diff<A extends Shape, const Axis extends number = -1, const N extends number = 1>(
    this: Tensor<A>,
    options?: AlongAxis<Axis> & { readonly n?: N },
  ): Tensor<Shortened<A, Axis, N>>;
  /**
   * Two axes exchanged: [2, 3, 4] with 0 and 2 → [4, 3, 2]. Throws ShapeError for an axis that is none. NumPy's
   * `swapaxes`.
   */
  swapAxes(this: Tensor, first: number, second: number): Tensor;
  /**
   * One axis moved to another position; the others keep their order: [2, 3, 4] from 0 to 2 → [3, 4, 2]. Throws
   * ShapeError for an axis that is none. NumPy's `moveaxis`.
   */
  moveAxis(this: Tensor, from: number, to: number): Tensor;
  /**
   * The lower triangles of matrices [..., rows, columns]: zeros above the diagonal, or above the kth one over it.
   * Throws ShapeError for fewer than two axes, RangeError for a k that is not whole. NumPy's `tril`.
   */
  tril<A extends Shape>(this: Tensor<A>, k?: number): Tensor<A>;
  /**
   * The upper triangles of matrices [..., rows, columns]: zeros below the diagonal, or below the kth one over it.
   * Throws ShapeError for fewer than two axes, RangeError for a k that is not whole. NumPy's `triu`.
   */
  triu<A extends Shape>(this: Tensor<A>, k?: number): Tensor<A>;
  /**
   * The diagonals of matrices [..., rows, columns] → [..., n]; with an offset, the diagonal that far above, or below
   * where it is negative. A view, not a copy. Throws ShapeError for fewer than two axes, RangeError for an offset that
   * is not whole. NumPy's `diagonal`.
   */
  diagonal(this: Tensor, options?: { readonly offset?: number }): Tensor;
  /**
   * The sums of the diagonals of matrices [..., n, m] → [...]. Throws ShapeError for fewer than two axes, RangeError
   * for an offset that is not whole. NumPy's `trace`.
   */
  trace(this: Tensor, options?: { readonly offset?: number }): Tensor;
  /**
   * All products of an element of this and one of another tensor, both taken flat: [n] · [m] → [n, m] (NumPy's
   * `outer`). Throws DTypeError for truth values or several types.
   */
  outer<A extends Shape, B extends Shape>(
    this: Tensor<A>,
    other: Tensor<B>,
  ): Tensor<[ElementCount<A>, ElementCount<B>]>;
  /**
   * Sums of products over some axes of two tensors (NumPy's `tensordot`): over the last n of this and the first n of
   * the other, 2 by default, or over pairs of axes, given as two lists. The result has the other axes of both. Throws
   * ShapeError where the sizes don't agree or an axis is none, DTypeError for truth values or several types.
   */
  tensordot(
    this: Tensor,
    other: Tensor,
    axes?: number | readonly [readonly number[], readonly number[]],
  ): Tensor;
  /**
   * The Kronecker product: each element of this times the whole of another tensor (NumPy's `kron`): [a, b], [c, d] →
   * [a·c, b·d]. Throws DTypeError for truth values or several types.
   */
  kron(this: Tensor, other: Tensor): Tensor;
  /**
   * A value where a mask of truth values holds, and else the element. The mask broadcasts to the tensor, whose shape
   * stays. No derivative passes to the tensor where it holds. Throws DTypeError unless the mask is bool and the value
   * of the tensor's type, ShapeError where the mask or the value does not broadcast. PyTorch's `masked_fill`.
   */
  maskedFill<A extends Shape>(this: Tensor<A>, mask: Tensor, value: number | Tensor): Tensor<A>;
}
