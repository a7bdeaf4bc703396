// The tensor: immutable numbers with a vocabulary. Elementwise methods come from the expression vocabulary; the rest
// are here, primitives or compositions of them in stable form.

import { checkOptions, kindOf } from "../array/arguments.ts";
import { checkDType, checkFloat, type DType, elementOf, isFloat } from "../array/dtype.ts";
import { DTypeError, ShapeError } from "../array/errors.ts";
import { NDArray } from "../array/ndarray.ts";
import {
  broadcastShapes,
  checkShape,
  normalizeAxes,
  normalizeAxis,
  sameShape,
  shapeText,
  sizeOf,
} from "../array/shape.ts";
import type {
  Broadcast,
  Broadcastable,
  Literal,
  MatmulAgrees,
  MatmulShape,
  Permuted,
  Reduced,
  Reshaped,
  Reversed,
  Shape,
} from "../array/shape-types.ts";
import { type Carrier, type ElementwiseFunction, functionOf } from "../expression/elementwise-function.ts";
import { deriveMethods, type Name } from "../expression/vocabulary.ts";
import { interposed } from "../tape/interpose.ts";
import type { Primitive, Step } from "../tape/primitive.ts";
import { recorder } from "../tape/recording.ts";
import { sweepBack } from "../tape/reverse.ts";
import { includes, openTraces, type Trace, type TraceSet, union, variableTrace } from "../tape/trace.ts";
import { Value } from "../tape/value.ts";
import { checkInner, matrixProduct } from "./contraction.ts";
import { addAlong, cumsum, takeAlong } from "./indexing.ts";
import { map } from "./map.ts";
import { broadcastTo, cast, flip, identity, pad, permute, reshape, slice, sumTo } from "./movement.ts";
import { argExtreme, argsort, max, min } from "./selection.ts";
import { type AxisSlice, rangeOf } from "./slicing.ts";
import { windows } from "./windows.ts";

/**
 * The elementwise methods: shapes broadcast, and literal shapes that don't are refused when compiling.
 * The shape is taken from `this`, not from the class' parameter, so that a Tensor<[2, 3]> is a Tensor. With numbers and
 * operands of its own shape a tensor keeps it, also where it is a type parameter. R is the result's shape; where that is
 * unknown, it is the one that the result's place asks for, as in `state = state.mul(x)`.
 */
export type ElementwiseMethods = {
  readonly [K in Name<1>]: <A extends Shape, R extends A = A>(this: Tensor<A>) => Tensor<R>;
} & {
  readonly [K in Name<2>]: {
    <A extends Shape, R extends A = A>(this: Tensor<A>, other: number | Tensor<NoInfer<A>>): Tensor<R>;
    <A extends Shape, B extends Shape = [], R extends Broadcast<A, B> = Broadcast<A, B>>(
      this: Tensor<A>,
      other: number | (Tensor<B> & Broadcastable<A, B, K>),
    ): Tensor<R>;
  };
} & {
  readonly [K in Name<3>]: {
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

/** Which axes a reduction runs over, all by default, and whether they stay with size 1. Negative axes count from the end. */
export interface ReduceOptions<Axis, Keep extends boolean> {
  readonly axis?: Axis;
  readonly keepDims?: Keep;
}

type Axes = number | readonly number[] | undefined;

const reduceOptions = ["axis", "keepDims"];

// biome-ignore lint/correctness/noUnusedVariables: a merged interface must repeat the class' parameters
export interface Tensor<S extends Shape = Shape> extends ElementwiseMethods {}

/**
 * An immutable n-dimensional array of numbers that remembers how it was made, where a transform or a variable
 * needs to know. Make one with `tensor`, `zeros`, …
 */
export class Tensor<S extends Shape = Shape> extends Value<S> implements Carrier<Tensor> {
  /** The tensor that stands on the tape: itself, save for a variable, whose value it is. */
  get current(): Tensor<S> {
    return this;
  }

  /**
   * The result of a primitive on operands. The door through which every operation goes.
   * Throws what the primitive's shape rule throws.
   */
  apply<A>(primitive: Primitive<A>, operands: readonly Tensor[], attributes: A): Tensor {
    const inputs = operands.map((operand) => checkTensor(primitive.name, operand).current);
    const between = interposed();
    const chosen = (between?.replace?.(primitive as Primitive) as Primitive<A> | undefined) ?? primitive;
    const output = chosen.describe(inputs, attributes);
    const arrays = inputs.map((input) => between?.perturb?.(input.array) ?? input.array);
    const recording = recorder();
    const array =
      recording?.takes(chosen as Primitive, arrays, output) === true
        ? recording.note(chosen as Primitive, arrays, attributes, output)
        : chosen.evaluate(arrays, attributes, output);
    let traces: TraceSet | null = null;
    for (const input of inputs) if (input.traces !== null) traces = union(input.traces, traces);
    const step = traces === null ? null : ({ primitive: chosen, inputs, attributes } as Step<A> as Step);
    const made = new Tensor(array, step, traces);
    between?.made?.(made);
    return made;
  }

  /** A function of elements on this and others, broadcast to one shape. Numbers take the tensors' type. */
  elementwise(fn: ElementwiseFunction, ...others: (Tensor | number)[]): Tensor {
    const operands = [this as Tensor, ...others];
    const kinds = fn.signature.operands;
    const typed = operands.find(
      (operand, i): operand is Tensor => typeof operand !== "number" && kinds[i] !== "bool",
    );
    const dtype =
      typed?.dtype ??
      (kinds.includes("bool") && kinds.some((kind) => kind !== "bool") ? "float32" : this.dtype);
    for (const operand of operands) if (typeof operand !== "number") checkTensor(fn.name, operand, numberToo);
    const shapes = operands.flatMap((operand) => (operand instanceof Tensor ? [operand.shape] : []));
    const shape = shapes.length === 1 ? shapes[0]! : broadcastShapes(fn.name, ...shapes);
    const spread = operands.map((operand, i) => {
      if (typeof operand === "number")
        return constantOf(operand, kinds[i] === "bool" ? "bool" : dtype, shape, fn.name);
      return sameShape(operand.shape, shape) ? operand : operand.broadcastTo(shape);
    });
    return this.apply(map, spread, { fn });
  }

  static {
    deriveMethods(Tensor.prototype as Tensor, (entry) => {
      const method = function (this: Tensor, ...others: (Tensor | number)[]) {
        if (others.length !== entry.arity - 1) {
          const example = ["y", "z"].slice(0, entry.arity - 1);
          throw new TypeError(
            `${entry.name}: takes ${example.length || "no"} operand${example.length === 1 ? "" : "s"} beside the tensor, got ${others.length}; write x.${entry.name}(${example.join(", ")})`,
          );
        }
        return this.elementwise(functionOf(entry), ...others);
      };
      return method as (this: Tensor, ...others: never[]) => Tensor;
    });
  }

  // ── Reductions ──────────────────────────────────────────────────────────────────────────────────────────────

  #axes(
    operation: string,
    options: { readonly axis?: Axes },
    names: readonly string[] = reduceOptions,
  ): number[] {
    checkOptions(operation, options, names);
    return normalizeAxes(options.axis, this.rank, operation);
  }

  #axis(
    operation: string,
    options: { readonly axis?: number },
    standard: number,
    names: readonly string[] = ["axis"],
  ): number {
    checkOptions(operation, options, names);
    return normalizeAxis(options.axis ?? standard, this.rank, operation);
  }

  #kept(axes: readonly number[]): number[] {
    return this.shape.map((n, axis) => (axes.includes(axis) ? 1 : n));
  }

  /** Drops axes of size 1 unless they are to be kept. */
  #finish(reduced: Tensor, axes: readonly number[], keepDims: boolean | undefined): Tensor<never> {
    const result =
      keepDims === true || axes.length === 0
        ? reduced
        : reduced.reshape(reduced.shape.filter((_, axis) => !axes.includes(axis)));
    return result as unknown as Tensor<never>;
  }

  /** Sum over axes. Nothing sums to 0. Floats are added up in float64, and a float32 sum is rounded once, at the end. */
  sum<A extends Shape, const Axis extends Axes = undefined, Keep extends boolean = false>(
    this: Tensor<A>,
    options: ReduceOptions<Axis, Keep> = {},
  ): Tensor<Reduced<A, Axis, Keep>> {
    const axes = this.#axes("sum", options);
    return this.#finish(this.sumTo(this.#kept(axes)), axes, options.keepDims);
  }

  /** Mean over axes; NaN of nothing. */
  mean<A extends Shape, const Axis extends Axes = undefined, Keep extends boolean = false>(
    this: Tensor<A>,
    options: ReduceOptions<Axis, Keep> = {},
  ): Tensor<Reduced<A, Axis, Keep>> {
    const axes = this.#axes("mean", options);
    checkFloat("mean", this.dtype);
    const count = axes.reduce((n, axis) => n * this.shape[axis]!, 1);
    return this.#finish(this.sumTo(this.#kept(axes)).div(count), axes, options.keepDims);
  }

  /** Largest over axes; NaN if any is. A tie shares its derivative equally. Throws ShapeError over an axis of size 0. */
  max<A extends Shape, const Axis extends Axes = undefined, Keep extends boolean = false>(
    this: Tensor<A>,
    options: ReduceOptions<Axis, Keep> = {},
  ): Tensor<Reduced<A, Axis, Keep>> {
    const axes = this.#axes("max", options);
    return this.#finish(this.apply(max, [this], { axes }), axes, options.keepDims);
  }

  /** Smallest over axes; NaN if any is. A tie shares its derivative equally. Throws ShapeError over an axis of size 0. */
  min<A extends Shape, const Axis extends Axes = undefined, Keep extends boolean = false>(
    this: Tensor<A>,
    options: ReduceOptions<Axis, Keep> = {},
  ): Tensor<Reduced<A, Axis, Keep>> {
    const axes = this.#axes("min", options);
    return this.#finish(this.apply(min, [this], { axes }), axes, options.keepDims);
  }

  /** Product over axes; nothing multiplies to 1. Derivatives are exact where elements are zero, of every order. */
  prod<A extends Shape, const Axis extends Axes = undefined, Keep extends boolean = false>(
    this: Tensor<A>,
    options: ReduceOptions<Axis, Keep> = {},
  ): Tensor<Reduced<A, Axis, Keep>> {
    const axes = this.#axes("prod", options);
    if (this.dtype === "bool")
      throw new DTypeError('prod: bool is not a number; cast it, e.g. x.cast("int32")');
    const product = axes.reduce((product: Tensor, axis) => product.#prodAlong(axis), this);
    return this.#finish(product, axes, options.keepDims);
  }

  // Multiplying one half with the other until one is left: no division, hence no trouble with zeros.
  #prodAlong(axis: number): Tensor {
    const n = this.shape[axis]!;
    if (n === 0) return constantTensor(1, this.dtype, this.shape.with(axis, 1));
    if (n === 1) return this;
    const half = n >>> 1;
    const paired = this.#range(axis, 0, half).mul(this.#range(axis, half, half));
    const product = n % 2 === 0 ? paired : paired.mul(oddOneOut(this.#range(axis, n - 1, 1), half, axis));
    return product.#prodAlong(axis);
  }

  #range(axis: number, start: number, size: number): Tensor {
    return this.apply(slice, [this], {
      starts: this.shape.map((_, k) => (k === axis ? start : 0)),
      sizes: this.shape.with(axis, size),
      steps: this.shape.map(() => 1),
    });
  }

  /** Variance over axes: the mean squared distance from the mean; `correction: 1` divides by n − 1. */
  variance<A extends Shape, const Axis extends Axes = undefined, Keep extends boolean = false>(
    this: Tensor<A>,
    options: ReduceOptions<Axis, Keep> & { readonly correction?: number } = {},
  ): Tensor<Reduced<A, Axis, Keep>> {
    const axes = this.#axes("variance", options, ["axis", "correction", "keepDims"]);
    checkFloat("variance", this.dtype);
    const count = axes.reduce((n, axis) => n * this.shape[axis]!, 1);
    const kept = this.#kept(axes);
    const centred = (this as Tensor).sub(
      (this.sumTo(kept) as Tensor).div(count).broadcastTo(this.shape as Shape),
    );
    const squares = centred.square().sumTo(kept);
    return this.#finish(squares.div(count - (options.correction ?? 0)), axes, options.keepDims);
  }

  /**
   * Log of the sum of exponentials over axes, without overflow. Natural log; −∞ of nothing.
   * Shift by the maximum: Blanchard, Higham & Higham (2021), section 2.
   */
  logSumExp<A extends Shape, const Axis extends Axes = undefined, Keep extends boolean = false>(
    this: Tensor<A>,
    options: ReduceOptions<Axis, Keep> = {},
  ): Tensor<Reduced<A, Axis, Keep>> {
    const axes = this.#axes("logSumExp", options);
    checkFloat("logSumExp", this.dtype);
    const kept = this.#kept(axes);
    if (axes.some((axis) => this.shape[axis] === 0)) {
      return this.#finish(constantTensor(-Infinity, this.dtype, kept), axes, options.keepDims);
    }
    const shift = this.#finiteMax(axes);
    const total = (this as Tensor)
      .sub(shift.broadcastTo(this.shape as Shape))
      .exp()
      .sumTo(kept);
    return this.#finish(total.log().add(shift), axes, options.keepDims);
  }

  // Any shift is right in exact arithmetic, so it carries no derivative; an infinite one would make NaN of ∞ − ∞.
  #finiteMax(axes: readonly number[]): Tensor {
    const largest = this.apply(max, [this.detach()], { axes });
    return largest.abs().less(Infinity).select(largest, 0);
  }

  /** Exponentials scaled to sum to one along an axis, the last by default. No overflow. */
  softmax(options: { readonly axis?: number } = {}): Tensor<S> {
    const axes = [this.#axis("softmax", options, -1)];
    checkFloat("softmax", this.dtype);
    if (this.size === 0) return this;
    const powers = (this as Tensor).sub(this.#finiteMax(axes).broadcastTo(this.shape as Shape)).exp();
    return powers.div(powers.sumTo(this.#kept(axes)).broadcastTo(this.shape)) as Tensor as Tensor<S>;
  }

  /** Log of softmax along an axis, the last by default; accurate where softmax is tiny. */
  logSoftmax(options: { readonly axis?: number } = {}): Tensor<S> {
    const axis = this.#axis("logSoftmax", options, -1);
    checkFloat("logSoftmax", this.dtype);
    const total = (this as Tensor).logSumExp({ axis, keepDims: true });
    return (this as Tensor).sub(total.broadcastTo(this.shape)) as Tensor as Tensor<S>;
  }

  /** Running sums along an axis, from its start or (reverse) from its end. */
  cumsum(options: { readonly axis?: number; readonly reverse?: boolean } = {}): Tensor<S> {
    const axis = this.#axis("cumsum", options, 0, ["axis", "reverse"]);
    return this.apply(cumsum, [this], { axis, reverse: options.reverse ?? false }) as Tensor<S>;
  }

  /** Place of the largest along an axis (int32): the first of equals, or the first NaN. No axis: in the flat tensor. */
  argmax<A extends Shape, const Axis extends number | undefined = undefined, Keep extends boolean = false>(
    this: Tensor<A>,
    options: ReduceOptions<Axis, Keep> = {},
  ): Tensor<Reduced<A, Axis, Keep>> {
    return this.#place("argmax", options, false) as Tensor<never>;
  }

  /** Place of the smallest along an axis (int32): the first of equals, or the first NaN. No axis: in the flat tensor. */
  argmin<A extends Shape, const Axis extends number | undefined = undefined, Keep extends boolean = false>(
    this: Tensor<A>,
    options: ReduceOptions<Axis, Keep> = {},
  ): Tensor<Reduced<A, Axis, Keep>> {
    return this.#place("argmin", options, true) as Tensor<never>;
  }

  #place(operation: string, options: ReduceOptions<number | undefined, boolean>, smallest: boolean): Tensor {
    checkOptions(operation, options, reduceOptions);
    const { axis, keepDims } = options;
    if (axis === undefined) {
      const flat = this.flatten();
      const place = flat.apply(argExtreme, [flat], { axis: 0, smallest });
      return place.reshape(keepDims === true ? this.shape.map(() => 1) : []);
    }
    const normal = normalizeAxis(axis, this.rank, operation);
    return this.#finish(this.apply(argExtreme, [this], { axis: normal, smallest }), [normal], keepDims);
  }

  // ── Products ────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Matrix product: [..., m, k] · [..., k, n] → [..., m, n]; batch axes broadcast, a vector on either side is taken
   * as a row or a column and loses that axis. Throws ShapeError if the inner sizes differ.
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
    return matrixProduct(this as Tensor, other as unknown as Tensor) as Tensor<never>;
  }

  /** Inner product of two vectors of one length: [n] · [n] → []. */
  dot<A extends Shape, B extends Shape>(this: Tensor<A>, other: Tensor<B> & MatmulAgrees<A, B>): Tensor<[]> {
    checkTensor("dot", other);
    if (this.rank !== 1 || other.rank !== 1) {
      throw new ShapeError(
        `dot: ${shapeText(this.shape)} · ${shapeText(other.shape)}: both must be vectors; use matmul for matrices`,
      );
    }
    checkInner("dot", this.shape, other.shape);
    return matrixProduct(this as Tensor, other as unknown as Tensor) as Tensor<[]>;
  }

  // ── Shape ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** Repeats axes of size 1 and adds axes in front until the shape is reached. No copy. */
  broadcastTo<const B extends Shape>(shape: B): Tensor<Literal<B>> {
    if (sameShape(this.shape, shape)) return this as unknown as Tensor<Literal<B>>;
    return this.apply(broadcastTo, [this], { shape: [...shape] }) as Tensor as Tensor<Literal<B>>;
  }

  /** Sums over the axes that broadcasting from `shape` would repeat: the adjoint of broadcastTo. */
  sumTo<const B extends Shape>(shape: B): Tensor<Literal<B>> {
    if (sameShape(this.shape, shape)) return this as unknown as Tensor<Literal<B>>;
    return this.apply(sumTo, [this], { shape: [...shape] }) as Tensor as Tensor<Literal<B>>;
  }

  /** The same elements, row-major, under another shape; one size may be −1: what fits. */
  reshape<const B extends Shape>(shape: B): Tensor<Reshaped<B>> {
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
    if (sameShape(this.shape, full)) return this as unknown as Tensor<Reshaped<B>>;
    return this.apply(reshape, [this], { shape: full }) as Tensor as Tensor<Reshaped<B>>;
  }

  /** All elements in one axis. */
  flatten(): Tensor<[number]> {
    return this.reshape([this.size]);
  }

  /** Axes in another order: axis i of the result is axis order[i] of this. */
  permute<A extends Shape, const Order extends readonly number[]>(
    this: Tensor<A>,
    order: Order,
  ): Tensor<Permuted<A, Order>> {
    if (!Array.isArray(order))
      throw new TypeError(
        `permute: got ${kindOf(order)} where the order belongs; write it in brackets, e.g. [1, 0]`,
      );
    const axes = order.map((axis) => normalizeAxis(axis, this.rank, "permute"));
    return this.apply(permute, [this], { order: axes }) as Tensor<never>;
  }

  /** Axes in reverse order: rows become columns. */
  transpose<A extends Shape>(this: Tensor<A>, ...none: never[]): Tensor<Reversed<A>> {
    if (none.length > 0)
      throw new TypeError(
        `transpose: takes no axes, it reverses all of ${shapeText(this.shape)}; for another order use permute([…])`,
      );
    const order = this.shape.map((_, axis) => this.rank - 1 - axis);
    return this.apply(permute, [this], { order }) as Tensor<never>;
  }

  /** The last two axes exchanged: every matrix of a batch transposed. */
  swapLastAxes(): Tensor {
    if (this.rank < 2)
      throw new ShapeError(
        `swapLastAxes: ${shapeText(this.shape)} has no two axes to exchange; expandDims first`,
      );
    const order = this.shape.map((_, axis) => axis);
    [order[this.rank - 2], order[this.rank - 1]] = [this.rank - 1, this.rank - 2];
    return this.apply(permute, [this], { order });
  }

  /** Without axes of size 1: those named, or all. Throws ShapeError if a named one has another size. */
  squeeze(options: { readonly axis?: number | readonly number[] } = {}): Tensor {
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
    return this.reshape(this.shape.filter((_, axis) => !axes.includes(axis)));
  }

  /** With an axis of size 1 put in at `axis`; −1 puts it last. */
  expandDims(axis: number): Tensor {
    const at = normalizeAxis(axis, this.rank + 1, "expandDims");
    return this.reshape(this.shape.toSpliced(at, 0, 1));
  }

  // ── Parts ───────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * A regular part: for each axis an index (the axis goes), `[start, stop, step]`, or null for all; axes left out are
   * whole. Negative numbers count from the end, stops beyond the end are cut. `x.slice(0, [1, 3])`.
   * Throws RangeError for an index outside, ShapeError for too many parts.
   */
  slice(...parts: AxisSlice[]): Tensor {
    if (parts.length > this.rank)
      throw new ShapeError(
        `slice: ${parts.length} parts for the ${this.rank} axes of ${shapeText(this.shape)}; give at most one an axis`,
      );
    const ranges = this.shape.map((n, axis) => rangeOf(parts[axis] ?? null, n, axis, this.shape));
    const part = this.apply(slice, [this], {
      starts: ranges.map((range) => range.start),
      sizes: ranges.map((range) => range.size),
      steps: ranges.map((range) => range.step),
    });
    return part.reshape(part.shape.filter((_, axis) => typeof parts[axis] !== "number"));
  }

  /**
   * Whole slices at indices along an axis (0 by default): [.., n, ..] with int32 indices of any shape I →
   * [.., ...I, ..]. Negative indices count from the end; RangeError outside.
   */
  gather(indices: Tensor, options: { readonly axis?: number } = {}): Tensor {
    checkTensor("gather", indices);
    const axis = this.#axis("gather", options, 0);
    const lined = indices.reshape(this.shape.map((_, k) => (k === axis ? indices.size : 1)));
    const spread = lined.broadcastTo(this.shape.with(axis, indices.size));
    const taken = this.apply(takeAlong, [this, spread], { axis });
    return taken.reshape([...this.shape.slice(0, axis), ...indices.shape, ...this.shape.slice(axis + 1)]);
  }

  /**
   * Along an axis, one element for each index: x [.., n, ..], indices [.., m, ..] → [.., m, ..]. With `labelsOf` the indices
   * are class labels, of which none is negative, and errors carry that name.
   */
  takeAlongAxis(indices: Tensor, options: { readonly axis: number; readonly labelsOf?: string }): Tensor {
    checkTensor("takeAlongAxis", indices);
    const axis = this.#axis("takeAlongAxis", options, NaN, ["axis", "labelsOf"]);
    const { labelsOf } = options;
    return this.apply(takeAlong, [this, indices], labelsOf === undefined ? { axis } : { axis, labelsOf });
  }

  /** Adds each element at its index along an axis of `shape` zeros: the adjoint of takeAlongAxis. */
  scatterAdd(indices: Tensor, options: { readonly axis: number; readonly shape: Shape }): Tensor {
    const axis = normalizeAxis(options.axis, options.shape.length, "scatterAdd");
    return this.apply(addAlong, [this, indices], { axis, shape: [...options.shape] });
  }

  /** Elements in reverse order along axes, all by default. */
  flip(options: { readonly axis?: number | readonly number[] } = {}): Tensor<S> {
    return this.apply(flip, [this], { axes: this.#axes("flip", options, ["axis"]) }) as Tensor as Tensor<S>;
  }

  /** With `value` (0) put around: `widths[axis]` is [before, after], or one number for both; a single number for every axis. */
  pad(
    widths: number | readonly (number | readonly [number, number])[],
    options: { readonly value?: number } = {},
  ): Tensor {
    checkOptions("pad", options, ["value"]);
    if (typeof widths !== "number" && !Array.isArray(widths))
      throw new TypeError(
        `pad: got ${kindOf(widths)} where widths belong; give a number, or [before, after] for each axis`,
      );
    const list = typeof widths === "number" ? this.shape.map(() => widths) : widths;
    if (list.length !== this.rank)
      throw new ShapeError(
        `pad: ${list.length} widths for the ${this.rank} axes of ${shapeText(this.shape)}; give one an axis`,
      );
    const pairs = list.map((width): readonly number[] =>
      typeof width === "number" ? [width, width] : width,
    );
    const odd = pairs.find((pair) => pair.length !== 2);
    if (odd !== undefined)
      throw new ShapeError(
        `pad: ${JSON.stringify(odd)} is no width; give [before, after] or one number for both`,
      );
    const attributes = {
      before: pairs.map(([before]) => before!),
      after: pairs.map(([, after]) => after!),
      between: pairs.map(() => 0),
    };
    const padded = this.apply(pad, [this], attributes);
    const value = options.value ?? 0;
    if (value === 0) return padded;
    const inside = this.apply(pad, [constantTensor(1, "bool", this.shape)], attributes);
    return inside.select(padded, value);
  }

  /** Every window over the last axes, as new last axes: [..., n…] → [..., windows…, size…]. A view. */
  windows(options: {
    readonly sizes: readonly number[];
    readonly strides?: readonly number[];
    readonly dilations?: readonly number[];
  }): Tensor {
    checkOptions("windows", options, ["sizes", "strides", "dilations"]);
    checkShape(options.sizes, "windows");
    const { sizes, strides = sizes.map(() => 1), dilations = sizes.map(() => 1) } = options;
    if (sizes.length !== strides.length || sizes.length !== dilations.length || sizes.length > this.rank) {
      throw new ShapeError(
        `windows: ${sizes.length} sizes, ${strides.length} strides and ${dilations.length} dilations for ${shapeText(this.shape)}; give one of each a windowed axis`,
      );
    }
    return this.apply(windows, [this], {
      sizes: [...sizes],
      strides: [...strides],
      dilations: [...dilations],
    });
  }

  // ── Order ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** Places that put an axis in order (int32), the last by default; stable. NaN is the largest: last, or first of descending. */
  argsort(options: { readonly axis?: number; readonly descending?: boolean } = {}): Tensor<S> {
    const axis = this.#axis("argsort", options, -1, ["axis", "descending"]);
    return this.apply(argsort, [this], {
      axis,
      descending: options.descending ?? false,
    }) as Tensor as Tensor<S>;
  }

  /** Elements in order along an axis, the last by default; NaN is the largest. Derivatives follow the elements. */
  sort(options: { readonly axis?: number; readonly descending?: boolean } = {}): Tensor<S> {
    const axis = this.#axis("sort", options, -1, ["axis", "descending"]);
    return this.takeAlongAxis(this.argsort({ ...options, axis }), { axis }) as Tensor<S>;
  }

  /** The k largest along an axis (the last by default), in descending order, and their places. NaN is the largest. */
  topK(k: number, options: { readonly axis?: number } = {}): { values: Tensor; indices: Tensor } {
    const axis = this.#axis("topK", options, -1);
    const n = this.shape[axis]!;
    if (!Number.isInteger(k) || k < 0 || k > n)
      throw new RangeError(`topK: k = ${k} of an axis of ${n}: k must be a whole number from 0 to ${n}`);
    const indices = this.argsort({ axis, descending: true }).#range(axis, 0, k);
    return { values: this.takeAlongAxis(indices, { axis }), indices };
  }

  // ── Kind ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Another element type. To int32 the fraction is dropped; to bool, 0 is false and all else true. */
  cast(dtype: DType): Tensor<S> {
    checkDType(dtype, "cast");
    return (this.dtype === dtype ? this : this.apply(cast, [this], { dtype })) as Tensor<S>;
  }

  /** The same numbers, forgotten how they were made: no derivative passes. */
  detach(): Tensor<S> {
    const { array, step, traces } = this.current;
    return step === null && traces === null ? this.current : new Tensor<S>(array, null, null);
  }

  // ── Derivatives ─────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Adds the gradient of this single number to `grad` of every variable it was made from. With `createGraph` the
   * gradients can themselves be differentiated. Calling it twice adds the same gradient twice.
   * Throws ShapeError if this is not a single number, and Error if it depends on no variable.
   */
  backward(options: { readonly createGraph?: boolean } = {}): void {
    checkOptions("backward", options, ["createGraph"]);
    const root = this.current as Tensor;
    if (!isFloat(root.dtype)) {
      throw new DTypeError(
        `backward: the value is ${root.dtype}, in which nothing moves continuously; make the loss, and what it is made of, float`,
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
    const sweep = () => sweepBack([root], [seed], variableTrace);
    const keep = options.createGraph === true;
    for (const [leaf, gradient] of keep ? sweep() : variableTrace.without(sweep)) {
      leaf.receive(keep ? gradient : gradient.detach());
    }
  }

  // ── For rules and transforms ────────────────────────────────────────────────────────────────────────────────

  /** Zeros of this type. */
  zerosOf(shape: Shape): Tensor {
    return constantTensor(0, this.dtype, shape);
  }

  /** The sum of two cotangents, or of two tangents. */
  accumulate(other: Tensor): Tensor {
    return (this as Tensor).add(other);
  }

  /** A new name for the same value, watched by a trace. */
  leaf(trace: Trace): Tensor<S> {
    const { array, traces } = this.current;
    const rest = openTraces(traces);
    const step =
      rest === null
        ? null
        : ({ primitive: identity, inputs: [this.current], attributes: null } as Step<null> as Step);
    return new Tensor<S>(array, step, { trace, rest });
  }

  /** This tensor if some open transform or variable still watches it; otherwise its value alone, so that the tape can go. */
  released(): Tensor<S> {
    return openTraces(this.traces) === null ? this.detach() : this;
  }
}

const numberToo = "a tensor or a number belongs; wrap arrays: tensor(…)";

/** The tensor that it is. Throws TypeError for anything else. */
export function checkTensor(
  operation: string,
  operand: unknown,
  way: string = "a tensor belongs; wrap numbers: tensor(…)",
): Tensor {
  if (operand instanceof Tensor) return operand;
  throw new TypeError(`${operation}: got ${kindOf(operand)} where ${way}`);
}

function constantOf(value: number, dtype: DType, shape: Shape, operation: string): Tensor {
  if (!isFloat(dtype) && !Number.isInteger(value)) {
    throw new DTypeError(
      `${operation}: ${value} is not whole and the tensor is ${dtype}; cast the tensor first, e.g. x.cast("float32")`,
    );
  }
  return constantTensor(elementOf(value, dtype, operation), dtype, shape);
}

/** One number everywhere, stored once. */
export function constantTensor<const S extends Shape>(
  value: number,
  dtype: DType,
  shape: S,
): Tensor<Literal<S>> {
  return new Tensor<Literal<S>>(NDArray.filled(dtype, shape, value), null, null);
}

/** The last of an odd number of factors, followed by ones, to multiply into the pairs. */
function oddOneOut(last: Tensor, length: number, axis: number): Tensor {
  const after = last.shape.map((_, k) => (k === axis ? length - 1 : 0));
  const none = after.map(() => 0);
  const placed = last.apply(pad, [last], { before: none, after, between: none });
  const inside = last.apply(pad, [constantTensor(1, "bool", last.shape)], {
    before: none,
    after,
    between: none,
  });
  return inside.select(placed, 1);
}
