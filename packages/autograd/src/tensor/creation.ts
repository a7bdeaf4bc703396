// Ways to make tensors out of numbers, and tensors out of tensors.

import { checkOptions, kindOf } from "../array/arguments.ts";
import type { Agreeing, Joined, Stacked } from "../array/axis-types.ts";
import { allocate, checkDType, type DType, dtypeOf, elementOf, type TypedArray } from "../array/dtype.ts";
import { DTypeError, ShapeError } from "../array/errors.ts";
import { NDArray } from "../array/ndarray.ts";
import { broadcastShapes, checkShape, normalizeAxis, sameShape, shapeText, sizeOf } from "../array/shape.ts";
import type { Broadcast, Broadcastable, Literal, Nested, Shape, ShapeOf } from "../array/shape-types.ts";
import { specialNumber } from "../array/special.ts";
import { oneHotRows } from "../primitives/indexing.ts";
import { concat as concatPrimitive } from "../primitives/movement.ts";
import { apply } from "../tape/apply.ts";
import { asTensor, checkTensor, constantTensor, Tensor } from "./tensor.ts";

/** The options of `tensor`. */
export interface TensorOptions<S extends Shape = Shape> {
  /** Element type: float32 by default; bool for truth values, and for a typed array its own. */
  readonly dtype?: DType;
  /** Shape to give the elements, row-major; by default that of the nesting, or one axis for a typed array. */
  readonly shape?: S;
}

const tensorOptions = ["dtype", "shape"];
const typeOption = ["dtype"];

/** The option of functions that make tensors of a shape that is given. */
export interface TypeOption {
  /** Element type; float32 by default. */
  readonly dtype?: DType;
}

/** A new tensor with these elements, which does not remember how it was made. */
export function fromArray<S extends Shape>(array: NDArray): Tensor<S> {
  return new Tensor<S>(array);
}

/**
 * A tensor from a number, nested arrays or a typed array (which is copied).
 * `tensor([[1, 2, 3]])` has shape [1, 3], in its type too. Throws ShapeError where rows differ in length, DTypeError
 * where something is not a number.
 */
export function tensor<const S extends Shape>(
  values: Nested | TypedArray,
  options: TensorOptions<S> & { readonly shape: S },
): Tensor<Literal<S>>;
export function tensor(values: TypedArray, options?: TensorOptions): Tensor<[number]>;
export function tensor<const N extends Nested>(values: N, options?: TypeOption): Tensor<ShapeOf<N>>;
export function tensor(values: Nested | TypedArray, options: TensorOptions = {}): Tensor {
  checkOptions("tensor", options, tensorOptions);
  if (options.dtype === undefined) checkTruths(values);
  const { elements, shape, dtype } = ArrayBuffer.isView(values) ? fromTyped(values) : fromNested(values);
  const type = checkDType(options.dtype ?? dtype, "tensor");
  const full = options.shape ?? shape;
  checkShape(full, "tensor");
  if (sizeOf(full) !== elements.length) {
    throw new ShapeError(
      `tensor: ${elements.length} elements don't fill ${shapeText(full)}, which has ${sizeOf(full)}; change the shape or the elements`,
    );
  }
  return fromArray(new NDArray(type, [...full], converted(elements, type)));
}

interface Elements {
  readonly elements: ArrayLike<number>;
  readonly shape: Shape;
  readonly dtype: DType;
}

// Bytes are more often pixels than truth values, and as truth values nearly all pixels would become true.
function checkTruths(values: unknown): void {
  const isBytes = ArrayBuffer.isView(values) && dtypeOf(values) === "bool";
  const other = isBytes ? (values as Uint8Array).find((value) => value > 1) : undefined;
  if (other === undefined) return;
  throw new DTypeError(
    `tensor: a Uint8Array is read as truth values, 0 or 1, and this one holds ${other}; say what it is, e.g. { dtype: "float32" }`,
  );
}

function fromTyped(values: TypedArray): Elements {
  const dtype = dtypeOf(values);
  if (dtype === null) {
    throw new DTypeError(
      `tensor: ${values.constructor.name} holds no element type of tensors; use Float32Array, Float64Array, Int32Array or Uint8Array (bool), or Array.from(…)`,
    );
  }
  return { elements: values, shape: [values.length], dtype };
}

function fromNested(values: Nested): Elements {
  const shape: number[] = [];
  for (let level: Nested = values; Array.isArray(level); level = level[0] as Nested) {
    shape.push(level.length);
    if (level.length === 0) break;
  }
  const elements: number[] = [];
  let truths = 0;
  const fill = (value: Nested, axis: number): void => {
    if (Array.isArray(value)) {
      if (value.length !== shape[axis]) {
        throw new ShapeError(
          shape[axis] === undefined
            ? `tensor: a row of length ${value.length} at axis ${axis}, where the first element is a single value; nest all elements equally deep`
            : `tensor: rows of length ${shape[axis]} and ${value.length} at axis ${axis}; all rows of an axis must be equally long: pad the shorter ones`,
        );
      }
      for (const part of value as readonly Nested[]) fill(part, axis + 1);
      return;
    }
    if (axis !== shape.length)
      throw new ShapeError(
        `tensor: a single value where axis ${axis} has rows of length ${shape[axis]}; nest all elements equally deep`,
      );
    // As in a tensor's JSON.
    const special = specialNumber(value);
    if (special !== undefined) {
      elements.push(special);
      return;
    }
    if (typeof value === "boolean") truths++;
    else if (typeof value !== "number")
      throw new DTypeError(
        `tensor: ${kindOf(value)} is no element; use numbers or booleans${(value as unknown) instanceof Tensor ? ", and stack(…) to join tensors" : ""}`,
      );
    elements.push(Number(value));
  };
  fill(values, 0);
  return { elements, shape, dtype: truths > 0 && truths === elements.length ? "bool" : "float32" };
}

function converted(elements: ArrayLike<number>, dtype: DType): TypedArray {
  const buffer = allocate(dtype, elements.length);
  // One by one takes ten times as long. Bytes are looked at, since any other than 0 is true.
  const isSame = ArrayBuffer.isView(elements) && dtypeOf(elements) === dtype && dtype !== "bool";
  if (isSame) buffer.set(elements);
  else for (let i = 0; i < elements.length; i++) buffer[i] = elementOf(elements[i]!, dtype, "tensor");
  return buffer;
}

/**
 * A tensor of the given shape with one number everywhere, stored once. Throws ShapeError where the shape is none, and
 * DTypeError where the type can't hold the number. NumPy's `full`.
 */
export function full<const S extends Shape>(
  shape: S,
  value: number,
  options: TypeOption = {},
): Tensor<Literal<S>> {
  return filled("full", shape, value, options);
}

function filled<const S extends Shape>(
  operation: string,
  shape: S,
  value: number,
  options: TypeOption,
): Tensor<Literal<S>> {
  checkShape(shape, operation);
  checkOptions(operation, options, typeOption);
  const dtype = checkDType(options.dtype ?? "float32", operation);
  return constantTensor(elementOf(value, dtype, operation), dtype, [...shape] as Shape as S);
}

/**
 * A tensor of the given shape with 0 everywhere, stored once. Throws ShapeError where the shape is none. NumPy's
 * `zeros`.
 */
export function zeros<const S extends Shape>(shape: S, options: TypeOption = {}): Tensor<Literal<S>> {
  return filled("zeros", shape, 0, options);
}

/**
 * A tensor of the given shape with 1 everywhere, stored once. Throws ShapeError where the shape is none. NumPy's
 * `ones`.
 */
export function ones<const S extends Shape>(shape: S, options: TypeOption = {}): Tensor<Literal<S>> {
  return filled("ones", shape, 1, options);
}

/**
 * The identity matrix: [rows, rows], or [rows, columns] where the number of columns is given. Throws RangeError for a
 * number that is not whole or below 0. NumPy's `eye`.
 */
export function eye<const N extends number, const M extends number = N>(
  rows: N,
  options: TypeOption & { readonly columns?: M } = {},
): Tensor<[N, M]> {
  checkOptions("eye", options, ["columns", "dtype"]);
  const columns = options.columns ?? rows;
  checkCount("eye", "rows", rows);
  checkCount("eye", "columns", columns);
  const array = NDArray.zeros(checkDType(options.dtype ?? "float32", "eye"), [rows, columns]);
  for (let i = 0; i < Math.min(rows, columns); i++) array.buffer[i * columns + i] = 1;
  return fromArray(array);
}

/**
 * Numbers from `start` up to but not including `stop`, `step` apart: [n]. With one argument from 0. Throws RangeError
 * for a step of 0 or an end that is not finite, and TypeError for what is no number. NumPy's `arange`.
 */
export function arange(start: number, stop?: number, step = 1, options: TypeOption = {}): Tensor<[number]> {
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  checkOptions("arange", options, typeOption);
  const odd = [from, to, step].find((value) => typeof value !== "number");
  if (odd !== undefined)
    throw new TypeError(
      `arange: got ${kindOf(odd)} where a number belongs; give start, stop, step, then options: arange(0, 3, 1, { dtype: "int32" })`,
    );
  if (step === 0 || ![from, to, step].every(Number.isFinite))
    throw new RangeError(
      `arange: from ${from} to ${to} by ${step} never arrives; all must be finite and the step not 0`,
    );
  const dtype = checkDType(options.dtype ?? "float32", "arange");
  const at = (i: number) => finite(from + i * step) ?? 2 * (from / 2 + i * (step / 2));
  const isInside = (i: number) => {
    const [element, end] = dtype === "float32" ? [Math.fround(at(i)), Math.fround(to)] : [at(i), to];
    return step > 0 ? element < end : element > end;
  };
  const steps = finite((to - from) / step) ?? to / step - from / step;
  // A tenth is no float: a count that differs from a whole number only by the rounding of ends and step is meant to be whole.
  // Each end is rounded once, and so are the step, the difference and the quotient, which all change the count by its size.
  const nearest = Math.round(steps);
  const rounding = 2 ** -53 * (Math.abs(to / step) + Math.abs(from / step) + 3 * Math.abs(steps));
  let n = Math.max(0, Math.abs(steps - nearest) <= rounding ? nearest : Math.ceil(steps));
  // Elements that are rounded to stop, or beyond it.
  while (n > 0 && !isInside(n - 1)) n--;
  return tensor(
    Array.from({ length: n }, (_, i) => at(i)),
    { dtype, shape: [n] },
  );
}

/** The value if it is a finite number, else null. */
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

function checkCount(operation: string, what: string, n: number): void {
  if (Number.isInteger(n) && n >= 0) return;
  throw new RangeError(`${operation}: ${what} is ${n}; give a whole number, 0 or more`);
}

/**
 * n numbers evenly spaced from start to stop, both included: [n]. Throws RangeError where an end is not finite, and for
 * an n that is not whole or below 0. NumPy's `linspace`.
 */
export function linspace<const N extends number>(
  start: number,
  stop: number,
  n: N,
  options: TypeOption = {},
): Tensor<[N]> {
  checkCount("linspace", "n", n);
  checkOptions("linspace", options, typeOption);
  if (!Number.isFinite(start) || !Number.isFinite(stop))
    throw new RangeError(`linspace: from ${start} to ${stop} has no even steps; both must be finite numbers`);
  // The second form, in which nothing is larger than start and stop, is for a span that overflows.
  const between = (i: number) =>
    finite(start + ((stop - start) * i) / (n - 1)) ?? start * ((n - 1 - i) / (n - 1)) + stop * (i / (n - 1));
  const at = (i: number) => (i === 0 ? start : i === n - 1 ? stop : between(i));
  const values = Array.from({ length: n }, (_, i) => at(i));
  return tensor(values, { dtype: options.dtype ?? "float32", shape: [n] });
}

/**
 * Rows with a 1 at each index and 0 elsewhere: int32 [...] → [..., classes]. Throws RangeError for an index outside; a
 * compiled program throws it before any variable changes.
 */
export function oneHot<S extends Shape, const N extends number>(
  indices: Tensor<S>,
  classes: N,
  options: TypeOption = {},
): Tensor<[...S, N]> {
  checkTensor("oneHot", indices);
  checkCount("oneHot", "classes", classes);
  checkOptions("oneHot", options, typeOption);
  const dtype = checkDType(options.dtype ?? "float32", "oneHot");
  return asTensor(apply(oneHotRows, [indices.expandDims(-1)], { classes, dtype }));
}

const mixed = (operation: string, a: Tensor, b: Tensor) =>
  new DTypeError(`${operation}: ${a.dtype} and ${b.dtype} don't mix; cast one, e.g. b.cast("${a.dtype}")`);

/**
 * Tensors one after another along an axis (0 by default); all other sizes must agree. For axis 0: [n, ...], [m, ...] →
 * [n + m, ...]. Throws ShapeError for no tensors, or where sizes or ranks don't agree, and DTypeError for several
 * types. NumPy's `concatenate`.
 */
export function concat<
  const T extends readonly Tensor[],
  const Axis extends number = 0,
  R extends Joined<T, Axis> = Joined<T, Axis>,
>(tensors: T & Agreeing<T, Axis>, options: { readonly axis?: Axis } = {}): Tensor<R> {
  const first = firstOf("concat", tensors, options);
  return joined(tensors, normalizeAxis(options.axis ?? 0, first.rank, "concat"));
}

const joined = <S extends Shape>(tensors: readonly Tensor[], axis: number): Tensor<S> =>
  asTensor(apply(concatPrimitive, tensors, { axis }));

function firstOf(operation: string, tensors: readonly Tensor[], options: unknown): Tensor {
  if (!Array.isArray(tensors))
    throw new TypeError(
      `${operation}: got ${kindOf(tensors)} where an array of tensors belongs; write ${operation}([a, b])`,
    );
  checkOptions(operation, options, ["axis"]);
  for (const each of tensors) checkTensor(operation, each);
  const first: Tensor | undefined = tensors[0];
  if (first === undefined) throw new ShapeError(`${operation}: got no tensors; give at least one`);
  return first;
}

/**
 * Tensors of one shape along a new axis (0 by default). For axis 0, n tensors of shape [...] → [n, ...]. Throws
 * ShapeError for no tensors or other shapes, and DTypeError for several types. NumPy's `stack`.
 */
export function stack<
  const T extends readonly Tensor[],
  const Axis extends number = 0,
  R extends Stacked<T, Axis> = Stacked<T, Axis>,
>(tensors: T & Agreeing<T, null>, options: { readonly axis?: Axis } = {}): Tensor<R> {
  const first = firstOf("stack", tensors, options);
  const other = tensors.find(({ dtype }) => dtype !== first.dtype);
  if (other !== undefined) throw mixed("stack", first, other);
  const odd = tensors.find((other) => !sameShape(other.shape, first.shape));
  if (odd !== undefined)
    throw new ShapeError(
      `stack: ${shapeText(first.shape)} and ${shapeText(odd.shape)}: all shapes must agree; to join different lengths, use concat`,
    );
  const axis = normalizeAxis(options.axis ?? 0, first.rank + 1, "stack");
  return joined(
    tensors.map((each) => each.expandDims(axis)),
    axis,
  );
}

/**
 * a where the condition (bool) holds, else b; all three broadcast. The branch not taken contributes exactly zero to
 * derivatives, even where it is NaN or infinite. Throws DTypeError unless the condition is bool, and where a and b have
 * different types; ShapeError where the shapes don't broadcast. NumPy's `where`.
 */
export function where<C extends Shape, A extends Shape = [], B extends Shape = []>(
  condition: Tensor<C>,
  a: number | (Tensor<A> & Broadcastable<C, A, "where">),
  b: number | (Tensor<B> & Broadcastable<C, B, "where">),
): Tensor<Broadcast<Broadcast<C, A>, B>> {
  if (!(condition instanceof Tensor))
    throw new TypeError(
      `where: got ${kindOf(condition)} where the condition belongs; give a bool tensor, e.g. x.greater(0)`,
    );
  if (condition.dtype !== "bool")
    throw new DTypeError(
      `where: the condition is ${condition.dtype} and must be bool; compare first, e.g. x.greater(0), or x.cast("bool")`,
    );
  const operands: readonly Tensor[] = [a, b].filter((each) => typeof each !== "number");
  for (const each of operands)
    checkTensor("where", each, "a tensor or a number belongs; wrap arrays: tensor(…)");
  const [first, second] = operands;
  if (second !== undefined && second.dtype !== first!.dtype) throw mixed("where", first!, second);
  broadcastShapes("where", ...[condition, ...operands].map((each) => each.shape));
  const chooser: Tensor = condition;
  return chooser.select(a, b);
}

/**
 * Tensors repeated along size-1 and missing axes until all have one shape. [3, 1], [4] → two of [3, 4]. Throws
 * ShapeError where the shapes don't broadcast. NumPy's `broadcast_arrays`.
 */
export function broadcastTogether(...tensors: readonly Tensor[]): Tensor[] {
  for (const each of tensors) checkTensor("broadcastTogether", each);
  const shape = broadcastShapes("broadcastTogether", ...tensors.map((each) => each.shape));
  return tensors.map((each) => each.broadcastTo(shape));
}
