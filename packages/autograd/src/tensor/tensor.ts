// The tensor: values with methods. These check their arguments and call the functions of the operations;
// the elementwise ones come from the vocabulary of expressions, the reducing ones and those that
// rearrange elements from tables.

import { checkOptions, kindOf } from "../array/arguments.ts";
import type {
  Gathered,
  HasSizeOne,
  Inserted,
  Resized,
  Shortened,
  Sliced,
  Split,
  Squeezed,
  Unstacked,
} from "../array/axis-types.ts";
import { checkDType, checkFloat, type DType, isFloat } from "../array/dtype.ts";
import { DTypeError, inNameOf, ShapeError } from "../array/errors.ts";
import { NDArray } from "../array/ndarray.ts";
import type { ElementCount, Reshapable, Reshaped } from "../array/reshape-types.ts";
import { checkShape, normalizeAxes, normalizeAxis, sameShape, shapeText, sizeOf } from "../array/shape.ts";
import type {
  Broadcast,
  Broadcastable,
  LastAxesSwapped,
  Literal,
  MatmulAgrees,
  MatmulShape,
  Permuted,
  Reduced,
  Reversed,
  Shape,
} from "../array/shape-types.ts";
import type { Padded, Windowed } from "../array/window-types.ts";
import {
  type ElementwiseFunction,
  type ElementwiseOperand,
  functionOf,
} from "../expression/elementwise-function.ts";
import { LARGEST_FLOAT32, type NanToNumOptions, replacements } from "../expression/nan-to-num.ts";
import { replacing } from "../expression/replacing.ts";
import { deriveMethods, type Entries } from "../expression/vocabulary.ts";
import { checkInner, matrixProduct } from "../primitives/contraction.ts";
import { elements, elementwise } from "../primitives/elementwise.ts";
import { guard } from "../primitives/guarded.ts";
import { addAlong, indicesOf, takeAlong } from "../primitives/indexing.ts";
import { broadcastTo, cast, flip, permute, reshape, sumTo } from "../primitives/movement.ts";
import { padded, rangeAlong, stacked } from "../primitives/moving.ts";
import { orderedRows, quantileOver } from "../primitives/quantiles.ts";
import { type Axes, type Reduction, reduceAs, type SingleReduction } from "../primitives/reduce.ts";
import * as reductionTable from "../primitives/reductions.ts";
import { cummax, cumprod, cumsum, directed, logCumSumExp } from "../primitives/running.ts";
import { argsort } from "../primitives/selection.ts";
import { logSoftmax, softmax } from "../primitives/softmax.ts";
import * as structureTable from "../primitives/structure.ts";
import { windows } from "../primitives/windows.ts";
import { apply } from "../tape/apply.ts";
import { detached, hiddenFrom } from "../tape/leaf.ts";
import { sweepBack } from "../tape/reverse.ts";
import { includes, Trace, variableTrace } from "../tape/trace.ts";
import { type Algebra, heldBy, type Primitive, Value } from "../tape/value.ts";
import { type AxisSlice, maskOf, partOf, withMasked, withPart } from "./slicing.ts";

/**
 * The elementwise methods: shapes broadcast, and literal shapes that don't broadcast are refused by the compiler.
 * The shape is taken from `this`, not from the class' parameter, so that a Tensor<[2, 3]> is a Tensor. With numbers and
 * operands of its own shape a tensor keeps it, also where it is a type parameter. R is the result's shape; where that is
 * unknown, it is the shape that the context expects, as in `state = state.mul(x)`. All throw ShapeError where shapes don't
 * broadcast, and DTypeError where types differ or are none that the function takes; numbers take the tensor's type.
 */
export type ElementwiseMethods = {
  readonly [K in keyof Entries<1>]-?: <A extends Shape, R extends A = A>(this: Tensor<A>) => Tensor<R>;
} & {
  readonly [K in keyof Entries<2>]-?: {
    <A extends Shape, R extends A = A>(this: Tensor<A>, other: number | Tensor<NoInfer<A>>): Tensor<R>;
    <A extends Shape, B extends Shape = [], R extends Broadcast<A, B> = Broadcast<A, B>>(
      this: Tensor<A>,
      other: number | (Tensor<B> & Broadcastable<A, B, K>),
    ): Tensor<R>;
  };
} & {
  readonly [K in keyof Entries<3>]-?: {
    <A extends Shape, R extends A = A>(
      this: Tensor<A>,
      second: number | Tensor<NoInfer<A>>,
      third: number | Tensor<NoInfer<A>>,
    ): Tensor<R>;
    <
      A extends Shape,
      B extends Shape = [],
      C extends Shape = [],
      R extends Broadcast<Broadcast<A, B>, C> = Broadcast<Broadcast<A, B>, C>,
    >(
      this: Tensor<A>,
      second: number | (Tensor<B> & Broadcastable<A, B, K>),
      third: number | (Tensor<C> & Broadcastable<Broadcast<A, B>, C, K>),
    ): Tensor<R>;
  };
};

/** Which axes a reduction runs over, and whether they stay. */
export interface ReduceOptions<Axis, Keep extends boolean> {
  /** An axis, or a list of them, all by default. Negative ones count from the end. */
  readonly axis?: Axis;
  /** Whether the axes stay, with size 1; false by default. */
  readonly keepDims?: Keep;
}

type Table = typeof reductionTable;
type AxisOf<R> = R extends SingleReduction ? number | undefined : Axes;
type ExtraOf<R> = R extends Reduction<infer Extra> ? Extra : object;

/**
 * The reducing methods. The result lacks the axes, or has them with size 1 under `keepDims`: [2, 3] over axis 1 → [2], or
 * [2, 1]. All throw ShapeError for an axis that is none, or named twice.
 */
export type ReducingMethods = {
  readonly [K in keyof Table]: <
    A extends Shape,
    const Axis extends AxisOf<Table[K]> | undefined = undefined,
    Keep extends boolean = false,
    R extends Reduced<A, Axis, Keep> = Reduced<A, Axis, Keep>,
  >(
    this: Tensor<A>,
    options?: ReduceOptions<Axis, Keep> & ExtraOf<Table[K]>,
  ) => Tensor<R>;
};

/** The options of `cumsum`, `cumprod`, `cummax` and `logCumSumExp`. */
export interface RunningOptions {
  /** 0 by default. */
  readonly axis?: number;
  /** Whether it runs from the end; false by default. */
  readonly reverse?: boolean;
}

interface AlongAxis<Axis> {
  readonly axis?: Axis;
}

/** A tensor for each shape of a list. */
type TensorsOfShapes<Shapes extends readonly Shape[]> = { [K in keyof Shapes]: Tensor<Shapes[K]> };

/**
 * The methods from the table of structure, with their docstrings. An interface of methods and no mapped type: the language
 * server of TypeScript 7.0 shows no docstring for members of those.
 */
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

/** What the table of structure must have: a function for each signature, and none without one. */
type StructureTable = Readonly<
  Record<keyof StructureSignatures, unknown> &
    Record<Exclude<keyof typeof structureTable, keyof StructureSignatures>, never>
>;

// biome-ignore lint/correctness/noUnusedVariables: a merged interface must repeat the class' parameters
export interface Tensor<S extends Shape = Shape>
  extends ElementwiseMethods,
    ReducingMethods,
    StructureSignatures {}

/**
 * An immutable n-dimensional array of numbers. How it was made is recorded where a transform or a variable needs that.
 * Make one with `tensor`, `zeros`, …
 */
export class Tensor<S extends Shape = Shape> extends Value<S> implements ElementwiseOperand<Tensor> {
  protected override get algebra(): Algebra {
    return ofTensors;
  }

  /**
   * A function of elements on this and others, broadcast to one shape. Numbers take the tensors' type. Throws
   * ShapeError where shapes don't broadcast, and DTypeError where the types differ or are none that the function takes.
   */
  elementwise<R extends Shape = Shape>(fn: ElementwiseFunction, ...others: (Tensor | number)[]): Tensor<R> {
    for (const other of others) if (typeof other !== "number") checkTensor(fn.name, other, numberToo);
    return asTensor(elementwise(fn, [this, ...others]));
  }

  /**
   * The elements, with numbers in the place of NaN, ∞ and −∞: 0 and the largest and least finite numbers of the type by
   * default. Where an element is replaced, the derivative is 0. Whole numbers and truth values stay as they are. Throws TypeError for
   * options that are not numbers. NumPy's `nan_to_num`.
   */
  nanToNum(options: NanToNumOptions = {}): Tensor<S> {
    const numbers = replacements(options, this.dtype === "float64" ? Number.MAX_VALUE : LARGEST_FLOAT32);
    return asTensor(isFloat(this.dtype) ? elementwise(replacing, [this, ...numbers]) : heldBy(this));
  }

  static {
    Object.defineProperty(Tensor.prototype, Symbol.for("@adjoint/autograd tensor"), { value: true });
    deriveMethods<Tensor>(Tensor.prototype, (entry) => {
      let fn: ElementwiseFunction | null = null;
      const method = function (this: Tensor, ...others: (Tensor | number)[]) {
        if (others.length !== entry.arity - 1) {
          const example = ["y", "z"].slice(0, entry.arity - 1);
          throw new TypeError(
            `${entry.name}: takes ${example.length || "no"} operand${example.length === 1 ? "" : "s"} beside the tensor, got ${others.length}; write x.${entry.name}(${example.join(", ")})`,
          );
        }
        fn ??= functionOf(entry);
        return this.elementwise(fn, ...others);
      };
      return method as (this: Tensor, ...others: never[]) => Tensor;
    });
    for (const [name, reduction] of Object.entries(reductionTable)) {
      const value = function (this: Tensor, options = {}) {
        return reduceAs(name, reduction, this, options);
      };
      Object.defineProperty(value, "name", { value: name });
      Object.defineProperty(Tensor.prototype, name, { value, writable: true, configurable: true });
    }
    for (const [name, entry] of Object.entries(structureTable satisfies StructureTable)) {
      const value = function (this: Tensor, ...args: never[]) {
        if (TAKE_A_TENSOR.has(name)) checkTensor(name, args[0]);
        const made = (entry as (x: Value, ...args: never[]) => Value | Value[])(this, ...args);
        // What changes nothing may give the operand itself, and a variable would not stay what it is now.
        return Array.isArray(made) ? made.map((each) => asTensor(heldBy(each))) : asTensor(heldBy(made));
      };
      Object.defineProperty(value, "name", { value: name });
      Object.defineProperty(Tensor.prototype, name, { value, writable: true, configurable: true });
    }
  }

  // ── Along an axis ───────────────────────────────────────────────────────────────────────────────────────────

  #axis(
    operation: string,
    options: { readonly axis?: number },
    standard: number,
    names: readonly string[] = ["axis"],
  ): number {
    checkOptions(operation, options, names);
    return normalizeAxis(options.axis ?? standard, this.rank, operation);
  }

  /**
   * Exponentials scaled to sum to one along an axis, the last by default. No overflow. Infinite elements give the
   * limits: 0 for −∞, and equal shares of 1 among those that are ∞. The shape stays. Throws DTypeError unless the type
   * is a float, ShapeError for an axis that is none. Shift by the maximum: Blanchard, Higham & Higham (2021).
   */
  softmax(options: { readonly axis?: number } = {}): Tensor<S> {
    const axis = this.#axis("softmax", options, -1);
    checkFloat("softmax", this.dtype);
    return asTensor(softmax(this, axis));
  }

  /**
   * Log of softmax along an axis, the last by default; accurate where softmax is tiny, where it is almost one, and far
   * from 0. Natural log. The shape stays. Throws DTypeError unless the type is a float, ShapeError for an axis that is
   * none. Blanchard, Higham & Higham (2021).
   */
  logSoftmax(options: { readonly axis?: number } = {}): Tensor<S> {
    const axis = this.#axis("logSoftmax", options, -1);
    checkFloat("logSoftmax", this.dtype);
    return asTensor(logSoftmax(this, axis));
  }

  #running(operation: string, options: RunningOptions): { axis: number; reverse: boolean } {
    const axis = this.#axis(operation, options, 0, ["axis", "reverse"]);
    return { axis, reverse: options.reverse ?? false };
  }

  /**
   * Running sums along an axis (0 by default), from its start or (reverse) from its end; NumPy's `cumsum`. The shape
   * stays. Floats are added up in float64, and float32 sums are rounded at each index. Throws DTypeError for truth
   * values, ShapeError for an axis that is none.
   */
  cumsum(options: RunningOptions = {}): Tensor<S> {
    return applied(cumsum, [this], this.#running("cumsum", options));
  }

  /**
   * Running products along an axis (0 by default), from its start or (reverse) from its end; NumPy's `cumprod`. Floats
   * are multiplied in float64, and float32 products are rounded at each index. Derivatives are exact where elements are
   * zero, of every order. Throws DTypeError for truth values. Throws ShapeError for an axis that is none.
   */
  cumprod(options: RunningOptions = {}): Tensor<S> {
    const along = this.#running("cumprod", options);
    return asTensor(directed((x) => apply(cumprod, [x], { axis: along.axis }), this, along));
  }

  /**
   * The largest element so far along an axis (0 by default), from its start or (reverse) from its end; NaN from the
   * first NaN on. The values of PyTorch's `cummax`, NumPy's `maximum.accumulate`. A tie shares its derivative equally,
   * as in `max`. Throws ShapeError for an axis that is none.
   */
  cummax(options: RunningOptions = {}): Tensor<S> {
    const along = this.#running("cummax", options);
    return asTensor(directed((x) => apply(cummax, [x], { axis: along.axis }), this, along));
  }

  /**
   * The natural logarithms of running sums of exponentials along an axis (0 by default), from its start or (reverse)
   * from its end, without overflow, and accurate also behind an element that is much larger; PyTorch's `logcumsumexp`.
   * The shape stays. Infinite elements give the limits. Throws DTypeError unless the type is a float, ShapeError for an
   * axis that is none.
   */
  logCumSumExp(options: RunningOptions = {}): Tensor<S> {
    const along = this.#running("logCumSumExp", options);
    checkFloat("logCumSumExp", this.dtype);
    return asTensor(directed((x) => logCumSumExp(x, along.axis), this, along));
  }

  // ── Products ────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Matrix product: [..., m, k] · [..., k, n] → [..., m, n]; batch axes broadcast; a vector on either side is taken as
   * a row or a column and loses that axis. Throws ShapeError if the inner sizes differ, DTypeError for truth values or
   * several types. NumPy's `matmul`.
   */
  matmul<A extends Shape, B extends Shape, R extends MatmulShape<A, B> = MatmulShape<A, B>>(
    this: Tensor<A>,
    other: Tensor<B> & MatmulAgrees<A, B>,
  ): Tensor<R> {
    checkTensor("matmul", other);
    if (this.rank === 0 || other.rank === 0) {
      throw new ShapeError(
        `matmul: ${shapeText(this.shape)} · ${shapeText(other.shape)}: a tensor of rank 0 is no matrix; use mul`,
      );
    }
    checkInner("matmul", this.shape, other.shape);
    return asTensor(matrixProduct(this, other));
  }

  /**
   * Inner product of two vectors of one length: [n] · [n] → []. Throws ShapeError unless both are vectors of one
   * length, DTypeError for several types.
   */
  dot<A extends Shape, B extends Shape>(this: Tensor<A>, other: Tensor<B> & MatmulAgrees<A, B>): Tensor<[]> {
    checkTensor("dot", other);
    if (this.rank !== 1 || other.rank !== 1) {
      throw new ShapeError(
        `dot: ${shapeText(this.shape)} · ${shapeText(other.shape)}: both must be vectors; use matmul for matrices`,
      );
    }
    checkInner("dot", this.shape, other.shape);
    return asTensor(inNameOf("dot", () => matrixProduct(this, other)));
  }

  // ── Shape ───────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Repeats axes of size 1 and adds axes in front until the shape is reached. No copy. [3, 1] → [2, 3, 4]. Throws
   * ShapeError where that does not lead to the shape. NumPy's `broadcast_to`.
   */
  broadcastTo<const B extends Shape>(shape: B): Tensor<Literal<B>> {
    return sameShape(this.shape, shape)
      ? asTensor(heldBy(this))
      : applied(broadcastTo, [this], { shape: [...shape] });
  }

  /**
   * Sums over the axes that broadcasting from `shape` would repeat: the adjoint of broadcastTo. [2, 3, 4] → [3, 1].
   * Throws ShapeError where the shape does not broadcast to this one, DTypeError for truth values.
   */
  sumTo<const B extends Shape>(shape: B): Tensor<Literal<B>> {
    return sameShape(this.shape, shape)
      ? asTensor(heldBy(this))
      : applied(sumTo, [this], { shape: [...shape] });
  }

  /**
   * The same elements, row-major, under another shape; one size may be −1, for whatever fits. [2, 6] → [3, 4]. Throws
   * ShapeError where the shape holds another number of elements, or has more than one −1. NumPy's `reshape`.
   */
  reshape<A extends Shape, const B extends Shape, R extends Reshaped<A, B> = Reshaped<A, B>>(
    this: Tensor<A>,
    shape: B & Reshapable<A, B>,
  ): Tensor<R> {
    const known = (Array.isArray(shape) ? shape.filter((n) => n !== -1) : shape) as Shape;
    checkShape(known, "reshape");
    if (shape.length - known.length > 1)
      throw new ShapeError(`reshape: ${shapeText(shape)} leaves more than one size open; give all but one`);
    const fit = this.size / sizeOf(known);
    if (shape.length > known.length && !Number.isInteger(fit))
      throw new ShapeError(
        `reshape: no size in place of −1 makes ${shapeText(shape)} hold the ${this.size} elements of ${shapeText(this.shape)}; give sizes whose product divides ${this.size}`,
      );
    const full = shape.map((n) => (n === -1 ? fit : n));
    return reshapedTo(this, full);
  }

  /** All elements in one axis, row-major: [2, 3] → [6]. */
  flatten<A extends Shape>(this: Tensor<A>): Tensor<[ElementCount<A>]> {
    return reshapedTo(this, [this.size]);
  }

  /**
   * Axes in another order: axis i of the result is axis order[i] of this. Throws ShapeError unless the order names each
   * axis once. NumPy's `transpose` with axes.
   */
  permute<
    A extends Shape,
    const Order extends readonly number[],
    R extends Permuted<A, Order> = Permuted<A, Order>,
  >(this: Tensor<A>, order: Order): Tensor<R> {
    if (!Array.isArray(order))
      throw new TypeError(
        `permute: got ${kindOf(order)} where the order belongs; write it in brackets, e.g. [1, 0]`,
      );
    const axes = order.map((axis) => normalizeAxis(axis, this.rank, "permute"));
    return applied(permute, [this], { order: axes });
  }

  /**
   * Axes in reverse order: rows become columns. [2, 3, 4] → [4, 3, 2]. Throws TypeError for an argument: `permute`
   * takes an order. NumPy's `transpose`.
   */
  transpose<A extends Shape, R extends Reversed<A> = Reversed<A>>(
    this: Tensor<A>,
    ...none: never[]
  ): Tensor<R> {
    if (none.length > 0)
      throw new TypeError(
        `transpose: takes no axes, it reverses all of ${shapeText(this.shape)}; for another order use permute([…])`,
      );
    const order = this.shape.map((_, axis) => this.rank - 1 - axis);
    return applied(permute, [this], { order });
  }

  /**
   * The last two axes exchanged: every matrix of a batch transposed. [..., m, n] → [..., n, m]. Throws ShapeError for
   * fewer than two axes.
   */
  swapLastAxes<A extends Shape, R extends LastAxesSwapped<A> = LastAxesSwapped<A>>(
    this: Tensor<A>,
  ): Tensor<R> {
    if (this.rank < 2)
      throw new ShapeError(
        `swapLastAxes: ${shapeText(this.shape)} has no two axes to exchange; expandDims first`,
      );
    const order = this.shape.map((_, axis) => axis);
    [order[this.rank - 2], order[this.rank - 1]] = [this.rank - 1, this.rank - 2];
    return applied(permute, [this], { order });
  }

  /** Without axes of size 1: those named, or all. Throws ShapeError if a named one has another size. */
  squeeze<
    A extends Shape,
    const Axis extends number | readonly number[] | undefined = undefined,
    R extends Squeezed<A, Axis> = Squeezed<A, Axis>,
  >(this: Tensor<A>, options: { readonly axis?: Axis & HasSizeOne<A, Axis> } = {}): Tensor<R> {
    checkOptions("squeeze", options, ["axis"]);
    const axes =
      options.axis === undefined
        ? this.shape.flatMap((n, axis) => (n === 1 ? [axis] : []))
        : normalizeAxes(options.axis, this.rank, "squeeze");
    const wide = axes.find((axis) => this.shape[axis] !== 1);
    if (wide !== undefined)
      throw new ShapeError(
        `squeeze: axis ${wide} of ${shapeText(this.shape)} has size ${this.shape[wide]}; only axes of size 1 can go`,
      );
    const rest = this.shape.filter((_, axis) => !axes.includes(axis));
    return reshapedTo(this, rest);
  }

  /**
   * With an axis of size 1 inserted at `axis`; −1 inserts it last. [2, 3] with 0 → [1, 2, 3]. Throws ShapeError for an
   * axis that is none of the result. NumPy's `expand_dims`.
   */
  expandDims<
    A extends Shape,
    const Axis extends number,
    R extends Inserted<A, Axis, 1> = Inserted<A, Axis, 1>,
  >(this: Tensor<A>, axis: Axis): Tensor<R> {
    const at = normalizeAxis(axis, this.rank + 1, "expandDims");
    return reshapedTo(this, this.shape.toSpliced(at, 0, 1));
  }

  // ── Parts ───────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * A regular part: for each axis an index (the axis is dropped), `[start, stop, step]`, or null for all; axes left out are
   * taken whole. Negative numbers count from the end, stops beyond the end are cut. `x.slice(0, [1, 3])`.
   * Throws RangeError for an index outside, ShapeError for too many parts.
   */
  slice<
    A extends Shape,
    const Parts extends readonly AxisSlice[],
    R extends Sliced<A, Parts> = Sliced<A, Parts>,
  >(this: Tensor<A>, ...parts: Parts): Tensor<R> {
    return asTensor(heldBy(partOf("slice", this, parts)));
  }

  /**
   * A part to be replaced, named as `slice` names it, or by a mask of truth values that broadcasts to this tensor:
   * `x.at(0, [1, 3]).set(v)` is a new tensor with v there, `x.at(x.less(0)).add(1)` one in which 1 is added there. Values
   * broadcast to the part (with a mask, to the tensor). Derivatives go to the value, and to the tensor where it shows. JAX's
   * `x.at[…]`. Throws what `slice` throws.
   */
  at<A extends Shape, M extends Shape>(
    this: Tensor<A>,
    mask: Tensor<M> & Broadcastable<A, M, "at">,
  ): Replaceable<A, A>;
  at<A extends Shape, const Parts extends readonly AxisSlice[]>(
    this: Tensor<A>,
    ...parts: Parts
  ): Replaceable<A, Sliced<A, Parts>>;
  at(...parts: readonly unknown[]): Replaceable<Shape, Shape> {
    return replaceable(this, parts);
  }

  /**
   * The slices at indices along an axis (0 by default): [.., n, ..] with int32 indices of any shape I → [.., ...I, ..].
   * Negative indices count from the end. Throws RangeError for an index outside, DTypeError unless the indices are
   * int32, ShapeError for an axis that is none. NumPy's `take`.
   */
  gather<
    A extends Shape,
    I extends Shape,
    const Axis extends number = 0,
    R extends Gathered<A, I, Axis> = Gathered<A, I, Axis>,
  >(this: Tensor<A>, indices: Tensor<I>, options: { readonly axis?: Axis } = {}): Tensor<R> {
    checkTensor("gather", indices);
    const axis = this.#axis("gather", options, 0);
    if (indices.dtype !== "int32")
      throw new DTypeError(`gather: indices are ${indices.dtype} and must be int32: indices.cast("int32")`);
    const shape: Shape = this.shape;
    const inside: Tensor = asTensor(guard(indices, indicesOf("gather", shape[axis]!)));
    const lined: Tensor = reshapedTo(
      inside,
      shape.map((_, k) => (k === axis ? indices.size : 1)),
    );
    const spread = lined.broadcastTo(shape.with(axis, indices.size));
    const taken: Tensor = applied(takeAlong, [this, spread], { axis });
    return reshapedTo(taken, [...shape.slice(0, axis), ...indices.shape, ...shape.slice(axis + 1)]);
  }

  /**
   * Along an axis, one element for each index: x [.., n, ..], indices [.., m, ..] → [.., m, ..]. Negative indices count
   * from the end. Throws RangeError for an index outside, DTypeError unless the indices are int32, ShapeError where the
   * shapes or the axis don't fit. NumPy's `take_along_axis`.
   */
  takeAlongAxis<I extends Shape>(indices: Tensor<I>, options: { readonly axis: number }): Tensor<I> {
    checkTensor("takeAlongAxis", indices);
    const axis = this.#axis("takeAlongAxis", options, NaN);
    return applied(takeAlong, [this, indices], { axis });
  }

  /**
   * Adds each element at its index along an axis of `shape` zeros: the adjoint of takeAlongAxis. Indices have the shape of
   * this tensor, which may differ from that of the result along the axis. Throws ShapeError where they don't fit, and
   * RangeError for an index outside.
   */
  scatterAdd<const B extends Shape>(
    indices: Tensor,
    options: { readonly axis: number; readonly shape: B },
  ): Tensor<Literal<B>> {
    checkTensor("scatterAdd", indices);
    checkOptions("scatterAdd", options, ["axis", "shape"]);
    checkShape(options.shape, "scatterAdd");
    const axis = normalizeAxis(options.axis, options.shape.length, "scatterAdd");
    return applied(addAlong, [this, indices], { axis, shape: [...options.shape] });
  }

  /**
   * Elements in reverse order along axes, all by default. The shape stays. Throws ShapeError for an axis that is none,
   * or named twice. NumPy's `flip`.
   */
  flip(options: { readonly axis?: number | readonly number[] } = {}): Tensor<S> {
    checkOptions("flip", options, ["axis"]);
    const axes = normalizeAxes(options.axis, this.rank, "flip");
    return applied(flip, [this], { axes });
  }

  /**
   * With `value` (0 by default) around it: `widths[axis]` is [before, after], or one number for both; a single number
   * holds for every axis. [n] → [before + n + after]. Throws ShapeError for another number of widths than axes, or a
   * width below 0. NumPy's `pad`.
   */
  pad<
    A extends Shape,
    const Widths extends number | readonly (number | readonly [number, number])[],
    R extends Padded<A, Widths> = Padded<A, Widths>,
  >(this: Tensor<A>, widths: Widths, options: { readonly value?: number } = {}): Tensor<R> {
    checkOptions("pad", options, ["value"]);
    if (typeof widths !== "number" && !Array.isArray(widths))
      throw new TypeError(
        `pad: got ${kindOf(widths)} where widths belong; give a number, or [before, after] for each axis`,
      );
    const list = typeof widths === "number" ? this.shape.map(() => widths) : widths;
    if (list.length !== this.rank)
      throw new ShapeError(
        `pad: ${list.length} widths for the ${this.rank} axes of ${shapeText(this.shape)}; give one for each axis`,
      );
    const pairs = list.map((width): readonly number[] =>
      typeof width === "number" ? [width, width] : width,
    );
    const odd = pairs.find((pair) => pair.length !== 2);
    if (odd !== undefined)
      throw new ShapeError(
        `pad: ${JSON.stringify(odd)} is no width; give [before, after] or one number for both`,
      );
    const around = { before: pairs.map(([before]) => before!), after: pairs.map(([, after]) => after!) };
    return asTensor(inNameOf("pad", () => padded(this, around, options.value ?? 0)));
  }

  /**
   * Every window over the last axes, as new last axes: [..., n…] → [..., windows…, size…]. A view. Throws ShapeError
   * where a window is larger than its axis, or sizes, strides and dilations differ in number. NumPy's
   * `sliding_window_view`.
   */
  windows<
    A extends Shape,
    const Sizes extends readonly number[],
    const Strides extends readonly number[] = readonly 1[],
    const Dilations extends readonly number[] = readonly 1[],
    R extends Windowed<A, Sizes, Strides, Dilations> = Windowed<A, Sizes, Strides, Dilations>,
  >(
    this: Tensor<A>,
    options: {
      readonly sizes: Sizes;
      readonly strides?: Strides;
      readonly dilations?: Dilations;
    },
  ): Tensor<R> {
    checkOptions("windows", options, ["sizes", "strides", "dilations"]);
    checkShape(options.sizes, "windows");
    const { sizes, strides = sizes.map(() => 1), dilations = sizes.map(() => 1) } = options;
    if (sizes.length !== strides.length || sizes.length !== dilations.length || sizes.length > this.rank) {
      throw new ShapeError(
        `windows: ${sizes.length} sizes, ${strides.length} strides and ${dilations.length} dilations for ${shapeText(this.shape)}; give one of each for every windowed axis`,
      );
    }
    return applied(windows, [this], {
      sizes: [...sizes],
      strides: [...strides],
      dilations: [...dilations],
    });
  }

  // ── Order ───────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * The indices, along an axis, of its elements in order (int32); the last axis by default; stable. NaN counts as the
   * largest. The shape stays. Throws ShapeError for an axis that is none. NumPy's `argsort`.
   */
  argsort(options: { readonly axis?: number; readonly descending?: boolean } = {}): Tensor<S> {
    const axis = this.#axis("argsort", options, -1, ["axis", "descending"]);
    return applied(argsort, [this], {
      axis,
      descending: options.descending ?? false,
    });
  }

  /**
   * Elements in order along an axis, the last by default; NaN is the largest. Derivatives follow the elements. The
   * shape stays. Throws ShapeError for an axis that is none. NumPy's `sort`.
   */
  sort(options: { readonly axis?: number; readonly descending?: boolean } = {}): Tensor<S> {
    const axis = this.#axis("sort", options, -1, ["axis", "descending"]);
    return this.takeAlongAxis(this.argsort({ ...options, axis }), { axis });
  }

  /**
   * Quantiles over axes, all by default: for each q from 0 to 1 the element (n − 1)·q of the way from the least to the largest,
   * and between two elements on the straight line (NumPy's `quantile`, whose default is this "linear", too). For a list of q the
   * results lie along a new axis in front. NaN if any element is. Derivatives go to the one or two elements. Where both are
   * the same infinity, it is the quantile; NumPy gives NaN. Throws RangeError for q outside, ShapeError over an axis of size 0.
   */
  quantile<
    A extends Shape,
    const Q extends number | readonly number[],
    const Axis extends Axes = undefined,
    Keep extends boolean = false,
  >(
    this: Tensor<A>,
    q: Q,
    options: ReduceOptions<Axis, Keep> = {},
  ): Tensor<Q extends Shape ? [Q["length"], ...Reduced<A, Axis, Keep>] : Reduced<A, Axis, Keep>> {
    const list: readonly number[] = typeof q === "number" ? [q] : q;
    if (!Array.isArray(list) || list.length === 0)
      throw new TypeError(
        `quantile: got ${Array.isArray(q) ? "an empty list" : kindOf(q)} where q belongs; give a number from 0 to 1, or a list of such`,
      );
    const odd = list.find((each) => !(each >= 0 && each <= 1));
    if (odd !== undefined)
      throw new RangeError(`quantile: q is ${String(odd)} and must lie from 0 to 1; 0.5 is the median`);
    let rows: Value | undefined;
    const found = list.map((each) => {
      const reduction: Reduction = {
        takes: "floats",
        reduce(x, axes) {
          rows ??= orderedRows("quantile", x, axes);
          return quantileOver(rows, x, axes, each);
        },
      };
      return reduceAs("quantile", reduction, this, options);
    });
    return asTensor(typeof q === "number" ? found[0]! : stacked(found));
  }

  /**
   * The k largest along an axis (the last by default), in descending order, and their indices (int32). NaN is the
   * largest. [.., n, ..] → two of [.., k, ..]. Throws RangeError for a k outside 0 … n, ShapeError for an axis that is
   * none. PyTorch's `topk`.
   */
  topK<A extends Shape, const K extends number, const Axis extends number = -1>(
    this: Tensor<A>,
    k: K,
    options: { readonly axis?: Axis } = {},
  ): { values: Tensor<Resized<A, Axis, K>>; indices: Tensor<Resized<A, Axis, K>> } {
    const axis = this.#axis("topK", options, -1);
    const n = this.shape[axis]!;
    if (!Number.isInteger(k) || k < 0 || k > n)
      throw new RangeError(`topK: k = ${k} of an axis of ${n}: k must be a whole number from 0 to ${n}`);
    const indices = asTensor<Resized<A, Axis, K>>(
      rangeAlong(this.argsort({ axis, descending: true }), axis, 0, k),
    );
    return { values: this.takeAlongAxis(indices, { axis }), indices };
  }

  // ── Kind ────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Another element type. A cast to int32 drops the fraction; a cast to bool makes 0 false and all else true. The shape
   * stays. Throws DTypeError for a type that is none.
   */
  cast(dtype: DType): Tensor<S> {
    checkDType(dtype, "cast");
    return this.dtype === dtype ? asTensor(heldBy(this)) : applied(cast, [this], { dtype });
  }

  /**
   * The same numbers in the same shape, without the record of how they were made: no derivative passes. PyTorch's
   * `detach`.
   */
  detach(): Tensor<S> {
    return asTensor(detached(this));
  }

  // ── Derivatives ─────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Adds the gradient of this single number to `grad` of every variable it was made from. With `createGraph` the
   * gradients can themselves be differentiated. Calling it twice adds the same gradient twice.
   * Throws ShapeError if this is not a single number, and Error if it depends on no variable.
   */
  backward(options: { readonly createGraph?: boolean } = {}): void {
    checkOptions("backward", options, ["createGraph"]);
    const root = heldBy(this);
    if (!isFloat(root.dtype)) {
      throw new DTypeError(
        `backward: the value is ${root.dtype}, which has no derivative; make the loss, and what it is made of, float`,
      );
    }
    if (root.size !== 1) {
      throw new ShapeError(
        `backward: ${shapeText(root.shape)} has ${root.size} elements; a gradient is that of a single number: reduce first, e.g. loss.mean().backward()`,
      );
    }
    if (!includes(root.traces, variableTrace)) {
      throw new Error(
        "backward: the value depends on no variable; make parameters with variable(…), or use grad(f) for plain tensors",
      );
    }
    const seed = constantTensor(1, root.dtype, root.shape);
    Trace.sweepsOfVariables++;
    const sweep = () => sweepBack([root], [seed], variableTrace);
    const keep = options.createGraph === true;
    for (const [leaf, gradient] of keep ? sweep() : variableTrace.without(sweep))
      leaf.holder?.addGrad(keep ? gradient : hiddenFrom(gradient, variableTrace));
  }
}

/** A part of a tensor of shape S that can be replaced, by what broadcasts to P. */
export interface Replaceable<S extends Shape, P extends Shape> {
  /** The tensor with a value in the part. Throws ShapeError where it does not broadcast to the part, DTypeError for another type. */
  set<V extends Shape = []>(value: number | (Tensor<V> & Broadcastable<P, V, "at">)): Tensor<S>;
  /** The tensor with a value added in the part. Throws ShapeError where it does not broadcast to the part, DTypeError for another type. */
  add<V extends Shape = []>(value: number | (Tensor<V> & Broadcastable<P, V, "at">)): Tensor<S>;
}

function replaceable(x: Tensor, parts: readonly unknown[]): Replaceable<Shape, Shape> {
  const own = heldBy(x);
  const mask = maskOf(parts);
  const ranges = parts as readonly AxisSlice[];
  const read = () => (mask === null ? partOf("at", own, ranges) : own);
  // What is no part is an error at once, and not only where it is replaced.
  read();
  const replacedBy = (value: Value | number): Tensor =>
    asTensor(mask === null ? withPart(own, ranges, value) : withMasked(own, heldBy(mask), value));
  const checked = (value: Tensor | number) =>
    typeof value === "number" ? value : checkTensor("at", value, numberToo);
  return {
    set: (value) => replacedBy(checked(value)),
    // The part is read and written, so that the others stay what they are: −0 plus 0 is 0.
    add: (value) => replacedBy(inNameOf("at", () => elements.add(read(), checked(value)))),
  };
}

/** The methods from the table of structure that take a tensor as their first argument. */
const TAKE_A_TENSOR: ReadonlySet<string> = new Set<keyof StructureSignatures>([
  "outer",
  "tensordot",
  "kron",
  "maskedFill",
]);

const numberToo = "a tensor or a number belongs; wrap arrays: tensor(…)";

/** A value that must be a tensor. Throws TypeError for anything else. */
export function checkTensor(
  operation: string,
  operand: unknown,
  way: string = "a tensor belongs; wrap numbers: tensor(…)",
): Tensor {
  if (operand instanceof Tensor) return operand;
  if (isForeign(operand))
    throw new TypeError(
      `${operation}: got a tensor of another copy of @adjoint/autograd, which is loaded twice here; let one version be installed (npm ls @adjoint/autograd), or hand over numbers: tensor(x.toArray())`,
    );
  throw new TypeError(`${operation}: got ${kindOf(operand)} where ${way}`);
}

/** Whether a value is a tensor of another copy of the package. */
const isForeign = (value: unknown): boolean =>
  typeof value === "object" && value !== null && (value as { [brand]?: true })[brand] === true;

const brand: unique symbol = Symbol.for("@adjoint/autograd tensor");

/** How tensors are made and added up. */
const ofTensors: Algebra = {
  make: (array, step, traces, holder, serial) => new Tensor(array, step, traces, holder, serial),
  plus: (a, b) => elements.add(a, b),
};

/**
 * A value as the tensor that it is, of the shape that its place asks for. Here, and nowhere else, the engine claims what the
 * compiler can't see: what lies below tensors speaks of values, though all that it makes is made by `ofTensors`; and a
 * result's shape is found by its primitive when it runs, by the rule that the method's type states.
 */
export const asTensor = <S extends Shape>(value: Value): Tensor<S> => value as Tensor<S>;

/** A primitive on operands that are looked at. */
function applied<A, S extends Shape>(
  primitive: Primitive<A>,
  inputs: readonly Tensor[],
  attributes: A,
): Tensor<S> {
  for (const input of inputs) checkTensor(primitive.name, input);
  return asTensor(apply(primitive, inputs, attributes));
}

/** The same elements under a shape that is known to fit. */
const reshapedTo = <S extends Shape>(x: Tensor, shape: Shape): Tensor<S> =>
  sameShape(x.shape, shape) ? asTensor(heldBy(x)) : applied(reshape, [x], { shape });

/** One number everywhere, stored once. */
export function constantTensor<const S extends Shape>(
  value: number,
  dtype: DType,
  shape: S,
): Tensor<Literal<S>> {
  return new Tensor<Literal<S>>(NDArray.filled(dtype, shape, value));
}
